//! `cargo xtask`: finds the command that was named and runs it.
#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that speaks to a terminal")]

mod advisories;
mod bench;
mod ci;
mod command;
mod layers;
mod official_clients;
mod step;
mod test;
mod tidy;
mod torture;
mod workspace;

use std::process::ExitCode;

use command::Failure;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command::run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
        Err(Failure::Check(message)) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
