//! Which log lines are new.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::LogEntry;

/// Remembers lines by their hashes, so that a long log takes little memory, and how often each has come.
#[derive(Debug, Default)]
pub(super) struct LogLines {
    seen: HashMap<u64, usize>,
    hashes: RandomState,
}

impl LogLines {
    /// The new ones of lines that are the whole log. fal's own retries may have emptied it in the meantime, so places
    /// in the list mean nothing.
    pub(super) fn new_of_all(&mut self, lines: Vec<LogEntry>) -> Vec<LogEntry> {
        let mut now = HashMap::new();
        lines
            .into_iter()
            .filter(|line| {
                let hash = self.hashes.hash_one(line);
                let times = now.entry(hash).or_insert(0);
                *times += 1;
                let before = self.seen.entry(hash).or_insert(0);
                let is_new = *before < *times;
                *before = (*before).max(*times);
                is_new
            })
            .collect()
    }

    /// Takes note of lines that are all new.
    pub(super) fn add(&mut self, lines: &[LogEntry]) {
        for line in lines {
            *self.seen.entry(self.hashes.hash_one(line)).or_insert(0) += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &str) -> Vec<LogEntry> {
        lines.split_whitespace().map(LogEntry::new).collect()
    }

    #[test]
    fn of_a_whole_log_only_what_came_since_is_new() {
        let mut lines = LogLines::default();
        for (whole, new) in [
            ("a b", "a b"),
            ("a b", ""),
            ("a b c", "c"),
            // The same text again is another line.
            ("a b c a", "a"),
            ("a b c a", ""),
            // Begun anew by another runner.
            ("d", "d"),
            ("d a", ""),
            ("d a e", "e"),
            ("", ""),
        ] {
            assert_eq!(lines.new_of_all(log(whole)), log(new), "{whole}");
        }
    }

    #[test]
    fn lines_that_came_one_by_one_are_known_when_the_whole_log_comes() {
        let mut lines = LogLines::default();
        lines.add(&log("a"));
        lines.add(&log("b a"));
        assert_eq!(lines.new_of_all(log("a b a c")), log("c"));
    }
}
