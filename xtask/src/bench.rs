//! `cargo xtask bench …`: measures, and prints ratios within one run. Never a test: a figure depends on the machine.

pub(crate) mod document;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    command::{Failure, Outcome},
    official_clients, step,
    workspace::{root, target},
};

/// What can be measured.
pub(crate) const EMULATOR: &str = "emulator";
/// What can be measured, too.
pub(crate) const CLIENT: &str = "client";
/// What can be measured, as well.
pub(crate) const UPLOAD: &str = "upload";
/// What can be measured, at last.
pub(crate) const DOMAIN: &str = "domain";
/// And what can be measured besides.
pub(crate) const QUEUE: &str = "queue";
/// Runs the clients at a small scale, and leaves the documentation as it is.
pub(crate) const SMALL: &str = "--small";

/// Runs each named benchmark; without a name, all of them.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let has = |wanted: &str| arguments.iter().any(|argument| argument == wanted);
    let is_meant = |name: &str| has(name) || ![EMULATOR, CLIENT, UPLOAD, DOMAIN, QUEUE].into_iter().any(has);
    if is_meant(EMULATOR) {
        emulator().map_err(Failure::Check)?;
    }
    if is_meant(CLIENT) {
        client(has(SMALL)).map_err(Failure::Check)?;
    }
    if is_meant(UPLOAD) {
        upload().map_err(Failure::Check)?;
    }
    if is_meant(DOMAIN) {
        domain().map_err(Failure::Check)?;
    }
    if is_meant(QUEUE) {
        queue().map_err(Failure::Check)?;
    }
    Ok(())
}

fn domain() -> Result<(), String> {
    step::cargo(&["bench", "--package", "videogen-domain", "--bench", "check"], &[])
}

/// Tasks in a file and in PostgreSQL; the figures go into `docs/benchmarks.md`.
fn queue() -> Result<(), String> {
    let made = target()?.join("bench-queue");
    let folder = text(&made);
    step::cargo(
        &["bench", "--package", "videogen-queue", "--all-features", "--bench", "store", "--", "--into", &folder],
        &[],
    )?;
    publish(QUEUE, "", &made.join("queue.md"))
}

fn emulator() -> Result<(), String> {
    step::cargo(&["bench", "--package", "fal-emulator", "--all-features", "--bench", "load"], &[])
}

/// The official clients and ours beside each other; the figures go into `docs/benchmarks.md`.
fn client(is_small: bool) -> Result<(), String> {
    let made = beside_official_clients("fal-core", "clients", "contend", is_small.then_some(SMALL))?;
    if is_small {
        return Ok(());
    }
    let plot = root().join("docs/benchmarks");
    fs::create_dir_all(&plot).map_err(unpublished)?;
    fs::copy(made.join("clients.svg"), plot.join("clients.svg")).map_err(unpublished)?;
    let shown = "![CPU per video and the time to notice an end, as bars](benchmarks/clients.svg)\n\n";
    publish(CLIENT, shown, &made.join("clients.md"))
}

/// Uploads, beside the official clients and OpenSSL; the figures go into `docs/benchmarks.md`.
fn upload() -> Result<(), String> {
    let made = beside_official_clients("fal-upload", "upload", "contend_upload", None)?;
    publish(UPLOAD, "", &made.join("upload.md"))
}

/// Runs a benchmark of ours with the official clients, and gives the folder with what it has written.
fn beside_official_clients(package: &str, bench: &str, script: &str, flag: Option<&str>) -> Result<PathBuf, String> {
    let [python, javascript] = official_clients::installed()?;
    let made = target()?.join(format!("bench-{bench}"));
    let python = [text(&python.program), text(&python.cases.join(format!("{script}.py")))];
    let javascript = [whole_path(&javascript.program)?, text(&javascript.cases.join(format!("{script}.mjs")))];
    let mut arguments = vec!["bench", "--package", package, "--all-features", "--bench", bench, "--"];
    arguments.extend(["--python", &python[0], &python[1], "--javascript", &javascript[0], &javascript[1]]);
    let folder = text(&made);
    arguments.extend(["--into", &folder]);
    arguments.extend(flag);
    step::cargo(&arguments, &[])?;
    Ok(made)
}

/// Puts tables into their place in the documentation.
fn publish(name: &str, before: &str, tables: &Path) -> Result<(), String> {
    let page = root().join("docs/benchmarks.md");
    let tables = fs::read_to_string(tables).map_err(unpublished)?;
    let old = fs::read_to_string(&page).map_err(unpublished)?;
    fs::write(&page, document::with_figures(&old, &format!("bench {name}"), &format!("{before}{tables}"))?)
        .map_err(unpublished)
}

fn unpublished(error: std::io::Error) -> String {
    format!("The figures could not be put into the documentation: {error}.")
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
