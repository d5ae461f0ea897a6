//! Asked to stop: at once, but never between an intent and its answer.

use tokio_util::sync::CancellationToken;
use videogen_domain::{FailureKind, GenerationEvent, GenerationState, Recovery};
use videogen_service::{Journal, JournalError};

use crate::happy::{EVENTS, stage};
use crate::journals::Recording;
use crate::media::film;

/// Asks to stop as soon as the `n`-th event, counted from 1, is kept.
struct StopsAfter {
    recording: Recording,
    n: usize,
    stop: CancellationToken,
}

#[async_trait::async_trait]
impl Journal for StopsAfter {
    async fn record(&self, event: &GenerationEvent) -> Result<(), JournalError> {
        self.recording.record(event).await?;
        if self.recording.names().len() == self.n {
            self.stop.cancel();
        }
        Ok(())
    }
}

#[tokio::test]
async fn whoever_is_stopped_before_the_first_step_has_done_nothing() {
    let (stage, journal) = (stage().await, Recording::default());
    let stop = CancellationToken::new();
    stop.cancel();
    let planned = stage.planned().await;
    let held = stage.service().run_until(planned.clone(), &journal, &stop).await.unwrap_err();
    assert_eq!((held.failure.kind, held.failure.recovery), (FailureKind::Stopped, Recovery::Later));
    assert_eq!(held.generation, planned);
    assert_eq!((journal.names().len(), stage.submits(), stage.script().uploaded.len()), (0, 0, 0));
}

#[tokio::test]
async fn wherever_it_is_stopped_it_goes_on_with_one_submit_in_all_and_is_never_unconfirmed() {
    for n in 1..=EVENTS.len() {
        let (stage, stop) = (stage().await, CancellationToken::new());
        let journal = StopsAfter { recording: Recording::default(), n, stop: stop.clone() };
        let planned = stage.planned().await;
        let ended = stage.service().run_until(planned.clone(), &journal, &stop).await;
        // A submit is seen through to its answer, and settling takes no time.
        let kept = match EVENTS[n - 1] {
            "submit_intended" => n + 1,
            "video_stored" => n + 1,
            _ => n,
        };
        assert_eq!(journal.recording.names(), EVENTS[..kept], "event {n}");
        let generation = match ended {
            Ok(generation) => {
                assert_eq!(kept, EVENTS.len(), "event {n}");
                generation
            }
            Err(held) => {
                assert_eq!(held.failure.kind, FailureKind::Stopped, "event {n}");
                assert_eq!(held.failure.request_id.is_some(), 2 <= n, "event {n}");
                assert_eq!(held.generation, journal.recording.restored(&planned), "event {n}");
                stage.service().run(held.generation, &journal).await.unwrap()
            }
        };
        assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1), "event {n}");
        assert_eq!(stage.read("out.mp4"), film(), "event {n}");
    }
}
