//! How fast content is hashed, beside `openssl speed` on the same core.

use std::process::Command;

use fal_upload::ContentHasher;
use tokio::time::{Duration, Instant};

/// What is hashed at a time, as the uploader does it.
const PIECE: usize = 256 << 10;
/// How long each of the two is measured.
const SECONDS: u64 = 3;
/// The core that both run on.
const CORE: &str = "0";
/// How often they take turns; the median counts.
const ROUNDS: usize = 5;

/// Bytes a second.
pub(crate) fn own_rate() -> f64 {
    let piece = vec![0x5a; PIECE];
    let (mut hasher, mut bytes, begun) = (ContentHasher::default(), 0_u64, Instant::now());
    while begun.elapsed() < Duration::from_secs(SECONDS) {
        hasher.update(&piece);
        bytes += PIECE as u64;
    }
    let seconds = begun.elapsed().as_secs_f64();
    assert_ne!(hasher.finish().to_string(), "");
    bytes as f64 / seconds
}

/// Both in turn, so that what else the machine does meets both.
pub(crate) fn table() -> String {
    let mut rates: Vec<(f64, f64)> = (0..ROUNDS).filter_map(|_| Some((own_rate_on_core()?, openssl_rate()?))).collect();
    if rates.is_empty() {
        return "SHA-256 was not measured: `taskset` or `openssl` is missing.\n".to_owned();
    }
    rates.sort_by(|one, other| (one.0 / one.1).total_cmp(&(other.0 / other.1)));
    let (own, openssl) = rates[rates.len() / 2];
    format!(
        "### SHA-256 on one core\n\n\
         | fal-upload | `openssl speed` ({}) | ratio, median of {} |\n| ---: | ---: | ---: |\n\
         | {:.0} MB/s | {:.0} MB/s | {:.2} |\n",
        openssl_version(),
        rates.len(),
        own / 1e6,
        openssl / 1e6,
        own / openssl,
    )
}

fn own_rate_on_core() -> Option<f64> {
    let program = std::env::current_exe().ok()?;
    let asked = Command::new("taskset").args(["-c", CORE]).arg(program).args([crate::PART, "hash"]).output().ok()?;
    String::from_utf8_lossy(&asked.stdout).trim().parse().ok()
}

/// From its line for programs: `+F:22:sha256:1234567.89`.
fn openssl_rate() -> Option<f64> {
    let (seconds, bytes) = (SECONDS.to_string(), PIECE.to_string());
    let arguments = ["speed", "-mr", "-seconds", &seconds, "-bytes", &bytes, "-evp", "sha256"];
    let asked = Command::new("taskset").args(["-c", CORE, "openssl"]).args(arguments).output().ok()?;
    let text = String::from_utf8_lossy(&asked.stdout).into_owned();
    text.lines().find(|line| line.starts_with("+F:"))?.rsplit(':').next()?.trim().parse().ok()
}

fn openssl_version() -> String {
    let asked = Command::new("openssl").arg("version").output().map(|output| output.stdout).unwrap_or_default();
    String::from_utf8_lossy(&asked).split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
