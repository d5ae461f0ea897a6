//! An answer to a submit and to the read of a result: no panic, and only a clear 4xx counts as a refusal.
#![no_main]

use fal_core::{Error, FalApi, Recovery, RequestOptions};
use fal_core_fuzz::{Answer, accepted, client, endpoint, run};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

const HEADERS: [&str; 5] =
    ["x-fal-request-id", "x-fal-error-type", "x-fal-billable-units", "x-fal-needs-retry", "retry-after"];

fuzz_target!(|input: (u16, [Option<Vec<u8>>; 5], Vec<u8>)| {
    let (status, values, body) = input;
    let status = 200 + status % 800;
    let headers = HEADERS.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect();
    let answer = Answer { status, headers, pieces: vec![body] };
    if let Some(Err(error)) = run(look(answer, status)) {
        let said = format!("{error} {error:?} {:?} {:?}", error.kind(), error.retry_after());
        assert!(!said.is_empty() && !error.advice().is_empty());
    }
});

async fn look(answer: Answer, status: u16) -> Result<(), Error> {
    let client = client(vec![answer])?;
    match client.submit(&endpoint()?, &json!({ "prompt": "x" }), &RequestOptions::new()).await {
        Ok(handle) => {
            assert!((200..=299).contains(&status), "{status} is no acceptance");
            assert!(handle.status_url.starts_with("https://queue.fal.run/"), "{handle:?}");
        }
        Err(error) => {
            let refused = (400..=498).contains(&status) && status != 408;
            assert_eq!(error.recovery() != Recovery::Reconcile, refused, "{status} {error:?}");
        }
    }
    client.result(&accepted(&client)?).await.map(drop)
}
