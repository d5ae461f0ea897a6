//! The program `fal-emulator`.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use fal_emulator::program::{self, Arguments};
use fal_emulator::record::program::Command;

/// A local fal.ai: the queue, the CDN and a real video renderer, at no cost.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Program {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    arguments: Arguments,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Program::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "fal-emulator: {}", chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

async fn run(program: Program) -> Result<(), Box<dyn std::error::Error>> {
    match program.command {
        Some(command) => command.run().await,
        None => Ok(program::run(program.arguments).await?),
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
