//! How much the emulator bears: requests per second beside a bare HTTP server, whole generations, and thousands of open
//! status streams. `cargo bench --bench load -- streams` measures one of them alone.

mod client;
mod emulated;
mod floor;
mod generations;
mod memory;
mod rate;
mod requests;
mod streams;

use std::env::{args, current_exe};
use std::process::{Command, ExitCode};

/// Load and server share two cores.
const THREADS: usize = 2;
const SECTIONS: [&str; 4] = ["requests", "encrypted", "generations", "streams"];

fn main() -> ExitCode {
    // `cargo test` runs benchmarks too, and then wants to know only that they work.
    let scale = if args().any(|argument| argument == "--bench") { 1 } else { 100 };
    let asked: Vec<String> = args().skip(1).filter(|argument| SECTIONS.contains(&argument.as_str())).collect();
    match asked.as_slice() {
        [section] => {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
            runtime.expect("starts").block_on(run(section, scale));
            ExitCode::SUCCESS
        }
        [] if SECTIONS.iter().all(|section| succeeds_alone(section)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Each in a process of its own: memory that one has given back would hide what the next one takes.
fn succeeds_alone(section: &str) -> bool {
    let program = current_exe().expect("has a path");
    Command::new(program).args(args().skip(1)).arg(section).status().is_ok_and(|status| status.success())
}

async fn run(section: &str, scale: usize) {
    match section {
        "requests" => requests::measure(scale).await,
        "encrypted" => requests::measure_encrypted(scale).await,
        "generations" => generations::measure(scale).await,
        _ => streams::measure(scale).await,
    }
}
