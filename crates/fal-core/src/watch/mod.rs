//! Following a request to its end, by a stream of events or by polls.

mod log_lines;
mod options;
mod polls;
mod seen;
mod status_stream;
mod watcher;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};

pub use self::options::{WatchMode, WatchOptions};
use self::watcher::Watcher;
use crate::{Error, FalClient, QueueStatus, RequestHandle};

/// What becomes of a request: a stream that ends after [`QueueStatus::Completed`].
///
/// It tells changes only: a new state, a new position, new log lines. Interruptions are bridged. An error means that
/// fal could not be asked for longer than [`WatchOptions::patience`], or that asking again cannot help; the request is
/// not touched by it, and the stream can be asked again. Dropping it cancels nothing.
#[must_use = "nothing is asked until the stream is"]
pub struct Watch(BoxStream<'static, Result<QueueStatus, Error>>);

impl Watch {
    /// A watch of something else, for other implementations of [`FalApi`](crate::FalApi).
    pub fn new(statuses: impl Stream<Item = Result<QueueStatus, Error>> + Send + 'static) -> Self {
        // Whoever asks once more after the end gets no answer, and no panic.
        Self(statuses.fuse().boxed())
    }

    pub(crate) fn over(client: FalClient, request: RequestHandle, options: WatchOptions) -> Self {
        Self::new(stream::unfold(Watcher::new(client, request, options), |mut watcher| async {
            let status = watcher.next().await?;
            Some((status, watcher))
        }))
    }
}

impl Stream for Watch {
    type Item = Result<QueueStatus, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}
