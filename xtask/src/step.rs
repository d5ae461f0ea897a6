//! One named step of a longer run: a cargo command, or a check of our own.

use std::process::Command;

use crate::workspace::root;

/// A step of `cargo xtask ci`.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) action: Action,
}

/// What a step does.
pub(crate) enum Action {
    /// Runs cargo at the root of the workspace; its output goes straight to the terminal.
    Cargo {
        arguments: &'static [&'static str],
        /// Environment variables to set, as name and value.
        environment: &'static [(&'static str, &'static str)],
    },
    /// Calls a check of this program.
    Check(fn() -> Result<(), String>),
}

impl Step {
    /// A step that runs cargo with `arguments` in an unchanged environment.
    pub(crate) const fn cargo(name: &'static str, arguments: &'static [&'static str]) -> Self {
        Self { name, action: Action::Cargo { arguments, environment: &[] } }
    }

    /// Runs the step to its end.
    pub(crate) fn run(&self) -> Result<(), String> {
        match &self.action {
            Action::Cargo { arguments, environment } => cargo(arguments, environment),
            Action::Check(check) => check(),
        }
    }
}

/// Runs cargo at the root of the workspace and waits for it.
pub(crate) fn cargo(arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    let line = format!("cargo {}", arguments.join(" "));
    let status = Command::new("cargo")
        .args(arguments)
        .envs(environment.iter().copied())
        .current_dir(root())
        .status()
        .map_err(|error| format!("`{line}` could not be started: {error}; is cargo on the PATH?"))?;
    if status.success() { Ok(()) } else { Err(format!("`{line}` failed ({status}); what it printed above says why.")) }
}
