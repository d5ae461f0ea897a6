//! Faults from a file.

use std::error::Error as _;
use std::io::Write;

use fal_emulator::{Emulator, Error, Fault, Pace};
use tempfile::NamedTempFile;

use super::{input, submit_url};
use crate::client::{Caller, fast};

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().expect("is made");
    file.write_all(text.as_bytes()).expect("is written");
    file
}

#[tokio::test]
async fn a_script_gives_the_seed_and_the_rules() {
    let script = file("seed = 7\n\n[[fault]]\nname = \"exhausted-balance\"\ntimes = 1\n");
    let builder = || Emulator::builder().pace(Pace::Fast).faults_script(script.path());
    let emulator = builder().start().await.expect("starts");
    assert_eq!(emulator.faults().seed(), 7);
    let rules = emulator.faults().rules();
    assert_eq!(rules.iter().map(|active| active.rule.fault()).collect::<Vec<_>>(), [&Fault::ExhaustedBalance]);
    let caller = Caller::new();
    assert_eq!(caller.post(&submit_url(&emulator), &input()).await.status(), 403);
    assert_eq!(caller.post(&submit_url(&emulator), &input()).await.status(), 200);
    emulator.ledger().assert_charges(1);
    assert_eq!(builder().seed(8).start().await.expect("starts").faults().seed(), 8, "what is asked in code counts");
    assert_eq!(fast().await.faults().seed(), 0);
}

#[tokio::test]
async fn a_script_with_a_mistake_keeps_the_emulator_from_starting() {
    let script = file("[[fault]]\nname = \"reply-lost\"\nprobabilty = 0.5\n");
    let error = Emulator::builder().faults_script(script.path()).start().await.expect_err("is wrong");
    let place = format!("the fault script {}:3 has a mistake", script.path().display());
    assert_eq!(error.to_string(), place);
    let cause = error.source().expect("has one").to_string();
    assert_eq!(cause, "unknown key `probabilty`; did you mean `probability`?");

    let missing = Emulator::builder().faults_script("/nowhere/faults.toml").start().await;
    assert!(matches!(missing, Err(Error::FaultScriptUnreadable { .. })));
}
