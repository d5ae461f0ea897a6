//! Videos that are asked for together: all fit into the budget or none is sent, and each is paid once.

use videogen::domain::{BatchPlan, UnixMillis};
use videogen::queue::{BatchSummary, Error, OnFailure};
use videogen::{GenerationRequest, TaskStatus, Usd, Videogen};

use crate::stage::{Stage, videogen};

fn requests(stage: &Stage) -> Vec<GenerationRequest> {
    let prompts = ["slow zoom in on the lighthouse", "pan left along the coast", "slow zoom in on the lighthouse"];
    let of = |prompt: &str| {
        let mut request = stage.request(640, 360);
        request.motion_prompt = prompt.to_owned();
        request
    };
    prompts.map(of).to_vec()
}

async fn plan(videogen: &Videogen, stage: &Stage) -> BatchPlan {
    videogen.plan_batch(&requests(stage), None).await.unwrap()
}

async fn made(videogen: &Videogen, plan: BatchPlan) -> BatchSummary {
    let mut batch = videogen.queue().batch(plan, OnFailure::Continue).await.unwrap();
    let mut places = Vec::new();
    while let Some((place, task)) = batch.next().await.unwrap() {
        assert_eq!((task.status, batch.summary().open()), (TaskStatus::Completed, 2 - places.len()));
        places.push(place);
    }
    places.sort_unstable();
    assert_eq!(places, [0, 1, 2]);
    batch.summary()
}

#[tokio::test]
async fn what_is_the_same_is_paid_for_once_within_a_batch_and_beyond() {
    let stage = Stage::set().await;
    let first = stage.videogen().await;
    let plan = plan(&first, &stage).await;
    assert_eq!(plan.estimate.to_string(), "$0.84");
    let summary = made(&first, plan.clone()).await;
    assert_eq!((summary.completed, summary.reused, summary.billed.to_string()), (3, 1, "$0.56".to_owned()));
    let second = stage.videogen().await;
    let again = made(&second, plan).await;
    assert_eq!((again.completed, again.reused, again.billed), (3, 3, Usd::ZERO));
    assert_eq!(stage.emulator.ledger().charges().len(), 2);
}

#[tokio::test]
async fn what_does_not_fit_into_the_budget_together_is_not_begun() {
    let stage = Stage::set().await;
    let with_budget = |dollars: &str| {
        let mut variables = stage.variables();
        variables.push(("VIDEO_GEN_BUDGET_PER_DAY", dollars.to_owned()));
        variables.into_iter().collect()
    };
    let poor = videogen(with_budget("0.83"), stage.folder.path()).await;
    let plan = plan(&poor, &stage).await;
    let refused = poor.queue().batch(plan.clone(), OnFailure::Continue).await.unwrap_err();
    assert!(matches!(&refused, Error::Refused(failure) if failure.message.contains("nothing was sent")), "{refused}");
    let books = poor.books().ledgers(None, UnixMillis(0)).await.unwrap();
    assert_eq!((books.overall.reserved(), stage.emulator.ledger().charges().len()), (Usd::ZERO, 0));
    assert!(poor.queue().unfinished().is_empty());
    let rich = videogen(with_budget("0.84"), stage.folder.path()).await;
    assert_eq!(made(&rich, plan.clone()).await.completed, 3);
    // What is made needs no room any more.
    let spent = videogen(with_budget("0.56"), stage.folder.path()).await;
    assert_eq!(made(&spent, plan).await.reused, 3);
}

#[tokio::test]
async fn every_mistake_of_every_request_is_told() {
    let stage = Stage::set().await;
    let videogen = stage.videogen().await;
    let mut requests = requests(&stage);
    requests[1].duration_seconds = Some(7);
    requests[2].motion_prompt = "short".to_owned();
    let mistakes = videogen.plan_batch(&requests, None).await.unwrap_err();
    let fields: Vec<&str> = mistakes.iter().map(|mistake| mistake.field.as_str()).collect();
    assert_eq!(fields, ["rows[2].duration", "rows[3].motion_prompt"]);
    assert!(videogen.plan_batch(&[], None).await.is_err());
    let dear = videogen.plan_batch(&requests[..1], Some("0.27".parse().unwrap())).await.unwrap_err();
    assert!(dear.iter().next().unwrap().message.contains("may cost $0.27"), "{dear}");
}
