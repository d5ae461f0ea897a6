//! The program: it says where it listens, and what is wrong where it cannot start.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::client::{Caller, KLING};

/// A child that does not outlive the test, whatever happens in it.
pub(crate) struct Running(pub(crate) Child);

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
    let mut child = Running(program().args(["--port", "0", "--fast"]).stdout(Stdio::piped()).spawn().expect("starts"));
    let lines = BufReader::new(child.0.stdout.take().expect("is piped")).lines().take(5);
    let lines: Vec<String> = lines.collect::<Result<_, _>>().expect("are read");
    let names: Vec<&str> = lines.iter().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    let expected = ["QUEUE", "RUN", "REST", "CDN", "PLATFORM"].map(|name| format!("export VIDEO_GEN_FAL_{name}_URL"));
    assert_eq!(names, expected);
    let queue = lines[0].split_once('=').expect("has one").1;
    assert_eq!(Caller::new().post(&format!("{queue}/{KLING}"), &json!({})).await.status(), 200);
}

#[test]
fn it_says_what_is_wrong_and_fails() {
    let output = program().args(["--api-key", "no-colon"]).output().expect("runs");
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8_lossy(&output.stderr).contains("key_id:key_secret"));
}
