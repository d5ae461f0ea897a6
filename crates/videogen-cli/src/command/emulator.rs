//! `videogen emulator`: a local fal, until Ctrl-C; or fal itself recorded, or a recording replayed.

use std::process::ExitCode;

use videogen::emulator::program::CommandLine;
use videogen::error_chain;

use crate::{exit_code, render};

pub(crate) async fn run(line: CommandLine) -> ExitCode {
    match line.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            render::human::note(&format!("The emulator could not run: {}.", error_chain(error.as_ref())));
            ExitCode::from(exit_code::MISTAKES)
        }
    }
}
