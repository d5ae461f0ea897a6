//! `videogen config`: what is set, where it comes from, and whether it can be used.

use std::path::Path;
use std::process::ExitCode;

use videogen::{Config, ConfigError};

use super::sources;
use crate::args::ConfigCommand;
use crate::exit_code::MISTAKES;
use crate::render::{human, settings};

pub(crate) fn run(command: &ConfigCommand, file: Option<&Path>) -> ExitCode {
    match command {
        ConfigCommand::Example => {
            settings::example();
            ExitCode::SUCCESS
        }
        ConfigCommand::Show { json } => {
            usable(file, |config| if *json { settings::show_json(config) } else { settings::show(config) })
        }
        ConfigCommand::Check => usable(file, |_| settings::usable()),
    }
}

fn usable(file: Option<&Path>, then: impl FnOnce(&Config)) -> ExitCode {
    match Config::load(&sources(file)) {
        Ok(config) => {
            then(&config);
            ExitCode::SUCCESS
        }
        Err(error) => {
            tell(&error);
            ExitCode::from(MISTAKES)
        }
    }
}

fn tell(error: &ConfigError) {
    human::note("The configuration cannot be used:");
    for problem in error.iter() {
        human::note(&format!("- {problem}"));
    }
}
