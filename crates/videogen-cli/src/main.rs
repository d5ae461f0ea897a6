//! The `videogen` program: parse, run, exit code.

mod args;
mod command;
mod exit_code;
mod interrupt;
mod outcome;
mod render;

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    // Logs are for looking into a fault: off unless RUST_LOG asks for them, and never on standard output.
    tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            render::human::note(&format!("The program cannot start: {error}."));
            return ExitCode::FAILURE;
        }
    };
    let (outcome, json) = match args.command {
        Command::Emulator(arguments) => return runtime.block_on(command::emulator::run(arguments)),
        Command::Config(which) => return command::config::run(&which, args.config.as_deref()),
        Command::Generate(generate) => {
            (runtime.block_on(command::generate::run(&generate, args.config.as_deref())), generate.common.json)
        }
        Command::Resume(resume) => {
            (runtime.block_on(command::resume::run(&resume, args.config.as_deref())), resume.common.json)
        }
    };
    // Files that were being written are taken away first; after a second Ctrl-C nothing may hold up the end for long.
    runtime.shutdown_timeout(Duration::from_secs(2));
    match json {
        true => render::json::print(&outcome),
        false => render::human::print(&outcome),
    }
    exit_code::of(&outcome)
}
