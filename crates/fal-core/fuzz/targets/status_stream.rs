//! The body of a status stream: no panic, and how it is cut makes no difference.
#![no_main]

use fal_core::{Error, FalApi, WatchOptions};
use fal_core_fuzz::{Answer, accepted, client, run};
use futures::StreamExt;
use libfuzzer_sys::fuzz_target;

/// More than this is no news to a parser.
const MOST_STATUSES: usize = 64;

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (body, cuts) = input;
    let mut rest = body.as_slice();
    let mut pieces = Vec::new();
    for cut in cuts {
        let (piece, after) = rest.split_at(usize::from(cut).min(rest.len()));
        pieces.push(piece.to_vec());
        rest = after;
    }
    pieces.push(rest.to_vec());
    let (whole, cut) = (run(told(vec![body])), run(told(pieces)));
    assert_eq!(whole.and_then(Result::ok), cut.and_then(Result::ok));
});

/// What a watch tells of this stream; behind it, fal does not know the request.
async fn told(pieces: Vec<Vec<u8>>) -> Result<Vec<String>, Error> {
    let stream = Answer { status: 200, headers: vec![("content-type", b"text/event-stream".to_vec())], pieces };
    let unknown = Answer { status: 404, pieces: vec![br#"{"status":"NOT_FOUND"}"#.to_vec()], ..Answer::default() };
    let client = client(vec![stream, unknown])?;
    let watch = client.watch(&accepted(&client)?, WatchOptions::default());
    // After the error of the unknown request it could be asked for ever.
    let statuses = watch.take_while(|status| futures::future::ready(status.is_ok())).take(MOST_STATUSES);
    Ok(statuses.map(|status| format!("{status:?}")).collect().await)
}
