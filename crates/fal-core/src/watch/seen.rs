//! What has been told of a request, so that only news follows.

use super::log_lines::LogLines;
use crate::{LogEntry, QueueStatus};

/// What has been told of a request.
#[derive(Debug, Default)]
pub(super) struct Seen {
    place: Option<Place>,
    lines: LogLines,
}

/// A state without its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Queue(Option<u64>),
    Runner,
    End,
}

/// What the log lines of a status are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lines {
    /// All so far.
    All,
    /// Those since the status before.
    New,
}

impl Seen {
    /// The status with its new log lines, if there is anything new in it.
    pub(super) fn news(&mut self, mut status: QueueStatus, lines: Lines) -> Option<QueueStatus> {
        let place = place(&status);
        let new_lines = logs(&mut status).is_some_and(|logs| {
            match lines {
                Lines::All => *logs = self.lines.new_of_all(std::mem::take(logs)),
                Lines::New => self.lines.add(logs),
            }
            !logs.is_empty()
        });
        let moved = self.place.replace(place) != Some(place);
        (moved || new_lines).then_some(status)
    }

    /// Where it was last.
    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }
}

fn place(status: &QueueStatus) -> Place {
    match status {
        QueueStatus::InQueue { position } => Place::Queue(*position),
        QueueStatus::InProgress { .. } => Place::Runner,
        QueueStatus::Completed { .. } => Place::End,
    }
}

fn logs(status: &mut QueueStatus) -> Option<&mut Vec<LogEntry>> {
    match status {
        QueueStatus::InQueue { .. } => None,
        QueueStatus::InProgress { logs } | QueueStatus::Completed { logs, .. } => Some(logs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn working(lines: &str) -> QueueStatus {
        QueueStatus::InProgress { logs: lines.split_whitespace().map(LogEntry::new).collect() }
    }

    fn queued(position: u64) -> QueueStatus {
        QueueStatus::InQueue { position: Some(position) }
    }

    #[test]
    fn only_what_has_changed_is_told() {
        let mut seen = Seen::default();
        for (status, news) in [
            (queued(3), Some(queued(3))),
            (queued(3), None),
            (queued(1), Some(queued(1))),
            (working(""), Some(working(""))),
            (working("a"), Some(working("a"))),
            (working("a"), None),
            (working("a b"), Some(working("b"))),
            // fal tries again by itself: back in the queue, with an empty log.
            (queued(0), Some(queued(0))),
            (working("c"), Some(working("c"))),
            (QueueStatus::completed(), Some(QueueStatus::completed())),
        ] {
            assert_eq!(seen.news(status, Lines::All), news);
        }
    }

    #[test]
    fn new_lines_pass_as_they_are() {
        let mut seen = Seen::default();
        assert_eq!(seen.news(working("a"), Lines::New), Some(working("a")));
        assert_eq!(seen.news(working("a"), Lines::New), Some(working("a")));
        assert_eq!(seen.news(working(""), Lines::New), None);
        assert_eq!(seen.news(working("a a b"), Lines::All), Some(working("b")));
    }
}
