//! What a client's cases came to, and the table of all of them.

use super::Way;

/// How the last line of a suite begins.
const PREFIX: &str = "official client: ";

/// The end of one suite.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    /// The client with its version.
    pub(super) client: String,
    pub(super) way: Way,
    passed: u32,
    cases: u32,
    /// Whether the suite itself says that all is well.
    pub(super) succeeded: bool,
}

impl Verdict {
    /// Reads `official client: <name and version>: <number> of <number> cases`; `None` for any other line.
    pub(super) fn read(line: &str, way: Way) -> Option<Self> {
        let (client, counts) = line.strip_prefix(PREFIX)?.rsplit_once(": ")?;
        let (passed, cases) = counts.strip_suffix(" cases")?.split_once(" of ")?;
        let (passed, cases) = (passed.parse().ok()?, cases.parse().ok()?);
        Some(Self { client: client.to_owned(), way, passed, cases, succeeded: false })
    }

    /// Whether there were cases and every one held.
    pub(super) fn holds(&self) -> bool {
        self.succeeded && self.cases > 0 && self.passed == self.cases
    }
}

/// One line for each suite.
pub(super) fn table(verdicts: &[Verdict]) -> String {
    let mut lines = vec![format!("{:<24} {:<9} cases", "client", "by")];
    for verdict in verdicts {
        let Verdict { client, way, passed, cases, .. } = verdict;
        let failed = if verdict.holds() { "" } else { "  failed" };
        lines.push(format!("{client:<24} {:<9} {passed} of {cases}{failed}", way.name()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(line: &str, succeeded: bool) -> Verdict {
        let read = Verdict::read(line, Way::Proxy).expect("is a verdict");
        Verdict { succeeded, ..read }
    }

    #[test]
    fn only_the_last_line_of_a_suite_is_a_verdict() {
        let read = verdict("official client: @fal-ai/client 1.10.1: 48 of 49 cases", true);
        assert_eq!((read.client.as_str(), read.passed, read.cases), ("@fal-ai/client 1.10.1", 48, 49));
        for line in ["", "ok", "official client: x", "official client: x: many of 3 cases", "Ran 3 of 3 cases"] {
            assert_eq!(Verdict::read(line, Way::Proxy), None, "{line}");
        }
    }

    #[test]
    fn only_a_suite_without_a_failure_holds() {
        assert!(verdict("official client: x: 2 of 2 cases", true).holds());
        assert!(!verdict("official client: x: 1 of 2 cases", true).holds());
        assert!(!verdict("official client: x: 0 of 0 cases", true).holds());
        assert!(!verdict("official client: x: 2 of 2 cases", false).holds());
    }

    #[test]
    fn the_table_names_each_client_with_its_version_and_what_failed() {
        let good = verdict("official client: fal-client 1.0.3: 102 of 102 cases", true);
        let bad = verdict("official client: @fal-ai/client 1.10.1: 48 of 49 cases", false);
        let expected = "client                   by        cases\n\
                        fal-client 1.0.3         proxy     102 of 102\n\
                        @fal-ai/client 1.10.1    proxy     48 of 49  failed";
        assert_eq!(table(&[good, bad]), expected);
    }
}
