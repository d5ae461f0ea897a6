//! One large file, sent by each contender from a process of its own to an emulator of its own.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use fal_emulator::{Emulator, Pace};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::time::Instant;
use videogen_tests::usage::Usage;

use crate::ours::KEY;

/// 200 MB, as in the task.
pub(crate) const LARGE: u64 = 200_000_000;
/// Times that each contender sends it; the median counts.
const ROUNDS: usize = 3;

/// Who sends.
#[derive(Debug, Clone)]
pub(crate) struct Contender {
    program: String,
    arguments: Vec<String>,
}

/// What it came to.
#[derive(Debug, Clone)]
pub(crate) struct Result {
    name: String,
    bytes: u64,
    wall: Duration,
    cpu: Duration,
    /// Bytes, from the start of the program on.
    peak_memory: u64,
    requests: usize,
    /// Whether what the emulator has is what was sent, in size.
    pub(crate) arrived: bool,
}

pub(crate) fn contenders(arguments: &[String]) -> Vec<Contender> {
    let own = std::env::current_exe().expect("runs").to_string_lossy().into_owned();
    let mut all = vec![Contender { program: own, arguments: vec![crate::PART.to_owned(), "upload".to_owned()] }];
    for flag in ["--python", "--javascript"] {
        let mut rest = arguments.iter().skip_while(|argument| *argument != flag).skip(1);
        if let (Some(program), Some(script)) = (rest.next(), rest.next()) {
            all.push(Contender { program: program.clone(), arguments: vec![script.clone()] });
        }
    }
    all
}

pub(crate) async fn run(bytes: u64, contenders: &[Contender]) -> Vec<Result> {
    let folder = tempfile::tempdir().expect("can be made");
    let file = folder.path().join("large.bin");
    write_noise(&file, bytes).expect("can be written");
    let mut all = Vec::new();
    for contender in contenders {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push(once(contender, &file, bytes).await);
        }
        rounds.sort_by_key(|result| result.wall);
        all.push(rounds.swap_remove(ROUNDS / 2));
    }
    all
}

async fn once(contender: &Contender, file: &Path, bytes: u64) -> Result {
    let builder = Emulator::builder().api_key(KEY).https(true).pace(Pace::Fast).rendering(false);
    let emulator = builder.start().await.expect("starts");
    let (url, authority) =
        (format!("https://{}", emulator.address()), emulator.ca_file().expect("speaks TLS").to_owned());
    let mut child = Command::new(&contender.program)
        .args(&contender.arguments)
        .arg(file)
        .arg(&url)
        .arg(&authority)
        .env_clear()
        .env("FAL_KEY", KEY)
        .env("FAL_EMULATOR_URL", &url)
        .env("FAL_EMULATOR_WAY", "settings")
        .env("SSL_CERT_FILE", &authority)
        .env("NODE_EXTRA_CA_CERTS", &authority)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("can be started");
    let mut output = BufReader::new(child.stdout.take().expect("is piped")).lines();
    let name = said(&mut output, "ready ").await;
    let id = child.id().expect("is alive");
    let (before, begun) = (Usage::of(id), Instant::now());
    child.stdin.as_mut().expect("is piped").write_all(b"go\n").await.expect("it listens");
    said(&mut output, "done ").await;
    let (wall, after) = (begun.elapsed(), Usage::of(id));
    Result {
        name,
        bytes,
        wall,
        cpu: after.cpu.saturating_sub(before.cpu),
        peak_memory: after.peak_memory,
        requests: emulator.requests().len(),
        arrived: emulator.files().iter().any(|stored| stored.size == bytes),
    }
}

/// The rest of the line that begins so.
async fn said(output: &mut Lines<BufReader<ChildStdout>>, beginning: &str) -> String {
    while let Some(line) = output.next_line().await.expect("is text") {
        if let Some(rest) = line.strip_prefix(beginning) {
            return rest.to_owned();
        }
    }
    panic!("it ended before it said {beginning:?}; above, it may have said why");
}

/// Bytes that nothing can compress.
fn write_noise(file: &Path, bytes: u64) -> std::io::Result<()> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    for _ in 0..bytes / 8 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.write_all(&state.to_le_bytes())?;
    }
    out.flush()
}

pub(crate) fn table(results: &[Result]) -> String {
    let mut table = format!(
        "### A file of {} MB\n\n\
         | client | wall, median of {ROUNDS} | MB/s | CPU | peak memory | requests |\n\
         | --- | ---: | ---: | ---: | ---: | ---: |\n",
        results.first().map_or(0, |result| result.bytes / 1_000_000),
    );
    for Result { name, bytes, wall, cpu, peak_memory, requests, arrived } in results {
        let name = if *arrived { name.clone() } else { format!("{name} (did not arrive whole)") };
        table += &format!(
            "| {name} | {:.2} s | {:.0} | {:.2} s | {:.0} MB | {requests} |\n",
            wall.as_secs_f64(),
            *bytes as f64 / 1e6 / wall.as_secs_f64(),
            cpu.as_secs_f64(),
            *peak_memory as f64 / 1e6,
        );
    }
    table
}
