//! All that can be typed: the emulator itself, or one of its subcommands.

use std::error::Error;

use crate::program::{self, Arguments};
use crate::record::program::Command;

/// The emulator, a recorder, or a replay.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    arguments: Arguments,
}

impl CommandLine {
    /// Runs until Ctrl-C or, on Unix, SIGTERM.
    ///
    /// # Errors
    ///
    /// Where it cannot start or say so, or an exchange could not be recorded.
    pub async fn run(self) -> Result<(), Box<dyn Error>> {
        match self.command {
            Some(command) => command.run().await,
            None => Ok(program::run(self.arguments).await?),
        }
    }
}
