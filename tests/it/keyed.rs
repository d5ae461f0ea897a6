//! A caller's own name for a request: sent again under it, it is the same task.

use fal_emulator::{Fault, FaultRule, Operation};
use videogen::TaskStatus;
use videogen::queue::Error;

use crate::stage::{Stage, generate, settled};

#[tokio::test]
async fn a_request_that_is_sent_again_is_the_same_task_even_where_it_is_to_be_fresh() {
    let stage = Stage::set().await;
    let (first, second) = (stage.videogen().await, stage.videogen().await);
    let request = stage.request(640, 360).with_fresh(true).with_idempotency_key("order-1");
    let (one, other) = tokio::join!(first.queue().submit(&request), second.queue().submit(&request));
    let id = one.unwrap();
    assert_eq!(id, other.unwrap(), "whoever asks at the same time, in whichever process");
    assert_eq!(settled(&second, &id).await.status, TaskStatus::Completed);
    assert_eq!(second.queue().submit(&request).await.unwrap(), id, "it has ended, and is the answer");
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    let another = generate(&first, &request.clone().with_idempotency_key("order-2")).await;
    assert!(another.status == TaskStatus::Completed && another.id != id);
    assert_eq!(stage.emulator.ledger().charges().len(), 2, "another key is another order");
}

#[tokio::test]
async fn what_failed_is_the_answer_too() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    stage.emulator.faults().add(FaultRule::new(Fault::ContentPolicy).on(Operation::Submit).times(1));
    let request = stage.request(640, 360).with_idempotency_key("order-1");
    let failed = generate(&videogen, &request).await;
    assert_eq!(failed.status, TaskStatus::Failed);
    assert_eq!(generate(&videogen, &request).await, failed);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

#[tokio::test]
async fn a_key_is_not_given_to_two_requests() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let request = stage.request(640, 360).with_idempotency_key("order-1");
    let id = videogen.queue().submit(&request).await.unwrap();
    let mut other = request.clone();
    other.motion_prompt = "pan left along the coast".to_owned();
    let refused = videogen.queue().submit(&other).await.unwrap_err();
    let Error::Invalid(mistakes) = refused else { panic!("{refused:?}") };
    let mistake = mistakes.iter().next().unwrap();
    assert_eq!(mistake.field, "idempotency_key");
    assert!(mistake.message.contains(id.as_str()), "{mistake}");
    settled(&videogen, &id).await;
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
}

/// Nothing is set aside that was refused, and it is refused again.
#[tokio::test]
async fn what_was_over_budget_is_refused_again() {
    let stage = Stage::set().await;
    let mut variables = stage.variables();
    variables.push(("VIDEO_GEN_BUDGET_OVERALL", "0.27".to_owned()));
    let poor = crate::stage::videogen(variables.into_iter().collect(), stage.folder.path()).await;
    let request = stage.request(640, 360).with_idempotency_key("order-1");
    for _ in 0..2 {
        assert!(matches!(poor.queue().submit(&request).await, Err(Error::Refused(_))));
    }
    assert!(stage.emulator.ledger().charges().is_empty());
}
