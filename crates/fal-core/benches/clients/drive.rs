//! The driver: every contender in every case, one after the other, and what is written of it.

use std::fs;
use std::path::Path;

use crate::case::{Case, FEW_SUBSCRIPTIONS, FULL, LIMIT, SMALL, SUBSCRIPTIONS};
use crate::contender::Contender;
use crate::figures::Figures;
use crate::{contest, machine, plot, report, subscribed};

/// Runs all cases and prints the tables. The arguments: `--small`, `--into <folder>` for the tables and the plot as files,
/// `--python <program> <script>` and `--javascript <program> <script>` for the official clients.
pub(crate) async fn all(arguments: &[String]) {
    let is_small = arguments.iter().any(|argument| argument == "--small");
    let (cases, subscriptions) = if is_small { (SMALL, FEW_SUBSCRIPTIONS) } else { (FULL, SUBSCRIPTIONS) };
    let contenders = contenders(arguments);
    let mut document = format!("Machine: {}. fal-core {}.\n", machine::describe(), env!("CARGO_PKG_VERSION"));
    let mut add = |table: String| {
        println!("{table}");
        document = format!("{document}\n{table}");
    };
    let mut plot = String::new();
    for case in cases {
        let figures = run(case, &contenders).await;
        if case.loses_replies() {
            add(report::money(case, &figures));
        } else {
            add(report::costs(case, &figures));
            // The last of them is the hardest.
            plot = plot::svg(&figures);
        }
    }
    add(report::subscriptions(&subscribed::measure(subscriptions).await));
    if let Some([folder, ..]) = after("--into", arguments) {
        write(Path::new(folder), &document, &plot).expect("can be written");
    }
}

fn contenders(arguments: &[String]) -> Vec<Contender> {
    let mut contenders = ["floor", "streams", "webhooks"].map(Contender::ours).to_vec();
    if let Some([program, script, ..]) = after("--python", arguments) {
        contenders.push(Contender::script(program, script, &[]));
    }
    if let Some([program, script, ..]) = after("--javascript", arguments) {
        contenders.extend(["streaming", "polling"].map(|mode| Contender::script(program, script, &[mode])));
    }
    contenders
}

/// The arguments behind a flag.
fn after<'a>(flag: &str, arguments: &'a [String]) -> Option<&'a [String]> {
    let at = arguments.iter().position(|argument| argument == flag)?;
    arguments.get(at + 1..)
}

fn write(folder: &Path, document: &str, plot: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join("clients.md"), document)?;
    fs::write(folder.join("clients.svg"), plot)
}

/// Each contender against an emulator of its own.
async fn run(case: &Case, contenders: &[Contender]) -> Vec<Figures> {
    let mut all = Vec::new();
    for contender in contenders.iter().filter(|contender| contender.is_careful || !case.loses_replies()) {
        let emulator = case.emulator().await;
        let task = case.task(&emulator);
        let contest = contest::hold(contender, &task, LIMIT).await;
        all.push(Figures::of(contest, &task, &emulator));
    }
    all
}

/// The contenders in Rust, once and small: every video is there, and nothing is paid twice.
pub(crate) async fn smoke() {
    for lost_replies in [0.0, 0.3] {
        let case = Case { generations: 10, concurrency: 10, lost_replies };
        for figures in run(&case, &contenders(&[])).await {
            let money = figures.money;
            assert_eq!((figures.videos, money.twice, money.lost), (case.generations, 0, 0), "{figures:?}");
        }
    }
    println!("{}", report::subscriptions(&subscribed::measure(20).await));
}
