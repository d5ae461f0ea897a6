//! Prices, estimates, and how the platform API refuses.

use fal_emulator::captures::platform;
use serde_json::{Value, json};

use super::shape::assert_is_like;
use crate::client::{Caller, KLING, fast};

#[tokio::test]
async fn prices_estimates_and_refusals() {
    let (emulator, caller) = (fast().await, Caller::new());
    let url = format!("{}/v1/models/pricing", emulator.urls().platform);
    assert_is_like(&platform::PRICING, caller.get(&format!("{url}?endpoint_id={KLING}")).await).await;
    assert_is_like(&platform::REFUSED, caller.get(&url).await).await;
    for asked in [&platform::ESTIMATE_BY_UNITS, &platform::ESTIMATE_BY_CALLS] {
        let body: Value = serde_json::from_str(asked.body).expect("is JSON");
        assert_is_like(&platform::ESTIMATED, caller.post(&format!("{url}/estimate"), &body).await).await;
    }
    assert_is_like(&platform::REFUSED, caller.post(&format!("{url}/estimate"), &json!({})).await).await;
}
