//! The one short clip that stands for every video where rendering is off.

use std::sync::Arc;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::job::Job;
use crate::outcome::Outcome;
use crate::render::{self, Order, Picture};
use crate::shared::SharedState;
use crate::storage::Lifecycle;
use crate::work::PROGRESS_STEP;

/// Pixels, of each side.
const SIDE: u32 = 64;

/// Logs the progress of a rendering over the inference time, and ends with the clip.
pub(crate) async fn instead_of_video(shared: &SharedState, job: &Job) -> Outcome {
    let steps = 100 / PROGRESS_STEP;
    let each = shared.settings.inference_time_of(&job.id) / u32::try_from(steps).unwrap_or(1);
    if each.is_zero() {
        shared.board.log(&job.id, "Rendering: 100%");
    } else {
        for step in 1..=steps {
            tokio::select! {
                () = sleep(each) => shared.board.log(&job.id, format!("Rendering: {}%", step * PROGRESS_STEP)),
                () = job.stop.cancelled() => return Outcome::Cancelled,
            }
        }
    }
    match shared.clip.get_or_try_init(|| make(shared)).await {
        Ok(file_id) => Outcome::Video { file_id: file_id.clone() },
        Err(message) => Outcome::internal(message),
    }
}

/// Renders and stores a second of grey.
async fn make(shared: &SharedState) -> Result<String, &'static str> {
    let worker = Arc::clone(shared);
    let made = tokio::task::spawn_blocking(move || {
        let order = Order { prompt: String::new(), seconds: 1, size: render::size(1.0, SIDE, None) };
        let film = render::render(&Picture::grey(SIDE), &order, 100, &|_| {}, &CancellationToken::new()).ok()?;
        worker.files.put_video(&film, &Lifecycle::for_ever()).ok()
    });
    made.await.ok().flatten().map(|file| file.id).ok_or("The clip could not be made")
}
