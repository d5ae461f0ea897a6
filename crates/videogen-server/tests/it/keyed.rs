//! `Idempotency-Key`: a request that is sent again is answered with its task.

use serde_json::{Value, json};

use crate::stage::{Stage, problem, request};

#[tokio::test]
async fn a_post_that_is_sent_again_under_its_key_is_the_same_task() {
    let stage = Stage::set().await;
    let post = |body: Value| {
        let post = stage.caller.http.post(stage.caller.url("/v1/tasks")).header("Idempotency-Key", "order-1");
        async move { post.json(&body).send().await.unwrap() }
    };
    let mut asked = request();
    asked["fresh"] = json!(true);
    let first: Value = post(asked.clone()).await.json().await.unwrap();
    let made = stage.caller.settled(&first).await;
    let again: Value = post(asked.clone()).await.json().await.unwrap();
    assert_eq!(again, made);
    assert_eq!(stage.emulator.ledger().charges().len(), 1);
    asked["duration"] = json!(10);
    let (status, refused) = problem(post(asked).await).await;
    assert_eq!((status, &refused["violations"][0]["field"]), (422, &json!("idempotency_key")), "{refused}");
}
