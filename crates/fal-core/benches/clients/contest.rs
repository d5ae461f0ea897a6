//! One contender at its task: started as a process of its own, listened to, measured, and ended.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use videogen_tests::usage::{Usage, connections_to};

use crate::contender::Contender;
use crate::line::Line;
use crate::task::{KEY, Task};

/// How often the connections are counted.
const BETWEEN_COUNTS: Duration = Duration::from_millis(250);
/// For starting an interpreter, and for submitting what is to be subscribed to.
const SETTING_UP: Duration = Duration::from_secs(60);

/// What a contender said and used between the word to begin and the end.
#[derive(Debug)]
pub(crate) struct Contest {
    /// Its name and versions.
    pub(crate) name: String,
    /// In order, without [`Line::Ready`] and [`Line::Done`].
    pub(crate) lines: Vec<Line>,
    /// Whether it finished before the limit.
    pub(crate) is_done: bool,
    pub(crate) wall: Duration,
    /// When it was set up.
    pub(crate) before: Usage,
    /// When it had finished, or was stopped.
    pub(crate) after: Usage,
    /// The most connections to the emulator that were seen at once.
    pub(crate) connections: usize,
}

/// Gives a contender its task, and stops it at the limit.
pub(crate) async fn hold(contender: &Contender, task: &Task, limit: Duration) -> Contest {
    let mut process = Process::start(contender, task);
    let set_up = Instant::now() + SETTING_UP;
    let Some(Line::Ready(name)) = process.next(set_up).await else { panic!("{contender:?} was not set up in time") };
    let before = process.usage();
    process.give_the_word().await;
    let begun = Instant::now();
    let mut contest =
        Contest { name, lines: Vec::new(), is_done: false, wall: limit, before, after: before, connections: 0 };
    let port = task.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("has a port");
    tokio::select! {
        () = process.listen(&mut contest.lines, begun + limit) => {}
        () = count(port, &mut contest.connections) => {}
    }
    contest.is_done = contest.lines.pop_if(|last| *last == Line::Done).is_some();
    contest.wall = begun.elapsed();
    contest.after = process.usage();
    contest
}

/// Counts for as long as it is asked to.
async fn count(port: u16, most: &mut usize) {
    let mut ticks = interval(BETWEEN_COUNTS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        *most = (*most).max(connections_to(port));
    }
}

/// Killed when it is dropped.
struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// In an environment that leads every client to the emulator and nowhere else.
    fn start(contender: &Contender, task: &Task) -> Self {
        let mut child = Command::new(&contender.program)
            .args(&contender.arguments)
            .args(task.arguments())
            .env_clear()
            .env("FAL_KEY", KEY)
            .env("FAL_EMULATOR_URL", &task.url)
            .env("FAL_EMULATOR_WAY", "settings")
            .env("SSL_CERT_FILE", &task.authority)
            .env("NODE_EXTRA_CA_CERTS", &task.authority)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{contender:?} cannot be started: {error}"));
        let input = child.stdin.take().expect("is piped");
        let output = BufReader::new(child.stdout.take().expect("is piped")).lines();
        Self { child, input, output }
    }

    fn usage(&self) -> Usage {
        self.child.id().map(Usage::of).unwrap_or_default()
    }

    async fn give_the_word(&mut self) {
        self.input.write_all(b"go\n").await.expect("it listens");
    }

    /// The next event; `None` when it comes too late.
    async fn next(&mut self, deadline: Instant) -> Option<Line> {
        let line = timeout_at(deadline, self.output.next_line()).await.ok()?;
        let line = line.expect("is text").expect("it says when it is done; above, it may have said why it broke off");
        Some(line.parse().unwrap_or_else(|error| panic!("{error}")))
    }

    /// Takes down what it says, up to and with the last word.
    async fn listen(&mut self, lines: &mut Vec<Line>, deadline: Instant) {
        while let Some(line) = self.next(deadline).await {
            lines.push(line);
            if lines.last() == Some(&Line::Done) {
                return;
            }
        }
    }
}
