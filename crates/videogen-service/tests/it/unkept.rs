//! The journal refuses the n-th event, for every n: nothing is paid twice, and the generation can go on.

use videogen_domain::{FailureKind, GenerationState, Recovery};

use crate::happy::{EVENTS, stage};
use crate::journals::{Recording, Trouble};
use crate::media::film;

#[tokio::test]
async fn whichever_event_is_refused_the_generation_goes_on_later_with_one_submit_in_all() {
    for n in 1..=EVENTS.len() {
        let (stage, journal) = (stage().await, Recording::with_trouble(n, Trouble::Refused));
        let planned = stage.planned().await;
        let held = stage.service().run(planned.clone(), &journal).await.unwrap_err();
        assert_eq!((held.failure.kind, held.failure.recovery), (FailureKind::Record, Recovery::Later), "event {n}");
        assert_eq!(held.failure.message, "the disk is full");
        assert_eq!(journal.names(), EVENTS[..n - 1], "event {n}");
        // Nothing is sent until the intent is kept.
        assert_eq!(stage.submits(), usize::from(2 < n), "event {n}");

        let generation = stage.service().run(held.generation, &journal).await.unwrap();
        assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1), "event {n}");
        // What was refused is done again, all but the submit: the journal has no other gap.
        if EVENTS[n - 1] != "submitted" {
            assert_eq!((journal.names(), journal.restored(&planned)), (EVENTS.to_vec(), generation), "event {n}");
        }
        assert_eq!((stage.files(), stage.read("out.mp4")), (vec!["out.mp4".into(), "out.mp4.json".into()], film()));
    }
}

#[tokio::test]
async fn an_intent_that_is_refused_sends_nothing_and_may_be_intended_again() {
    let (stage, journal) = (stage().await, Recording::with_trouble(2, Trouble::Refused));
    let planned = stage.planned().await;
    let held = stage.service().run(planned.clone(), &journal).await.unwrap_err();
    assert_eq!((held.generation.state, stage.submits()), (GenerationState::Ready, 0));
    assert_eq!(held.generation.attempt, None);
    let generation = stage.service().run(held.generation, &journal).await.unwrap();
    assert_eq!(journal.names(), EVENTS, "the journal has no gap");
    assert_eq!(journal.restored(&planned), generation);
}

#[tokio::test]
async fn an_acceptance_that_is_refused_is_still_known_and_is_not_asked_for_again() {
    let (stage, journal) = (stage().await, Recording::with_trouble(3, Trouble::Refused));
    let planned = stage.planned().await;
    let held = stage.service().run(planned.clone(), &journal).await.unwrap_err();
    assert_eq!((held.generation.state, held.generation.request_id()), (GenerationState::Submitted, Some("r-1")));
    assert_eq!(held.failure.request_id.as_deref(), Some("r-1"), "whoever reads the failure can pick it up");

    // Another process knows the journal only: the intent without an answer.
    let restored = journal.restored(&planned);
    let other = Recording::default();
    let held_there = stage.service().run(restored, &other).await.unwrap_err();
    assert_eq!(held_there.generation.state, GenerationState::Unconfirmed);
    assert_eq!((stage.submits(), other.names()), (1, vec!["submit_unconfirmed"]));

    stage.service().run(held.generation, &journal).await.unwrap();
    assert_eq!(stage.submits(), 1);
}

#[tokio::test]
async fn a_refusal_of_fals_that_cannot_be_kept_is_not_taken_for_a_lost_answer() {
    use crate::answers::{Sent, refused_field, submit_error};
    let (stage, journal) = (stage().await, Recording::with_trouble(3, Trouble::Refused));
    let error = submit_error(&Sent::Answer(422, refused_field("image_too_small"))).await;
    stage.script().submit.push_back(Err(error));
    let planned = stage.planned().await;
    let held = stage.service().run(planned, &journal).await.unwrap_err();
    assert_eq!(held.failure.kind, FailureKind::Record);
    assert_eq!(held.generation.state, GenerationState::Failed);
    assert_eq!(held.generation.failure.as_ref().unwrap().kind, FailureKind::Rejected);
    stage.service().run(held.generation, &journal).await.unwrap();
    assert_eq!(stage.submits(), 1);
}

#[tokio::test]
async fn an_unconfirmed_submit_that_cannot_be_kept_stays_unconfirmed() {
    use crate::answers::{Sent, submit_error};
    let (stage, journal) = (stage().await, Recording::with_trouble(3, Trouble::Refused));
    let error = submit_error(&Sent::Nothing(fal_core::Delivery::Unknown)).await;
    stage.script().submit.push_back(Err(error));
    let planned = stage.planned().await;
    let held = stage.service().run(planned, &journal).await.unwrap_err();
    assert_eq!(held.failure.kind, FailureKind::Record);
    let held = stage.service().run(held.generation, &journal).await.unwrap_err();
    assert_eq!((held.generation.state, held.failure.recovery), (GenerationState::Unconfirmed, Recovery::Reconcile));
    assert_eq!(stage.submits(), 1);
}
