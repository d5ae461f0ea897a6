//! What each request costs.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::{Caller, HAILUO, KLING, fast};
use crate::pictures::{landscape, png};

#[tokio::test]
async fn each_request_is_charged_by_its_seconds_and_resolution() {
    let (emulator, caller) = (fast().await, Caller::new());
    let image_url = caller.upload(&emulator, png(&landscape(64, 64))).await;
    let (pro, master) = (KLING.replace("standard", "pro"), KLING.replace("standard", "master"));
    for (endpoint, change, units, amount) in [
        (KLING, json!({}), "5", "0.28"),
        (KLING, json!({ "duration": "10" }), "10", "0.56"),
        (&pro, json!({ "duration": "5" }), "5", "0.49"),
        (&master, json!({ "duration": "5" }), "5", "1.4"),
        (HAILUO, json!({}), "6", "0.27"),
        (HAILUO, json!({ "resolution": "512P" }), "2.26666667", "0.102"),
    ] {
        let mut input = json!({ "prompt": "zoom in", "image_url": image_url });
        input.as_object_mut().expect("is one").extend(change.as_object().expect("is one").clone());
        let submitted = caller.submit(&emulator, endpoint, &input).await;
        let id = submitted["request_id"].as_str().expect("has one");
        emulator.ledger().assert_charged_once(id);
        caller.completed(&submitted).await;
        assert_eq!(caller.result(&submitted).await.headers()["x-fal-billable-units"], units, "{endpoint}");
        let charge = emulator.ledger().charges().pop().expect("is there");
        assert_eq!((charge.request_id.as_str(), charge.endpoint_id.as_str()), (id, endpoint));
        assert_eq!(charge.amount_usd, amount.parse::<Decimal>().expect("is a number"), "{endpoint}");
        assert_eq!(charge.billable_units, units.parse::<Decimal>().expect("is a number"), "{endpoint}");
    }
    assert_eq!(emulator.ledger().total_usd(), "3.102".parse::<Decimal>().expect("is a number"));
}

#[tokio::test]
async fn a_request_that_makes_nothing_stays_in_the_ledger_at_no_cost() {
    let (emulator, caller) = (fast().await, Caller::new());
    let input: Value = json!({ "prompt": "zoom in", "image_url": "https://example.com/x.png" });
    let submitted = caller.submit(&emulator, KLING, &input).await;
    caller.completed(&submitted).await;
    let charge = emulator.ledger().charges().pop().expect("is there");
    assert_eq!((charge.amount_usd, charge.billable_units), (Decimal::ZERO, Decimal::ZERO));
}

#[tokio::test]
#[should_panic(expected = "request unheard-of was charged 0 times")]
async fn a_request_that_was_never_accepted_was_not_charged() {
    fast().await.ledger().assert_charged_once("unheard-of");
}
