//! What a contender tells the driver on its standard output: one line for each event, whatever its language.

use std::fmt;
use std::io::Write;
use std::str::FromStr;

/// One event. The programs in Python and JavaScript print the same words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Line {
    /// It is set up and waits for a line on its standard input to begin: its name, with versions.
    Ready(String),
    /// It knows that a request has ended.
    Noticed {
        /// fal's request id.
        request_id: String,
        /// Microseconds since 1970, by the clock of this machine.
        at: i64,
    },
    /// It has the whole video of a generation.
    Video {
        /// From 0 on.
        generation: usize,
        /// The length of the file.
        bytes: u64,
    },
    /// It gave a generation up, and says why.
    Failed { generation: usize, why: String },
    /// It has nothing left to do, and waits for the end of its standard input.
    Done,
}

impl Line {
    /// Prints it at once: one write, so that the driver has it even if this program is killed.
    pub(crate) fn tell(&self) {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{self}").and_then(|()| out.flush()).expect("the driver listens");
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(name) => write!(f, "ready {name}"),
            Self::Noticed { request_id, at } => write!(f, "noticed {request_id} {at}"),
            Self::Video { generation, bytes } => write!(f, "video {generation} {bytes}"),
            Self::Failed { generation, why } => write!(f, "failed {generation} {}", why.replace('\n', " ")),
            Self::Done => f.write_str("done"),
        }
    }
}

impl FromStr for Line {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let (first, second) = rest.split_once(' ').unwrap_or((rest, ""));
        let read = match word {
            "ready" => Some(Self::Ready(rest.to_owned())),
            "noticed" => second.parse().ok().map(|at| Self::Noticed { request_id: first.to_owned(), at }),
            "video" => {
                first.parse().ok().zip(second.parse().ok()).map(|(generation, bytes)| Self::Video { generation, bytes })
            }
            "failed" => first.parse().ok().map(|generation| Self::Failed { generation, why: second.to_owned() }),
            "done" => Some(Self::Done),
            _ => None,
        };
        read.ok_or_else(|| format!("a contender said what is no event: {line}"))
    }
}
