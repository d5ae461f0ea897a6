//! `GET …/status/stream`: the status as server-sent events, from now until the request has completed.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::front::Origin;
use crate::job::Job;
use crate::models;
use crate::queue::path::RequestPath;
use crate::queue::status::{describe, wants_logs};
use crate::queue::{find, own_urls, stamped, unknown_request};
use crate::shared::SharedState;

/// fal sends a comment at this interval, so that nobody takes the connection for dead.
const PING: Duration = Duration::from_secs(15);
/// A long line moves often; its positions are shown no more often than this.
const BETWEEN_POSITIONS: Duration = Duration::from_millis(100);

/// The stream; 404 where the id is unknown.
pub(super) fn status_stream(shared: SharedState, origin: Origin, asked: &RequestPath<'_>, query: &str) -> Response {
    let Some(changed) = shared.board.watch(asked.id).filter(|_| find(&shared, asked, |_, _, _| ()).is_some()) else {
        return unknown_request(asked);
    };
    let line = shared.board.watch_line();
    let id = asked.id.to_owned();
    let watcher =
        Watcher { shared, origin, id, logs: wants_logs(query), sent_lines: 0, last: Value::Null, changed, line };
    let events = Sse::new(watcher.events()).keep_alive(KeepAlive::new().interval(PING).text("ping"));
    stamped(events.into_response(), asked.id)
}

/// One open stream, and what it has sent.
struct Watcher {
    shared: SharedState,
    origin: Origin,
    id: String,
    logs: bool,
    sent_lines: usize,
    last: Value,
    changed: watch::Receiver<()>,
    line: watch::Receiver<()>,
}

impl Watcher {
    fn events(self) -> impl Stream<Item = Result<Event, Infallible>> {
        stream::unfold(self, |mut watcher| async move {
            let status = watcher.next().await?;
            Some((Ok(Event::default().data(status.to_string())), watcher))
        })
    }

    /// The next status that differs from the last; `None` after the one that says completed.
    async fn next(&mut self) -> Option<Value> {
        while self.last["status"] != "COMPLETED" {
            let status = self.look()?;
            if self.is_news(&status) {
                self.last = status.clone();
                return Some(status);
            }
            self.wait().await;
        }
        None
    }

    fn look(&mut self) -> Option<Value> {
        self.changed.mark_unchanged();
        self.line.mark_unchanged();
        let logs_from = self.logs.then_some(self.sent_lines);
        let shared = Arc::clone(&self.shared);
        let describe = |job: &Job, position| {
            let urls = own_urls(self.origin.urls(&shared), models::find(&job.endpoint_id)?, &job.id);
            Some((describe(urls, job, position, logs_from), job.logs.len()))
        };
        let (status, lines) = shared.board.view_with_position(&self.id, describe)??;
        if status["logs"].is_array() {
            self.sent_lines = lines;
        }
        Some(status)
    }

    fn is_news(&self, status: &Value) -> bool {
        let same = |key: &str| self.last[key] == status[key];
        let new_lines = status["logs"].as_array().is_some_and(|lines| !lines.is_empty());
        new_lines || !same("status") || !same("queue_position")
    }

    async fn wait(&mut self) {
        if self.last["status"] != "IN_QUEUE" {
            let _ = self.changed.changed().await;
            return;
        }
        turn_or_move(&mut self.changed, &mut self.line).await;
    }
}

/// Waits for the request's own change, or for the line to move and the pause after it: its own turn is told at once.
async fn turn_or_move(changed: &mut watch::Receiver<()>, line: &mut watch::Receiver<()>) {
    let moved = async {
        let _ = line.changed().await;
        sleep(BETWEEN_POSITIONS).await;
    };
    tokio::select! {
        _ = changed.changed() => {}
        () = moved => {}
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_own_turn_is_told_at_once_and_a_position_after_a_pause() {
        let (turn, mut changed) = watch::channel(());
        let (moves, mut line) = watch::channel(());
        let begun = Instant::now();
        moves.send_replace(());
        turn_or_move(&mut changed, &mut line).await;
        assert_eq!(begun.elapsed(), BETWEEN_POSITIONS);

        moves.send_replace(());
        let half = BETWEEN_POSITIONS / 2;
        let begun = Instant::now();
        let waiting = async {
            turn_or_move(&mut changed, &mut line).await;
            begun.elapsed()
        };
        let taken = async {
            sleep(half).await;
            turn.send_replace(());
        };
        assert_eq!(tokio::join!(waiting, taken).0, half);
    }
}
