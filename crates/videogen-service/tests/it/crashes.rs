//! The process dies at the n-th event, for every n, and another goes on from what was kept.

use videogen_domain::{FailureKind, Generation, GenerationState, Recovery};

use crate::answers::{Sent, refused_field, result_error};
use crate::happy::{EVENTS, stage};
use crate::journals::{Recording, Trouble};
use crate::media::film;
use crate::stage::Stage;

/// Runs until the process dies, with everything that it did up to then.
async fn run_until_it_dies(stage: &Stage, planned: Generation, journal: &Recording) {
    let service = stage.service();
    tokio::select! {
        ended = service.run(planned, journal) => panic!("it should have died: {ended:?}"),
        () = journal.died.notified() => {}
    }
}

#[tokio::test]
async fn whenever_the_process_dies_there_is_one_submit_in_all_and_no_video_is_lost() {
    for trouble in [Trouble::DiesBefore, Trouble::DiesAfter] {
        for n in 1..=EVENTS.len() {
            let (stage, journal) = (stage().await, Recording::with_trouble(n, trouble));
            let planned = stage.planned().await;
            run_until_it_dies(&stage, planned.clone(), &journal).await;
            let kept = n - usize::from(trouble == Trouble::DiesBefore);
            assert_eq!(journal.names(), EVENTS[..kept]);
            let sent = usize::from(2 < n);
            assert_eq!(stage.submits(), sent, "nothing is sent until the intent is kept: {trouble:?} {n}");

            let ended = stage.service().run(journal.restored(&planned), &journal).await;
            if kept == 2 {
                // The intent and no answer: it may have been sent, and in the one case it was.
                let held = ended.unwrap_err();
                assert_eq!(held.generation.state, GenerationState::Unconfirmed);
                assert_eq!((held.failure.kind, held.failure.recovery), (FailureKind::Unconfirmed, Recovery::Reconcile));
                assert_eq!(stage.submits(), sent, "{trouble:?} {n}");
                continue;
            }
            let generation = ended.unwrap_or_else(|held| panic!("{trouble:?} {n}: {held}"));
            assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1), "{trouble:?} {n}");
            assert_eq!((stage.files(), stage.read("out.mp4")), (vec!["out.mp4".into(), "out.mp4.json".into()], film()));
            assert_eq!(generation.billed.unwrap().to_string(), "$0.28");
            assert_eq!(journal.restored(&planned), generation, "{trouble:?} {n}");
        }
    }
}

#[tokio::test]
async fn an_unconfirmed_generation_never_sends_again_however_often_it_is_run() {
    let (stage, journal) = (stage().await, Recording::with_trouble(2, Trouble::DiesAfter));
    let planned = stage.planned().await;
    run_until_it_dies(&stage, planned.clone(), &journal).await;
    let mut generation = journal.restored(&planned);
    for _ in 0..3 {
        let held = stage.service().run(generation, &journal).await.unwrap_err();
        assert_eq!(held.failure.kind, FailureKind::Unconfirmed);
        let attempt = held.generation.attempt.clone().unwrap().attempt_id;
        assert!(held.failure.message.contains(&attempt), "{}", held.failure.message);
        generation = held.generation;
    }
    assert_eq!(stage.submits(), 0);
    assert_eq!(journal.names(), ["images_uploaded", "submit_intended", "submit_unconfirmed"], "said once");
}

#[tokio::test]
async fn a_request_that_is_found_at_fal_after_all_is_carried_on() {
    let (stage, journal) = (stage().await, Recording::with_trouble(3, Trouble::DiesBefore));
    let planned = stage.planned().await;
    run_until_it_dies(&stage, planned.clone(), &journal).await;
    let held = stage.service().run(journal.restored(&planned), &journal).await.unwrap_err();
    let found = stage.service().adopt("kling_2.1", "r-1").unwrap().remote.unwrap();
    let mut generation = held.generation;
    generation.apply(videogen_domain::GenerationEvent::Submitted(found)).unwrap();
    let generation = stage.service().run(generation, &journal).await.unwrap();
    assert_eq!((generation.state, stage.submits()), (GenerationState::Completed, 1));
    assert_eq!(stage.read("out.mp4"), film());
}

#[tokio::test]
async fn whenever_the_process_dies_a_dead_upload_is_replaced_once_and_one_video_is_paid_for() {
    const EVENTS: [&str; 11] = [
        "images_uploaded",
        "submit_intended",
        "submitted",
        "observed",
        "upload_expired",
        "images_uploaded",
        "submit_intended",
        "submitted",
        "observed",
        "result_received",
        "video_stored",
    ];
    let dead = Sent::Answer(422, refused_field("file_download_error"));
    for trouble in [Trouble::DiesBefore, Trouble::DiesAfter] {
        for n in 1..=EVENTS.len() {
            let (stage, journal) = (Stage::new(), Recording::with_trouble(n, trouble));
            stage.script().is_cached = true;
            for _ in 0..2 {
                let error = result_error(&dead).await;
                stage.script().first_result.push_back(error);
            }
            let planned = stage.planned().await;
            run_until_it_dies(&stage, planned.clone(), &journal).await;
            let kept = n - usize::from(trouble == Trouble::DiesBefore);
            assert_eq!(journal.names(), EVENTS[..kept]);

            let ended = stage.service().run(journal.restored(&planned), &journal).await;
            if EVENTS[..kept].last() == Some(&"submit_intended") {
                assert_eq!(ended.unwrap_err().failure.kind, FailureKind::Unconfirmed, "{trouble:?} {n}");
                continue;
            }
            let generation = ended.unwrap_or_else(|held| panic!("{trouble:?} {n}: {held}"));
            assert_eq!(generation.state, GenerationState::Completed, "{trouble:?} {n}: {:?}", generation.failure);
            // The first request was refused without a bill; the second is the one that is paid for.
            assert_eq!((stage.submits(), generation.request_id()), (2, Some("r-2")), "{trouble:?} {n}");
            assert_eq!(stage.read("out.mp4"), film());
        }
    }
}
