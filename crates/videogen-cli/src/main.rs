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
use videogen::{Environment, Observability};

use crate::args::{Args, Command};

fn main() -> ExitCode {
    let args = Args::parse();
    // Logs are for looking into a fault: errors alone unless somebody asks for more, and never on standard output.
    let environment = Environment::of_process();
    let observability = match Observability::new("videogen", &environment) {
        Ok(observability) => observability,
        Err(error) => {
            render::human::print(&outcome::Outcome::NotSetUp(error));
            return ExitCode::FAILURE;
        }
    };
    observability.install(&environment, args.log_format, &[]);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            render::human::note(&format!("The program cannot start: {error}."));
            return ExitCode::FAILURE;
        }
    };
    let (outcome, json) = match args.command {
        Command::Emulator(arguments) => return runtime.block_on(command::emulator::run(arguments)),
        Command::Project(which) => {
            return runtime.block_on(command::project::run(which, args.config.as_deref()));
        }
        Command::Assets(which) => {
            return runtime.block_on(command::assets::run(which, args.config.as_deref()));
        }
        Command::Config(which) => return command::config::run(&which, args.config.as_deref()),
        Command::Generate(generate) => {
            let made = command::generate::run(&generate, args.config.as_deref(), &observability);
            (runtime.block_on(made), generate.common.json)
        }
        Command::Resume(resume) => {
            let picked_up = command::resume::run(&resume, args.config.as_deref(), &observability);
            (runtime.block_on(picked_up), resume.common.json)
        }
    };
    // Files that were being written are taken away first; after a second Ctrl-C nothing may hold up the end for long.
    runtime.shutdown_timeout(Duration::from_secs(2));
    observability.shutdown();
    match json {
        true => render::json::print(&outcome),
        false => render::human::print(&outcome),
    }
    exit_code::of(&outcome)
}
