//! Calls that come with an idempotency key: the same key is answered the same, and nothing is done again.

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use axum::http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Mutex;

use crate::clock::Clock;

/// So long fal knows a key.
const LIFE: Duration = Duration::from_secs(10 * 60);

/// The answers of the last ten minutes, by key. A key is known whatever call it comes with.
#[derive(Default)]
pub(crate) struct Once {
    answers: Mutex<HashMap<Vec<u8>, (Timestamp, Value)>>,
}

impl Once {
    /// The known answer for the `Idempotency-Key`, or the one that is made now. An error is not kept.
    pub(super) async fn answer<E>(
        &self,
        clock: &Clock,
        headers: &HeaderMap,
        make: impl Future<Output = Result<Value, E>>,
    ) -> Result<Value, E> {
        let Some(key) = headers.get("idempotency-key") else { return make.await };
        // Held throughout, so that a second call with the key waits for the answer of the first.
        let mut answers = self.answers.lock().await;
        answers.retain(|_, (since, _)| !clock.has_passed(LIFE, *since));
        if let Some((_, known)) = answers.get(key.as_bytes()) {
            return Ok(known.clone());
        }
        let made = make.await?;
        answers.insert(key.as_bytes().to_vec(), (clock.now(), made.clone()));
        Ok(made)
    }
}
