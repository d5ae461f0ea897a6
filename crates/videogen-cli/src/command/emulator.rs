//! `videogen emulator`: a local fal, until Ctrl-C.

use std::process::ExitCode;

use videogen::emulator::program::{self, Arguments};
use videogen::error_chain;

use crate::{exit_code, render};

pub(crate) async fn run(arguments: Arguments) -> ExitCode {
    match program::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            render::human::note(&format!("The emulator did not start: {}.", error_chain(&error)));
            ExitCode::from(exit_code::MISTAKES)
        }
    }
}
