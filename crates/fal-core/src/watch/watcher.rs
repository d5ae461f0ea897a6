//! The one loop of a watch: a stream while that works, polls otherwise, and patience with both.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use super::seen::{Lines, Place, Seen};
use super::status_stream::{AfterBreak, Breaks, NoStream, StatusStream};
use super::{WatchMode, WatchOptions};
use crate::{Error, FalApi, FalClient, QueueStatus, Recovery, RequestHandle};

/// Follows one request.
pub(super) struct Watcher {
    client: FalClient,
    request: RequestHandle,
    options: WatchOptions,
    source: Source,
    breaks: Breaks,
    seen: Seen,
    /// Since when it is in its state.
    since: Instant,
    /// Since when fal has not answered.
    silent_since: Option<Instant>,
}

/// Where the next status comes from.
enum Source {
    /// From a stream that is to be opened, not before this.
    Unopened(Instant),
    Stream(Box<StatusStream>),
    /// From a poll at this time.
    Poll(Instant),
}

impl Watcher {
    pub(super) fn new(client: FalClient, request: RequestHandle, options: WatchOptions) -> Self {
        let now = Instant::now();
        let source = match options.mode {
            WatchMode::Stream => Source::Unopened(now),
            WatchMode::Polls => Source::Poll(now),
        };
        let breaks = Breaks::default();
        Self { client, request, options, source, breaks, seen: Seen::default(), since: now, silent_since: None }
    }

    /// The next change; `None` after the end.
    pub(super) async fn next(&mut self) -> Option<Result<QueueStatus, Error>> {
        while self.seen.place() != Some(Place::End) {
            let (status, lines) = match self.look().await {
                Ok(Some(status)) => status,
                Ok(None) => continue,
                Err(error) => return Some(Err(error)),
            };
            self.silent_since = None;
            let was_working = self.is_working();
            let news = self.seen.news(status, lines);
            if was_working != self.is_working() {
                self.since = Instant::now();
            }
            if matches!(self.source, Source::Poll(_)) {
                self.source = Source::Poll(Instant::now() + self.delay());
            }
            if news.is_some() {
                return news.map(Ok);
            }
        }
        None
    }

    /// Waits for a status, or for another source of them.
    async fn look(&mut self) -> Result<Option<(QueueStatus, Lines)>, Error> {
        match &mut self.source {
            Source::Stream(stream) => {
                let status = stream.next().await;
                if status.is_none() {
                    self.source = self.after_break();
                }
                Ok(status)
            }
            Source::Unopened(at) => {
                sleep_until(*at).await;
                self.source = match StatusStream::open(&self.client, &self.request).await {
                    Ok(stream) => Source::Stream(Box::new(stream)),
                    Err(NoStream::Refused) => Source::Poll(Instant::now()),
                    Err(NoStream::Unreachable(error)) => return self.endure(error).await,
                };
                Ok(None)
            }
            Source::Poll(at) => {
                sleep_until(*at).await;
                match self.client.status(&self.request).await {
                    Ok(status) => Ok(Some((status, Lines::All))),
                    Err(error) => self.endure(error).await,
                }
            }
        }
    }

    fn after_break(&mut self) -> Source {
        let Source::Stream(stream) = &self.source else { return Source::Poll(Instant::now()) };
        match self.breaks.after(stream.opened().elapsed()) {
            AfterBreak::Reopen(after) => Source::Unopened(Instant::now() + after),
            AfterBreak::Poll => Source::Poll(Instant::now()),
        }
    }

    /// Waits a while after a failure that may pass; tells of it when it lasts.
    async fn endure<T>(&mut self, error: Error) -> Result<Option<T>, Error> {
        let silent_since = *self.silent_since.get_or_insert_with(Instant::now);
        let delay = error.retry_after().unwrap_or_default().max(self.delay());
        if error.recovery() != Recovery::Later || self.options.patience < silent_since.elapsed() + delay {
            // Who asks again after this begins with new patience.
            self.silent_since = None;
            return Err(error);
        }
        tracing::debug!(request = self.request.request_id, ?delay, "fal could not be asked; waiting");
        sleep(delay).await;
        Ok(None)
    }

    fn is_working(&self) -> bool {
        self.seen.place() == Some(Place::Runner)
    }

    fn delay(&self) -> Duration {
        self.options.delay(self.since.elapsed(), self.is_working())
    }
}
