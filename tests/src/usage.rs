//! What Linux knows of a process and of the connections to a port. Elsewhere everything is 0.

use std::fs;
use std::time::Duration;

/// How much of the machine a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Time on the processors, in the program and in the system for it; in steps of 10 ms.
    pub cpu: Duration,
    /// Memory that it holds now, in bytes.
    pub memory: u64,
    /// The most memory that it has ever held, in bytes.
    pub peak_memory: u64,
}

impl Usage {
    /// Of a process that is alive.
    pub fn of(process: u32) -> Self {
        let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
        let status = read("status");
        Self {
            cpu: cpu(&read("stat")).unwrap_or_default(),
            memory: bytes(&status, "VmRSS"),
            peak_memory: bytes(&status, "VmHWM"),
        }
    }
}

/// `utime` and `stime`, fields 14 and 15 of `/proc/<pid>/stat`, in hundredths of a second on every Linux.
fn cpu(stat: &str) -> Option<Duration> {
    // The name in parentheses, field 2, may have spaces.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    Some(Duration::from_millis(10 * (ticks()? + ticks()?)))
}

/// A line such as `VmHWM:    1234 kB`.
fn bytes(status: &str, name: &str) -> u64 {
    let value = |line: &str| line.strip_prefix(name)?.trim_matches(|c: char| !c.is_ascii_digit()).parse::<u64>().ok();
    status.lines().find_map(value).unwrap_or_default() * 1024
}

/// How many connections to a port of this machine are open now, counted on the side of those who opened them.
pub fn connections_to(port: u16) -> usize {
    let table = fs::read_to_string("/proc/net/tcp").unwrap_or_default();
    // Own address, other address, state; port and state in hexadecimal, state 1: established.
    let (other, established) = (format!(":{port:04X}"), "01");
    let is_open = |line: &&str| {
        let mut fields = line.split_whitespace().skip(2);
        fields.next().is_some_and(|address| address.ends_with(&other)) && fields.next() == Some(established)
    };
    table.lines().filter(is_open).count()
}
