//! The program: it says where it listens, and what is wrong where it cannot start.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::client::{Caller, KLING};

/// A child that does not outlive the test, whatever happens in it.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// Starts the program on any free port, and reads the five lines it prints.
    pub(crate) fn start() -> (Self, Vec<String>) {
        let child = program().args(["--port", "0", "--fast"]).stdout(Stdio::piped()).spawn().expect("starts");
        let mut running = Self(child);
        let lines = BufReader::new(running.0.stdout.take().expect("is piped")).lines().take(5);
        (running, lines.collect::<Result<_, _>>().expect("are read"))
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_fal-emulator"))
}

#[tokio::test]
async fn it_prints_the_address_of_each_host_class_and_serves_there() {
    let (_running, lines) = Running::start();
    let names: Vec<&str> = lines.iter().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let expected = ["QUEUE", "RUN", "REST", "CDN", "PLATFORM"].map(|name| format!("export VIDEO_GEN_FAL_{name}_URL"));
    assert_eq!(names, expected);
    let queue = lines[0].split_once('=').expect("has one").1;
    assert_eq!(Caller::new().post(&format!("{queue}/{KLING}"), &json!({})).await.status(), 200);
}

#[tokio::test]
async fn it_takes_faults_from_a_file_and_their_seed_from_the_line() {
    let mut script = tempfile::NamedTempFile::new().expect("is made");
    script.write_all(b"seed = 1\n[[fault]]\nname = \"exhausted-balance\"\n").expect("is written");
    let mut command = program();
    command.args(["--port", "0", "--fast", "--seed", "7", "--faults"]).arg(script.path());
    let mut child = Running(command.stdout(Stdio::piped()).spawn().expect("starts"));
    let mut line = String::new();
    BufReader::new(child.0.stdout.take().expect("is piped")).read_line(&mut line).expect("is read");
    let queue = line.trim_end().split_once('=').expect("has one").1;
    assert_eq!(Caller::new().post(&format!("{queue}/{KLING}"), &json!({})).await.status(), 403);
    let admin = format!("{}/emulator/faults", queue.trim_end_matches("/queue"));
    let shown: Value = Caller::new().get(&admin).await.json().await.expect("is JSON");
    assert_eq!((&shown["seed"], &shown["hits"]), (&json!(7), &json!({ "exhausted-balance": 1 })));
}

#[test]
fn it_says_what_is_wrong_and_fails() {
    let output = program().args(["--api-key", "no-colon"]).output().expect("runs");
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("key_id:key_secret"));
}

#[cfg(unix)]
#[tokio::test]
async fn it_serves_on_after_it_ran_out_of_file_descriptors() {
    let mut command = Command::new("sh");
    let shell = format!("ulimit -n 48; exec {} --port 0 --fast", env!("CARGO_BIN_EXE_fal-emulator"));
    let mut child = Running(command.args(["-c", &shell]).stdout(Stdio::piped()).spawn().expect("starts"));
    let first = BufReader::new(child.0.stdout.take().expect("is piped")).lines().next().expect("is printed");
    let queue = first.expect("is read").split_once('=').expect("has one").1.to_owned();
    let address = queue.trim_start_matches("http://").trim_end_matches("/queue");
    // The system takes them all in; the program cannot accept the last ones until others have gone.
    let too_many: Vec<_> = (0..100).map(|_| std::net::TcpStream::connect(address).expect("connects")).collect();
    drop(too_many);
    assert_eq!(Caller::new().post(&format!("{queue}/{KLING}"), &json!({})).await.status(), 200);
}

#[test]
fn it_says_how_to_run_an_unchanged_client() {
    let mut child = Running(program().args(["--port", "0", "--https"]).stdout(Stdio::piped()).spawn().expect("starts"));
    let lines = BufReader::new(child.0.stdout.take().expect("is piped")).lines().skip(5).take(6);
    let lines: Vec<String> = lines.collect::<Result<_, _>>().expect("are read");
    let (name, ca) = lines[0].split_once('=').expect("is a variable");
    assert_eq!(name, "export SSL_CERT_FILE");
    assert!(std::path::Path::new(ca.trim_matches('\'')).is_file());
    assert_eq!(lines[1], format!("export NODE_EXTRA_CA_CERTS={ca}"));
    assert!(lines[3].starts_with("# HTTPS_PROXY=http://127.0.0.1:") && lines[3].contains(ca), "{}", lines[3]);
    assert!(lines[5].contains(" live: http://127.0.0.1:"), "{}", lines[5]);
}

#[cfg(unix)]
#[test]
fn it_ends_in_order_when_it_is_asked_to() {
    let folder = tempfile::tempdir().expect("is made");
    let folder = folder.path().to_str().expect("is text");
    for (signal, arguments) in [("-TERM", vec![]), ("-INT", vec![]), ("-TERM", vec!["record", "--folder", folder])] {
        let mut command = program();
        command.args(&arguments).args(["--port", "0"]);
        let mut child = Running(command.stdout(Stdio::piped()).spawn().expect("starts"));
        let first = BufReader::new(child.0.stdout.take().expect("is piped")).lines().next().expect("is printed");
        assert!(first.is_ok());
        let killed = Command::new("kill").args([signal, &child.0.id().to_string()]).status().expect("runs");
        assert!(killed.success());
        assert!(child.0.wait().expect("ends").success(), "{signal} {arguments:?}");
    }
}
