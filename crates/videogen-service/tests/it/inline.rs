//! A generation without a queue.

use std::sync::Arc;

use futures::StreamExt;
use videogen_domain::{GenerationRequest, GenerationState, ImageInput};
use videogen_service::{GenerateError, GenerationUpdate, NoJournal};

use crate::answers::{Sent, status_error};
use crate::happy::{EVENTS, stage};
use crate::journals::Recording;
use crate::media::png;
use crate::stage::{PROMPT, Stage};

fn request() -> GenerationRequest {
    let image = ImageInput::Bytes { name: "lighthouse.png".to_owned(), bytes: png(64, 36).into() };
    GenerationRequest::new(image, PROMPT).with_file_name("out.mp4")
}

#[tokio::test]
async fn everything_is_told_in_order_the_price_first_and_the_end_last() {
    let (stage, journal) = (stage().await, Arc::new(Recording::default()));
    let mut updates = stage.service().generate(request(), Arc::clone(&journal) as _);
    let (mut told, mut transfers) = (Vec::new(), 0);
    while let Some(update) = updates.next().await {
        match update {
            GenerationUpdate::Planned(plan) => assert_eq!((plan.estimate.to_string(), told.len()), ("$0.28".into(), 0)),
            GenerationUpdate::Event(event) => told.push(event.name()),
            GenerationUpdate::Transferred(_) => transfers += 1,
            GenerationUpdate::Ended(ended) => {
                assert_eq!(ended.unwrap().state, GenerationState::Completed);
                told.push("ended");
            }
            other => panic!("{other:?}"),
        }
    }
    let expected: Vec<&str> = EVENTS.into_iter().chain(["ended"]).collect();
    assert_eq!((told, journal.names()), (expected, EVENTS.to_vec()));
    assert!(transfers >= 2, "up and down: {transfers}");
}

#[tokio::test]
async fn mistakes_and_standstills_are_ends_of_their_own() {
    let stage = Stage::new();
    let refused = stage.service().generate(request().with_duration_seconds(7), Arc::new(NoJournal)).ended().await;
    assert!(matches!(refused, Err(GenerateError::Refused(_))), "{refused:?}");
    assert_eq!(stage.submits(), 0);

    let error = status_error(&Sent::Stranger(502, "<html>nginx</html>")).await;
    stage.script().status.push_back(Err(error));
    let held = stage.service().generate(request(), Arc::new(NoJournal)).ended().await;
    let Err(GenerateError::Held(held)) = held else { panic!("{held:?}") };
    let generation = stage.service().run(held.generation, &NoJournal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1));
}

#[tokio::test]
async fn nobody_listening_stops_it_and_what_was_sent_is_kept() {
    let (stage, journal) = (Stage::new(), Arc::new(Recording::default()));
    stage.script().never_done = true;
    let mut updates = stage.service().generate(request(), Arc::clone(&journal) as _);
    while let Some(update) = updates.next().await {
        if matches!(&update, GenerationUpdate::Event(event) if event.name() == "submitted") {
            break;
        }
    }
    drop(updates);
    // The task that ran it holds the other journal until it has ended.
    let ended = async {
        while Arc::strong_count(&journal) > 1 {
            tokio::task::yield_now().await
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), ended).await.expect("it stops");
    let planned = stage.planned().await;
    stage.script().never_done = false;
    let restored = journal.restored(&planned);
    assert_eq!((restored.state, restored.request_id()), (GenerationState::Submitted, Some("r-1")));
    let generation = stage.service().run(restored, &NoJournal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1));
}
