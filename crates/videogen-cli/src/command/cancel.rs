//! `videogen cancel`: there shall be no video.

use std::path::Path;

use videogen::{Observability, TaskId};

use super::{OutputPath, connect, not_taken_in};
use crate::outcome::Outcome;

pub(crate) async fn run(id: &str, config: Option<&Path>, observability: &Observability) -> Outcome {
    let (videogen, _interrupts) = match connect(&OutputPath::folder(None), config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return outcome,
    };
    let id = TaskId::from(id.to_owned());
    let cancelled = videogen.queue().cancel(&id).await;
    videogen.close().await;
    match cancelled {
        Ok(outcome) => Outcome::Cancelled(id, outcome),
        Err(error) => not_taken_in(error),
    }
}
