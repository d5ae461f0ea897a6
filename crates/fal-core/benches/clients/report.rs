//! The figures as tables in Markdown.

use std::fmt::Write;

use crate::case::Case;
use crate::figures::{Figures, Kind};
use crate::subscribed::Subscribed;

/// What it costs when all goes well.
pub(crate) fn costs(case: &Case, contenders: &[Figures]) -> String {
    let mut table = format!(
        "### {} generations, {} at a time\n\n\
         | client | videos | wall | requests per video | = submit + stream + status + result + file + other \
         | noticed after, p50 | p99 | CPU per video | peak memory | connections |\n\
         | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |\n",
        thousands(case.generations),
        thousands(case.concurrency),
    );
    for figures in contenders {
        let kinds = Kind::ALL.map(|kind| tenths(figures.requests_per_video(kind))).join(" + ");
        let _ = writeln!(
            table,
            "| {} | {} | {:.1} s | {} | {kinds} | {} ms | {} ms | {} ms | {:.0} MB | {} |",
            figures.name,
            videos(figures),
            figures.wall.as_secs_f64(),
            tenths(figures.all_requests_per_video()),
            digits(figures.notice(0.5)),
            digits(figures.notice(0.99)),
            digits(figures.cpu_per_video()),
            figures.peak_memory as f64 / 1e6,
            figures.connections,
        );
    }
    table + &gave_up(contenders)
}

/// What was paid when replies to submits were lost.
pub(crate) fn money(case: &Case, contenders: &[Figures]) -> String {
    let mut table = format!(
        "### {} generations, {} at a time, {:.0} % of the replies to submits lost\n\n\
         | client | videos | wall | submits accepted | paid twice | given up although paid | given up, not paid |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        thousands(case.generations),
        thousands(case.concurrency),
        100.0 * case.lost_replies,
    );
    for figures in contenders {
        let money = figures.money;
        let _ = writeln!(
            table,
            "| {} | {} | {:.1} s | {} | {} | {} | {} |",
            figures.name,
            videos(figures),
            figures.wall.as_secs_f64(),
            money.accepted,
            money.twice,
            money.lost,
            money.unpaid,
        );
    }
    table + &gave_up(contenders)
}

/// What many subscriptions at once cost.
pub(crate) fn subscriptions(subscribed: &Subscribed) -> String {
    format!(
        "### {} subscriptions at once in one process\n\n\
         | client | all told their status after | memory for each | CPU for each | connections |\n\
         | --- | ---: | ---: | ---: | ---: |\n\
         | {} | {:.2} s | {} kB | {} ms | {} |\n",
        thousands(subscribed.subscriptions),
        subscribed.name,
        subscribed.wall.as_secs_f64(),
        digits(subscribed.memory_each / 1000.0),
        digits(subscribed.cpu_each),
        subscribed.connections,
    )
}

/// Below a table: who could not make all.
fn gave_up(contenders: &[Figures]) -> String {
    let mut list = String::new();
    for figures in contenders {
        if let Some(first) = figures.failures.first() {
            let _ = writeln!(list, "\n{} gave {} up, the first with: {first}", figures.name, figures.failures.len());
        }
    }
    list
}

/// All of them, or how many by the limit.
fn videos(figures: &Figures) -> String {
    let (videos, all) = (thousands(figures.videos), thousands(figures.generations));
    match (figures.is_done, figures.videos == figures.generations) {
        (true, true) => all,
        (true, false) => format!("{videos} of {all}"),
        (false, _) => format!("{videos} of {all}, then stopped"),
    }
}

/// In the place of a figure for each video, where there is no video.
const NONE: &str = "–";

fn tenths(value: f64) -> String {
    if value.is_finite() { format!("{value:.1}") } else { NONE.to_owned() }
}

/// Three digits that count.
pub(crate) fn digits(value: f64) -> String {
    match value {
        value if !value.is_finite() => NONE.to_owned(),
        value if value < 1.0 => format!("{value:.2}"),
        value if value < 10.0 => format!("{value:.1}"),
        value => thousands(value.round() as usize),
    }
}

/// `2,000`.
fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}
