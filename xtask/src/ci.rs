//! `cargo xtask ci`: everything that a change has to pass, one step after the other.

use std::{
    process::{Command, Stdio},
    time::Duration,
};

use crate::{
    command::{Failure, Outcome},
    layers,
    step::{Action, Step},
    workspace::root,
};

/// Leaves out the steps that run tests, for a caller that has just run `cargo xtask test`.
pub(crate) const SKIP_TESTS: &str = "--skip-tests";

// All steps build with the same features and no extra flags, so that nothing is compiled twice.
const FORMAT: Step = Step::cargo("format", &["fmt", "--all", "--check"]);
const CLIPPY: Step =
    Step::cargo("clippy", &["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"]);
const LAYERS: Step = Step { name: "layers", action: Action::Check(layers::check) };
const TESTS: Step = Step::cargo("tests", &["test", "--workspace", "--all-features", "--tests"]);
const DOC_TESTS: Step = Step::cargo("doc tests", &["test", "--workspace", "--all-features", "--doc"]);
const DOCS: Step = Step {
    name: "docs",
    action: Action::Cargo {
        arguments: &["doc", "--workspace", "--no-deps", "--all-features"],
        environment: &[("RUSTDOCFLAGS", "-D warnings")],
    },
};
const DENY: Step = Step::cargo("cargo-deny", &["deny", "check", "bans", "licenses", "sources"]);

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Ending {
    Passed(Duration),
    Failed(Duration),
    NotRun,
}

/// Runs the steps up to the first that fails, and prints how long each took.
pub(crate) fn run(flags: &[String]) -> Outcome {
    // Asked first: nobody should learn after a quarter of an hour that a tool is missing.
    require_cargo_deny().map_err(Failure::Check)?;
    let steps = steps(flags.iter().any(|flag| flag == SKIP_TESTS));
    let mut failure = None;
    let mut endings = Vec::new();
    for step in &steps {
        let ending = if failure.is_some() { Ending::NotRun } else { time(step, &mut failure) };
        endings.push((step.name, ending));
    }
    println!("\n{}", table(&endings));
    failure.map_or(Ok(()), |message| Err(Failure::Check(message)))
}

/// One sentence on how to install cargo-deny, where it is missing.
pub(crate) fn require_cargo_deny() -> Result<(), String> {
    let asked = Command::new("cargo")
        .args(["deny", "--version"])
        .current_dir(root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if asked.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err("cargo-deny is missing: install it with `cargo install --locked cargo-deny@0.20.2`, then run this again."
        .into())
}

fn steps(skip_tests: bool) -> Vec<&'static Step> {
    if skip_tests {
        vec![&FORMAT, &CLIPPY, &LAYERS, &DOCS, &DENY]
    } else {
        vec![&FORMAT, &CLIPPY, &LAYERS, &TESTS, &DOC_TESTS, &DOCS, &DENY]
    }
}

#[expect(clippy::disallowed_methods, reason = "how long a step really takes; no test depends on it")]
fn time(step: &Step, failure: &mut Option<String>) -> Ending {
    println!("\n== {} ==", step.name);
    let started = std::time::Instant::now();
    let result = step.run();
    let elapsed = started.elapsed();
    match result {
        Ok(()) => Ending::Passed(elapsed),
        Err(message) => {
            *failure = Some(format!("ci stopped at {}: {message}", step.name));
            Ending::Failed(elapsed)
        }
    }
}

fn table(endings: &[(&str, Ending)]) -> String {
    let mut lines = vec![format!("{:<12} {:>8}", "step", "seconds")];
    for (name, ending) in endings {
        lines.push(match ending {
            Ending::Passed(elapsed) => format!("{name:<12} {:>8.1}", elapsed.as_secs_f64()),
            Ending::Failed(elapsed) => format!("{name:<12} {:>8.1}  failed", elapsed.as_secs_f64()),
            Ending::NotRun => format!("{name:<12} {:>8}", "not run"),
        });
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skipping_the_tests_leaves_every_other_step_in_its_order() {
        let names = |skip| steps(skip).iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(names(false), ["format", "clippy", "layers", "tests", "doc tests", "docs", "cargo-deny"]);
        assert_eq!(names(true), ["format", "clippy", "layers", "docs", "cargo-deny"]);
    }

    #[test]
    fn a_failing_step_is_timed_and_its_reason_names_the_step() {
        let mut failure = None;
        let step = Step { name: "layers", action: Action::Check(|| Err("upward".into())) };
        assert!(matches!(time(&step, &mut failure), Ending::Failed(_)));
        assert_eq!(failure.as_deref(), Some("ci stopped at layers: upward"));
    }

    #[test]
    fn the_table_tells_what_passed_failed_and_never_ran() {
        let endings = [
            ("format", Ending::Passed(Duration::from_millis(1500))),
            ("clippy", Ending::Failed(Duration::from_secs(61))),
            ("layers", Ending::NotRun),
        ];
        let expected =
            "step          seconds\nformat            1.5\nclippy           61.0  failed\nlayers        not run";
        assert_eq!(table(&endings), expected);
    }
}
