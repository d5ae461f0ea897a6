//! Uploads: how fast content is hashed beside OpenSSL, what a large file costs beside fal's own clients, and what it
//! costs to find that nothing has to be sent.
//!
//! `cargo xtask bench upload` starts it with the official clients; how each figure is made is told in `docs/benchmarks.md`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod hashing;
mod ours;
mod race;
mod warm;

use std::fmt::Write;

/// The word that makes this program a part of a measurement instead of the driver.
const PART: &str = "part";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("starts");
    runtime.block_on(async {
        match arguments.as_slice() {
            [word, name, rest @ ..] if word == PART => part(name, rest).await,
            // `cargo test` runs benchmarks too, and then wants to know only that they work.
            arguments if !arguments.iter().any(|argument| argument == "--bench") => smoke().await,
            arguments => all(arguments).await,
        }
    });
}

async fn part(name: &str, arguments: &[String]) {
    match name {
        "hash" => println!("{}", hashing::own_rate()),
        "upload" => ours::run(arguments).await,
        unknown => panic!("there is no part {unknown}"),
    }
}

/// Everything. The arguments: `--into <folder>` for the tables as a file, `--python <program> <script>` and
/// `--javascript <program> <script>` for the official clients.
async fn all(arguments: &[String]) {
    let mut document = String::new();
    for table in [
        race::table(&race::run(race::LARGE, &race::contenders(arguments)).await),
        hashing::table(),
        warm::table(&warm::measure(2_000).await),
    ] {
        println!("{table}");
        let _ = writeln!(document, "{table}");
    }
    if let Some(folder) = arguments.iter().skip_while(|argument| *argument != "--into").nth(1) {
        std::fs::create_dir_all(folder).expect("can be made");
        std::fs::write(std::path::Path::new(folder).join("upload.md"), document).expect("can be written");
    }
}

async fn smoke() {
    let results = race::run(20 << 20, &race::contenders(&[])).await;
    assert!(results.iter().all(|result| result.arrived), "{results:?}");
    warm::measure(10).await;
}
