//! Who contends, and how each is started.

use std::path::PathBuf;

/// A program with the same task as all others.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    pub(crate) program: PathBuf,
    /// Before those of the task.
    pub(crate) arguments: Vec<String>,
    /// Whether it survives lost replies. The floor does not: it has no error handling.
    pub(crate) is_careful: bool,
}

/// The word that makes this program a contender instead of the driver.
pub(crate) const CONTENDER: &str = "contender";

impl Contender {
    /// This very program, under one of the names in `main`.
    pub(crate) fn ours(name: &str) -> Self {
        let program = std::env::current_exe().expect("runs");
        Self { program, arguments: vec![CONTENDER.to_owned(), name.to_owned()], is_careful: name != "floor" }
    }

    /// A script and its first arguments, run by an interpreter.
    pub(crate) fn script(interpreter: &str, script: &str, arguments: &[&str]) -> Self {
        let arguments = [script].iter().chain(arguments).map(ToString::to_string).collect();
        Self { program: interpreter.into(), arguments, is_careful: true }
    }
}
