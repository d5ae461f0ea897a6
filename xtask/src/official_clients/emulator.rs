//! The emulator as a program of its own: built, started on a free port, and stopped with whoever started it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use super::folder;
use crate::{step, workspace};

/// The only key that it takes.
pub(super) const KEY: &str = "test-id:test-secret";

/// Builds the program, and says where it is.
pub(super) fn build() -> Result<PathBuf, String> {
    step::cargo(&["build", "-p", "fal-emulator"], &[])?;
    Ok(workspace::target()?.join("debug").join("fal-emulator"))
}

/// A running emulator, and where its certificate is. It is killed when this is dropped.
pub(super) struct Emulator {
    child: Child,
    /// Held open until the end, so that it can always be written to.
    output: BufReader<ChildStdout>,
    state: PathBuf,
    /// Such as `https://127.0.0.1:8811`.
    pub(super) url: String,
    /// The certificate of the authority that it is its own.
    pub(super) authority: String,
}

impl Emulator {
    /// Starts it on an empty folder for its state, and waits until it listens.
    pub(super) fn start(program: &Path, state: &Path) -> Result<Self, String> {
        folder::emptied(state)?;
        let mut child = Command::new(program)
            .args(["--port", "0", "--fast", "--https", "--api-key", KEY, "--state-dir"])
            .arg(state)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} could not be started: {error}.", program.display()))?;
        let output = child.stdout.take().map(BufReader::new).ok_or("The emulator has no output.")?;
        let (url, authority) = (String::new(), String::new());
        let mut emulator = Self { child, output, state: state.to_owned(), url, authority };
        emulator.listen()?;
        Ok(emulator)
    }

    /// Reads what it announces, which begins with one `export` for each line.
    fn listen(&mut self) -> Result<(), String> {
        let lines = (&mut self.output).lines().map_while(Result::ok);
        let exports = exports(lines);
        let named =
            |name: &str| exports.get(name).cloned().ok_or(format!("The emulator ended, or did not say {name}."));
        let queue = named("VIDEO_GEN_FAL_QUEUE_URL")?;
        self.url = queue.trim_end_matches("/queue").to_owned();
        self.authority = named("SSL_CERT_FILE")?;
        Ok(())
    }

    /// The address as a proxy, which is spoken to in plain HTTP.
    pub(super) fn proxy(&self) -> String {
        self.url.replacen("https://", "http://", 1)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.state);
    }
}

/// Names and values of the lines `export NAME=value`, up to the first line of another kind.
fn exports(lines: impl Iterator<Item = String>) -> BTreeMap<String, String> {
    let read = |line: String| {
        let (name, value) = line.strip_prefix("export ")?.split_once('=')?;
        Some((name.to_owned(), value.trim_matches('\'').replace(r"'\''", "'")))
    };
    lines.map_while(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_emulator_announces_is_read_as_a_shell_would() {
        let announced =
            "export A_URL=https://127.0.0.1:1/queue\nexport FILE='/o'\\''hara/my ca.pem'\n# export B=2\nexport C=3";
        let exports = exports(announced.lines().map(str::to_owned));
        let expected = [("A_URL", "https://127.0.0.1:1/queue"), ("FILE", "/o'hara/my ca.pem")];
        assert_eq!(exports, BTreeMap::from(expected.map(|(name, value)| (name.to_owned(), value.to_owned()))));
    }
}
