//! `cargo xtask bench …`: measures, and prints ratios within one run. Never a test: a figure depends on the machine.

mod document;

use std::{fs, path::Path, process::Command};

use crate::{
    command::{Failure, Outcome},
    official_clients, step,
    workspace::{root, target},
};

/// What can be measured.
pub(crate) const EMULATOR: &str = "emulator";
/// What can be measured, too.
pub(crate) const CLIENT: &str = "client";
/// Runs the clients at a small scale, and leaves the documentation as it is.
pub(crate) const SMALL: &str = "--small";

/// Runs each named benchmark; without a name, all of them.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let is_meant = |name: &str| has(name) || !(has(EMULATOR) || has(CLIENT));
    if is_meant(EMULATOR) {
        emulator().map_err(Failure::Check)?;
    }
    if is_meant(CLIENT) {
        client(has(SMALL)).map_err(Failure::Check)?;
    }
    Ok(())
}

fn emulator() -> Result<(), String> {
    step::cargo(&["bench", "--package", "fal-emulator", "--all-features", "--bench", "load"], &[])
}

/// The official clients and ours beside each other; the figures go into `docs/benchmarks.md`.
fn client(is_small: bool) -> Result<(), String> {
    let [python, javascript] = official_clients::installed()?;
    let made = target()?.join("bench-client");
    let python = [text(&python.program), text(&python.cases.join("contend.py"))];
    let javascript = [whole_path(&javascript.program)?, text(&javascript.cases.join("contend.mjs"))];
    let mut arguments = vec!["bench", "--package", "fal-core", "--all-features", "--bench", "clients", "--"];
    arguments.extend(["--python", &python[0], &python[1], "--javascript", &javascript[0], &javascript[1]]);
    let folder = text(&made);
    arguments.extend(["--into", &folder]);
    arguments.extend(is_small.then_some(SMALL));
    step::cargo(&arguments, &[])?;
    if is_small { Ok(()) } else { publish(&made) }
}

/// Puts tables and plot into the documentation.
fn publish(made: &Path) -> Result<(), String> {
    let docs = root().join("docs");
    let failed = |error| format!("The figures could not be put into the documentation: {error}.");
    fs::create_dir_all(docs.join("benchmarks")).map_err(failed)?;
    fs::copy(made.join("clients.svg"), docs.join("benchmarks/clients.svg")).map_err(failed)?;
    let tables = fs::read_to_string(made.join("clients.md")).map_err(failed)?;
    let page = docs.join("benchmarks.md");
    let plot = "![CPU per video and the time to notice an end, as bars](benchmarks/clients.svg)";
    let old = fs::read_to_string(&page).map_err(failed)?;
    let new = document::with_figures(&old, CLIENT, &format!("{plot}\n\n{tables}"))?;
    fs::write(&page, new).map_err(failed)
}

/// Where Node.js is: the contenders have no `PATH`, nor anything else of the caller's environment.
fn whole_path(node: &Path) -> Result<String, String> {
    let asked = Command::new(node).args(["-p", "process.execPath"]).output();
    let path = asked.map_err(|error| format!("Node.js does not say where it is: {error}."))?.stdout;
    Ok(String::from_utf8_lossy(&path).trim().to_owned())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
