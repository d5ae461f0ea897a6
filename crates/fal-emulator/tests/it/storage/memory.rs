//! Bodies go to the disk as they come.

use std::fs;

use futures::stream;

use crate::client::{Caller, KEY};
use crate::program::Running;

const PIECE: usize = 1_000_000;
const PIECES: usize = 200;
/// Far more than the program needs, far less than the file.
const MOST: u64 = 100_000_000;

#[tokio::test]
async fn a_file_of_200_megabytes_does_not_need_as_much_memory() {
    let (child, lines) = Running::start();
    let url = |name: &str| {
        let line = lines.iter().find(|line| line.contains(&format!("_{name}_URL="))).expect("is printed");
        line.split_once('=').expect("has one").1.to_owned()
    };
    let caller = Caller::new();
    let initiate = caller.http.post(format!("{}/storage/upload/initiate", url("REST"))).body("{}");
    let initiated = initiate.header("authorization", format!("Key {KEY}")).send().await.expect("answers");
    let initiated = super::json_of(initiated, 200).await;

    let pieces = stream::iter((0..PIECES).map(|_| Ok::<_, std::io::Error>(vec![7_u8; PIECE])));
    let put = caller.http.put(super::text(&initiated, "upload_url")).body(reqwest::Body::wrap_stream(pieces));
    assert_eq!(put.send().await.expect("answers").status(), 200);
    let file = caller.http.head(super::text(&initiated, "file_url")).send().await.expect("answers");
    assert_eq!(file.headers()["content-length"], (PIECE * PIECES).to_string());
    assert!(peak(child.id()) < MOST, "{} bytes", peak(child.id()));
}

/// The most memory that a process ever had, in bytes.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("is read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("is there");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("is a number") * 1024
}
