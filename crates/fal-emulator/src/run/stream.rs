//! `POST /{endpoint id}/stream`: the log lines as they come, then the result, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::job::Job;
use crate::queue::{result, stamped};
use crate::run::Call;
use crate::runner;
use crate::shared::SharedState;

/// A call whose answer is being streamed.
struct Streamed {
    call: Call,
    changed: watch::Receiver<()>,
    sent_lines: usize,
    ended: bool,
}

/// Begins the work and answers with its events. fal's image-to-video models define no events of their own, so these are ours.
pub(super) fn stream(shared: SharedState, job: Job) -> Response {
    let id = job.id.clone();
    let streamed =
        Streamed { call: Call::of(&shared, &job), changed: job.changed.subscribe(), sent_lines: 0, ended: false };
    let worker = Arc::clone(&shared);
    shared.spawn(async move { runner::run_directly(&worker, &job).await });
    let events = stream::unfold(streamed, |mut streamed| async move {
        let event = streamed.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(event.to_string())), streamed))
    });
    stamped(Sse::new(events).keep_alive(KeepAlive::default()).into_response(), &id)
}

impl Streamed {
    async fn next(&mut self) -> Option<Value> {
        while !self.ended {
            self.changed.mark_unchanged();
            if let Some(event) = self.look()? {
                return Some(event);
            }
            let _ = self.changed.changed().await;
        }
        None
    }

    /// The next line of the log, else the output, else nothing yet.
    fn look(&mut self) -> Option<Option<Value>> {
        let shared = &self.call.shared;
        let job = shared.board.view(&self.call.id, Job::clone)?;
        if let Some(line) = job.logs.get(self.sent_lines) {
            self.sent_lines += 1;
            return Some(Some(json!({ "log": line })));
        }
        self.ended = job.outcome.is_some();
        Some(job.outcome.as_ref().map(|outcome| result::output(shared, job.origin.urls(shared), &job, outcome)))
    }
}
