//! `cargo xtask torture`: kills processes that make videos, and writes down what came of it.
#![expect(clippy::print_stdout, reason = "a program that speaks to a terminal")]
#![expect(clippy::disallowed_methods, reason = "how long it took is told by the machine's own clock")]

use std::fmt::Write;
use std::time::Instant;

use videogen_torture::{PLACES, Report, Store, WORKER, every_place, random_moments, several_workers, work};

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == WORKER => work(rest).await,
        Some((kills, rest)) => {
            let kills = kills.parse().expect("torture KILLS [FILE]");
            let table = torture(kills).await;
            println!("{table}");
            if let Some(file) = rest.first() {
                std::fs::write(file, table).expect("can be written");
            }
        }
        None => println!("torture KILLS [FILE]"),
    }
}

async fn torture(kills: usize) -> String {
    let program = std::env::current_exe().expect("a program has a file");
    let seed = fastrand::u64(..);
    let mut table = format!(
        "Seed {seed}; {} named places.\n\n\
         | what | kills | pauses | videos | charges | charged | time |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        PLACES.len()
    );
    let mut tell = |what: &str, report: Report, began: Instant| {
        let Report { kills, pauses, videos, charged } = report;
        let seconds = began.elapsed().as_secs();
        let line = format!("| {what} | {kills} | {pauses} | {videos} | {videos} | {charged} | {seconds} s |");
        println!("{line}");
        let _ = writeln!(table, "{line}");
    };
    for store in [Store::Sqlite, Store::Postgres] {
        let began = Instant::now();
        tell(&format!("{store}, every named place"), every_place(&program, store).await, began);
    }
    for store in [Store::Sqlite, Store::Postgres] {
        let began = Instant::now();
        let report = random_moments(&program, store, kills, seed).await;
        tell(&format!("{store}, random moments, 5 % faults"), report, began);
    }
    let began = Instant::now();
    let report = several_workers(&program, kills / 10, kills / 10, seed).await;
    tell("PostgreSQL, 2 to 4 workers, 5 % faults", report, began);
    table
}
