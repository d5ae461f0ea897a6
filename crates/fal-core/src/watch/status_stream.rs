//! A status stream of fal's: one connection, until it ends or breaks.

use std::time::Duration;

use futures::StreamExt;
use http::{HeaderValue, header};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout};

use super::seen::Lines;
use crate::events::Events;
use crate::wire::queue::Status;
use crate::{Error, FalClient, QueueStatus, RequestHandle};

/// So often a stream may break before polls take its place.
const MOST_BREAKS: u32 = 5;
/// A stream that has lived so long was a good one, and earlier breaks are forgotten.
const LONG_LIFE: Duration = Duration::from_secs(60);
/// Streams are not opened more often than this.
const BETWEEN_STREAMS: Duration = Duration::from_secs(1);
/// A stream that tells nothing for so long is opened anew, pings or not: the first event of another one tells how far
/// the request is, and fal keeps a large result for 6 minutes only.
const LONGEST_SILENCE: Duration = Duration::from_secs(150);

/// An open stream.
#[derive(Debug)]
pub(super) struct StatusStream {
    events: Events,
    opened: Instant,
    lines: Lines,
    /// Counts among the streams of the client as long as it is open.
    _permit: OwnedSemaphorePermit,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoStream {
    /// There are too many, or fal does not want to: polls do as well, and say more of what is wrong.
    Refused,
    /// It may come later.
    Unreachable(Error),
}

impl StatusStream {
    pub(super) async fn open(client: &FalClient, request: &RequestHandle) -> Result<Self, NoStream> {
        let permit = client.exchange().stream_permit().ok_or(NoStream::Refused)?;
        let address = format!("{}/stream", request.status_url.trim_end_matches('/'));
        let call = client.read(request, &address, Some("logs=1")).map_err(|_| NoStream::Refused)?;
        let call = call.with_header(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let (answer, body) = client.exchange().open_for_long(&call).await.map_err(NoStream::Unreachable)?;
        if !answer.status.is_success() || !Events::are_in(&answer) {
            return Err(NoStream::Refused);
        }
        // The first event of a stream may have all lines so far.
        Ok(Self { events: Events::of(body), opened: Instant::now(), lines: Lines::All, _permit: permit })
    }

    /// The next status; `None` when the stream has ended, is broken or silent, or says what is not in fal's protocol.
    pub(super) async fn next(&mut self) -> Option<(QueueStatus, Lines)> {
        let event = timeout(LONGEST_SILENCE, self.events.next()).await.ok()??;
        let status = event.inspect_err(|error| tracing::debug!(%error, "a status stream broke")).ok()?;
        let status: Status = serde_json::from_str(&status).ok()?;
        Some((status.into(), std::mem::replace(&mut self.lines, Lines::New)))
    }

    pub(super) fn opened(&self) -> Instant {
        self.opened
    }
}

/// How often streams of one request broke.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Breaks(u32);

/// What to do after a break.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AfterBreak {
    /// Open another one, after this time.
    Reopen(Duration),
    /// Streams are of no use here.
    Poll,
}

impl Breaks {
    /// Counts a break of a stream that lived so long.
    pub(super) fn after(&mut self, lived: Duration) -> AfterBreak {
        self.0 = if LONG_LIFE <= lived { 1 } else { self.0 + 1 };
        match self.0 <= MOST_BREAKS {
            true => AfterBreak::Reopen(BETWEEN_STREAMS.saturating_sub(lived)),
            false => AfterBreak::Poll,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_keeps_breaking_gives_way_to_polls() {
        let mut breaks = Breaks::default();
        let short = Duration::from_millis(300);
        for _ in 0..MOST_BREAKS {
            assert_eq!(breaks.after(short), AfterBreak::Reopen(Duration::from_millis(700)));
        }
        assert_eq!(breaks.after(short), AfterBreak::Poll);
    }

    #[test]
    fn a_long_life_wipes_out_earlier_breaks() {
        let mut breaks = Breaks(MOST_BREAKS);
        assert_eq!(breaks.after(LONG_LIFE), AfterBreak::Reopen(Duration::ZERO));
        assert_eq!(breaks, Breaks(1));
    }
}
