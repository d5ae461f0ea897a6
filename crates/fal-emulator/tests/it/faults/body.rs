//! Bodies that drip, stall and break off.

use std::time::Duration;

use fal_emulator::{Emulator, Fault, FaultRule, Operation};
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout};

use super::{input, once, raw, struck_by, submit_url};
use crate::client::{Caller, KLING};

const FILE: &[u8] = b"0123456789abcdefghij";

/// Uploads [`FILE`] and gives its path on the listener.
async fn upload(emulator: &Emulator) -> String {
    let url = Caller::new().upload(emulator, FILE.to_vec()).await;
    format!("/cdn{}", url.strip_prefix(&emulator.urls().cdn).expect("is on the CDN"))
}

#[tokio::test]
async fn a_truncated_download_promises_all_and_brings_half() {
    let emulator = struck_by([once(Fault::TruncatedDownload { at: None })]).await;
    let path = upload(&emulator).await;
    let cut = raw::read_all(raw::send(&emulator, "GET", &path, "").await).await.expect("ends in order");
    let (head, body) = raw::split(&cut);
    assert!(head.starts_with("http/1.1 200") && head.contains("content-length: 20\r\n"), "{head}");
    assert_eq!(body, &FILE[..10]);
    let whole = Caller::new().get(&format!("{}{}", emulator.urls().cdn, &path["/cdn".len()..])).await;
    assert_eq!(whole.bytes().await.expect("arrives"), FILE);
}

#[tokio::test]
async fn a_range_that_is_ignored_brings_the_whole_file() {
    let emulator = struck_by([once(Fault::RangeIgnored)]).await;
    let url = Caller::new().upload(&emulator, FILE.to_vec()).await;
    for (status, body) in [(200, FILE), (206, &FILE[15..])] {
        let answer = reqwest::Client::new().get(&url).header("range", "bytes=15-").send().await.expect("answers");
        assert_eq!(answer.status(), status);
        assert_eq!(answer.bytes().await.expect("arrives"), body);
    }
}

#[tokio::test]
async fn a_reply_that_is_cut_in_its_middle_is_a_charge_without_an_id() {
    let emulator = struck_by([once(Fault::TruncatedDownload { at: None }).on(Operation::Submit)]).await;
    let answer = Caller::new().post(&submit_url(&emulator), &input()).await;
    assert_eq!(answer.status(), 200);
    assert!(answer.bytes().await.is_err());
    emulator.ledger().assert_charges(1);
}

#[tokio::test(start_paused = true)]
async fn a_stalled_body_brings_half_and_then_nothing_for_hours() {
    let emulator = struck_by([once(Fault::StalledBody)]).await;
    let path = upload(&emulator).await;
    let mut stream = raw::send(&emulator, "GET", &path, "").await;
    let answer = raw::read_to(&mut stream, &FILE[..10]).await;
    assert!(raw::split(&answer).0.contains("content-length: 20\r\n"));
    assert!(timeout(Duration::from_secs(24 * 3600), stream.read_u8()).await.is_err(), "neither a byte nor the end");
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_takes_its_time_and_arrives_whole() {
    let emulator = struck_by([FaultRule::new(Fault::SlowBody { bytes_per_second: 2 })]).await;
    let path = upload(&emulator).await;
    let begun = Instant::now();
    let mut stream = raw::send(&emulator, "GET", &path, "").await;
    raw::read_to(&mut stream, FILE).await;
    let seconds = begun.elapsed().as_secs_f64();
    assert!((10.0..11.0).contains(&seconds), "20 bytes took {seconds} s");
}

#[tokio::test]
async fn a_cut_for_streams_leaves_other_answers_whole() {
    let emulator = struck_by([FaultRule::new(Fault::StreamCut { events: 0 }).on(Operation::Submit)]).await;
    let submitted = Caller::new().submit(&emulator, KLING, &input()).await;
    emulator.ledger().assert_charged_once(submitted["request_id"].as_str().expect("has one"));
}
