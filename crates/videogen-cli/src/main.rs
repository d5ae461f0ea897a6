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
use crate::outcome::Outcome;

fn main() -> ExitCode {
    let args = Args::parse();
    // Logs are for looking into a fault: errors alone unless somebody asks for more, and never on standard output.
    let environment = Environment::of_process();
    let observability = match Observability::new("videogen", &environment) {
        Ok(observability) => observability,
        Err(error) => {
            render::human::print(&Outcome::NotSetUp(error));
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
    let config = args.config.as_deref();
    let end = match args.command {
        Command::Emulator(arguments) => End::Told(runtime.block_on(command::emulator::run(arguments))),
        Command::Project(which) => End::Told(runtime.block_on(command::project::run(which, config))),
        Command::Assets(which) => End::Told(runtime.block_on(command::assets::run(which, config))),
        Command::Tasks(which) => End::Told(runtime.block_on(command::tasks::run(&which, config))),
        Command::Watch(watch) => End::Told(runtime.block_on(command::watch::run(&watch, config))),
        Command::Config(which) => End::Told(command::config::run(&which, config)),
        Command::Generate(generate) => {
            let made = command::generate::run(&generate, config, &observability);
            End::Untold { outcomes: vec![runtime.block_on(made)], json: generate.common.json }
        }
        Command::Resume(resume) => {
            let picked_up = command::resume::run(&resume, config, &observability);
            End::Untold { outcomes: vec![runtime.block_on(picked_up)], json: resume.common.json }
        }
        Command::Chain(chain) => {
            let made = command::chain::run(&chain, config, &observability);
            End::Untold { outcomes: runtime.block_on(made), json: chain.common.json }
        }
        Command::Batch(batch) => {
            let made = command::batch::run(&batch, config, &observability);
            End::Untold { outcomes: runtime.block_on(made), json: batch.json }
        }
        Command::Recover { json } => {
            End::Untold { outcomes: runtime.block_on(command::recover::run(config, &observability)), json }
        }
        Command::Cancel { task, json } => {
            let cancelled = command::cancel::run(&task, config, &observability);
            End::Untold { outcomes: vec![runtime.block_on(cancelled)], json }
        }
        Command::Discard { task, json } => {
            let discarded = command::recover::discard(&task, config, &observability);
            End::Untold { outcomes: vec![runtime.block_on(discarded)], json }
        }
    };
    // Files that were being written are taken away first; after a second Ctrl-C nothing may hold up the end for long.
    runtime.shutdown_timeout(Duration::from_secs(2));
    observability.shutdown();
    match end {
        End::Told(code) => code,
        End::Untold { outcomes, json } => {
            for outcome in &outcomes {
                match json {
                    true => render::json::print(outcome),
                    false => render::human::print(outcome),
                }
            }
            exit_code::of_all(&outcomes)
        }
    }
}

/// How a command ended.
enum End {
    /// The user has been told of it.
    Told(ExitCode),
    /// What is left to be told.
    Untold { outcomes: Vec<Outcome>, json: bool },
}
