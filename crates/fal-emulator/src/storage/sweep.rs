//! Throws away, as soon as its time has come, what nobody asks for again: expired files and abandoned uploads.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::shared::{Shared, SharedState};

/// The longest sleep. What ends later is looked at again when the next file comes, or at the next start.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Sweeps now and whenever something ends, until the emulator stops.
pub(crate) fn keep_sweeping(shared: &SharedState) {
    let swept = Arc::clone(shared);
    shared.spawn(async move {
        loop {
            sweep(&swept).await;
            while is_disturbed(&swept).await {}
        }
    });
}

async fn sweep(shared: &SharedState) {
    let swept = Arc::clone(shared);
    let sweeping = move || {
        swept.files.sweep();
        swept.multiparts.sweep();
    };
    let _ = tokio::task::spawn_blocking(sweeping).await;
}

/// Sleeps until something ends, then is false; true where something new has come, which may end earlier.
async fn is_disturbed(shared: &Shared) -> bool {
    tokio::select! {
        () = next_end(shared) => false,
        () = shared.files.changed.notified() => true,
        () = shared.multiparts.changed.notified() => true,
    }
}

/// Without an end that is near there is no timer, which would drive a paused clock on.
async fn next_end(shared: &Shared) {
    let end = shared.files.next_end().into_iter().chain(shared.multiparts.next_end()).min();
    let left = |end: Timestamp| Duration::try_from(end.duration_since(shared.clock.now())).unwrap_or_default();
    match end.map(left).filter(|left| *left <= LONGEST) {
        Some(left) => tokio::time::sleep(left).await,
        None => pending().await,
    }
}
