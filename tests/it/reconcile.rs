//! A submit whose answer was lost is looked for in fal's history, and goes on by itself where it is there.

use std::time::Duration;

use fal_emulator::{Fault, FaultRule, Operation};
use videogen::queue::Error;
use videogen::{FailureKind, TaskStatus, Videogen};

use crate::stage::{Stage, generate, settled, until, videogen};

/// In seconds.
const LOOKS_FOR: &str = "3600";

/// A history that does not answer is not asked again at once.
const HASTY: (&str, &str) = ("VIDEO_GEN_MAX_RETRY_ATTEMPTS", "1");

async fn process(stage: &Stage, more: &[(&'static str, &str)]) -> Videogen {
    let mut variables = stage.variables();
    variables.push(("VIDEO_GEN_QUEUE_RECONCILE_FOR", LOOKS_FOR.to_owned()));
    variables.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    videogen(variables.into_iter().collect(), stage.folder.path()).await
}

#[tokio::test]
async fn what_fal_has_accepted_is_found_and_goes_on_as_if_nothing_had_been() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    let videogen = process(&stage, &[]).await;
    let task = generate(&videogen, &stage.request(640, 360)).await;
    assert_eq!((task.status, task.failure), (TaskStatus::Completed, None));
    let ledger = stage.emulator.ledger();
    assert_eq!(ledger.charges().len(), 1);
    assert_eq!(task.request_id.as_ref(), Some(&ledger.charges()[0].request_id));
    let books = videogen.books().ledgers(None, videogen::domain::UnixMillis(0)).await.unwrap();
    assert_eq!(
        (books.overall.spent().to_string(), books.overall.reserved()),
        ("$0.28".to_owned(), videogen::Usd::ZERO)
    );
}

/// Two that are alike: each has its own request, whichever is found first.
#[tokio::test]
async fn of_twins_each_has_its_own() {
    let stage = Stage::set().await;
    let videogen = process(&stage, &[]).await;
    let request = stage.request(640, 360);
    let first = generate(&videogen, &request).await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    let second = generate(&videogen, &request.clone().with_fresh(true)).await;
    assert_eq!((first.status, second.status), (TaskStatus::Completed, TaskStatus::Completed));
    assert_ne!(first.request_id, second.request_id);
    assert_eq!(stage.emulator.ledger().charges().len(), 2, "both were asked for");
}

#[tokio::test]
async fn what_nobody_finds_stands_still_and_somebody_may_still_decide() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    stage.emulator.faults().add(FaultRule::new(Fault::ServerError { after_accept: false }).on(Operation::Platform));
    let videogen = process(&stage, &[HASTY]).await;
    let task = generate(&videogen, &stage.request(640, 360)).await;
    assert_eq!((task.is_held(), task.failure.map(|failure| failure.kind)), (true, Some(FailureKind::Unconfirmed)));
    let request_id = stage.emulator.ledger().charges()[0].request_id.clone();
    videogen.queue().confirm(&task.id, &request_id).await.unwrap();
    assert_eq!(settled(&videogen, &task.id).await.status, TaskStatus::Completed);
    assert!(matches!(videogen.queue().discard(&task.id).await, Err(Error::NotHeld(_))));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

/// The history is out of reach at first: whoever watches sees it stand still, and then go on.
#[tokio::test]
async fn it_is_looked_for_until_it_is_there() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    stage.emulator.faults().add(FaultRule::new(Fault::ServerError { after_accept: false }).on(Operation::Platform));
    let videogen = process(&stage, &[HASTY]).await;
    let task = generate(&videogen, &stage.request(640, 360)).await;
    assert!(task.is_held());
    stage.emulator.faults().clear();
    // The next look comes five seconds after the first.
    let task = until(&videogen, &task.id, |task| task.state.is_final()).await;
    assert_eq!((task.status, task.failure), (TaskStatus::Completed, None));
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn what_was_not_accepted_becomes_what_the_policy_says() {
    for (policy, status, charges) in [("resubmit", TaskStatus::Completed, 1), ("fail", TaskStatus::Failed, 0)] {
        let stage = Stage::set().await;
        // Cut off before fal has it: only the history can tell.
        stage.emulator.faults().add(FaultRule::new(Fault::ResetBeforeAccept).on(Operation::Submit).times(1));
        let for_a_second = [("VIDEO_GEN_QUEUE_RECONCILE_FOR", "0.5"), ("VIDEO_GEN_QUEUE_UNCONFIRMED", policy)];
        let videogen = process(&stage, &for_a_second).await;
        let id = videogen.queue().submit(&stage.request(640, 360)).await.unwrap();
        let task = until(&videogen, &id, |task| task.state.is_final()).await;
        assert_eq!((task.status, stage.emulator.ledger().charges().len()), (status, charges), "{task:?}");
        let books = videogen.books().ledgers(None, videogen::domain::UnixMillis(0)).await.unwrap();
        assert_eq!(books.overall.reserved(), videogen::Usd::ZERO, "nothing stays set aside");
    }
}

/// A process that ends while it looks leaves the task to the next one.
#[tokio::test]
async fn another_process_looks_on() {
    let stage = Stage::set().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ReplyLost).on(Operation::Submit).times(1));
    stage.emulator.faults().add(FaultRule::new(Fault::ServerError { after_accept: false }).on(Operation::Platform));
    let first = process(&stage, &[HASTY]).await;
    let task = generate(&first, &stage.request(640, 360)).await;
    assert!(task.is_held());
    tokio::time::timeout(Duration::from_secs(3), first.close()).await.expect("nobody waits for the next look");
    stage.emulator.faults().clear();
    let second = process(&stage, &[]).await;
    second.queue().tend(Duration::from_secs(60));
    assert_eq!(until(&second, &task.id, |task| task.state.is_final()).await.status, TaskStatus::Completed);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}
