//! The account's credit.

use serde_json::json;

use super::{Platform, bare, input};
use crate::client::KLING;

impl Platform {
    async fn balance(&self) -> serde_json::Value {
        self.get("/v1/account/billing?expand=credits").await["credits"].clone()
    }
}

#[tokio::test]
async fn without_a_limit_the_balance_never_moves() {
    let platform = Platform::start().await;
    platform.make("first").await;
    assert_eq!(platform.balance().await, json!({ "current_balance": 100, "currency": "USD" }));
    let bare = platform.get("/v1/account/billing").await;
    assert!(bare["username"].is_string() && bare.get("credits").is_none());
    platform.assert_wants_a_key("/v1/account/billing").await;
}

#[tokio::test]
async fn a_used_up_balance_locks_submits_and_direct_calls_and_outlives_a_restart() {
    let folder = tempfile::tempdir().expect("is made");
    let builder = || bare().state_dir(folder.path()).balance_usd("0.5".parse().expect("is a number"));
    let platform = Platform::of(builder()).await;
    let first = platform.make("first").await;
    assert_eq!(platform.balance().await["current_balance"], json!(0.22));
    platform.make("second").await;
    assert_eq!(platform.balance().await["current_balance"], json!(0));

    drop(platform);
    let platform = Platform::of(builder()).await;
    let urls = platform.emulator.urls();
    for host in [&urls.queue, &urls.run] {
        let locked = platform.caller.post(&format!("{host}/{KLING}"), &input("third")).await;
        assert_eq!(locked.status(), 403);
        assert!(locked.headers().contains_key("x-fal-request-id"));
        let detail = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.";
        assert_eq!(locked.json::<serde_json::Value>().await.expect("is JSON"), json!({ "detail": detail }));
    }
    platform.emulator.ledger().assert_charges(2);
    assert_eq!(platform.caller.result(&first).await.status(), 200, "what is paid can be fetched");
}

#[tokio::test]
async fn a_request_that_fails_gives_its_price_back() {
    let platform = Platform::of(bare().balance_usd("0.28".parse().expect("is a number"))).await;
    let running = platform.begin_endless().await;
    assert_eq!(platform.balance().await["current_balance"], json!(0), "the expected price counts");
    platform.cancel(&running).await;
    assert_eq!(platform.balance().await["current_balance"], json!(0.28));
    platform.make("first").await;
}
