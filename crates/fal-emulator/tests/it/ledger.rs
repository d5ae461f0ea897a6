//! What each request costs.

use fal_emulator::{Emulator, Pace};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::client::{Caller, HAILUO, KLING, fast};
use crate::pictures::{landscape, png};

#[tokio::test]
async fn each_request_is_charged_by_its_seconds_and_resolution() {
    let emulator = Emulator::builder().pace(Pace::Fast).rendering(false).start().await.expect("starts");
    let caller = Caller::new();
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

#[tokio::test]
async fn the_ledger_finds_what_was_paid_twice() {
    let (emulator, caller) = (fast().await, Caller::new());
    let ledger = emulator.ledger();
    ledger.assert_nothing_charged();
    let image_url = caller.upload(&emulator, png(&landscape(64, 64))).await;
    let input = |prompt: &str| json!({ "prompt": prompt, "image_url": image_url });
    let mut ids = Vec::new();
    for (endpoint, prompt) in [(KLING, "zoom in"), (HAILUO, "zoom in"), (KLING, "zoom out")] {
        let submitted = caller.submit(&emulator, endpoint, &input(prompt)).await;
        ids.push(submitted["request_id"].as_str().expect("has one").to_owned());
    }
    ledger.assert_no_duplicates();
    ledger.assert_one_charge_each(&ids);
    ledger.assert_total_usd("0.83".parse().expect("is a number"));
    assert_eq!(ledger.charges_for_input(|input| input["prompt"] == "zoom in").len(), 2);

    let again = caller.submit(&emulator, KLING, &input("zoom in")).await;
    let twice: Vec<String> = ledger.duplicates().concat().into_iter().map(|charge| charge.request_id).collect();
    assert_eq!(twice, [ids[0].as_str(), again["request_id"].as_str().expect("has one")]);
    ledger.assert_charges(4);
}

#[tokio::test]
async fn trying_again_what_cost_nothing_is_no_double_payment() {
    let (emulator, caller) = (fast().await, Caller::new());
    for _ in 0..2 {
        let submitted = caller.submit(&emulator, KLING, &json!({ "prompt": "no picture" })).await;
        caller.completed(&submitted).await;
    }
    emulator.ledger().assert_charges(2);
    emulator.ledger().assert_no_duplicates();
}

/// The text of a failed assertion.
fn complaint(assertion: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(assertion).expect_err("fails");
    panic.downcast_ref::<String>().expect("is text").clone()
}

#[tokio::test]
async fn a_failed_assertion_shows_the_ledger_without_prompts() {
    let (emulator, caller) = (fast().await, Caller::new());
    let input =
        json!({ "prompt": "a private matter", "image_url": caller.upload(&emulator, png(&landscape(64, 64))).await });
    let first = caller.submit(&emulator, KLING, &input).await;
    caller.submit(&emulator, KLING, &input).await;
    let id = first["request_id"].as_str().expect("has one");
    let ledger = || std::panic::AssertUnwindSafe(emulator.ledger());
    for (told, expected) in [
        (
            complaint({
                let ledger = ledger();
                move || ledger.assert_nothing_charged()
            }),
            "2 requests were accepted, expected 0",
        ),
        (
            complaint({
                let ledger = ledger();
                move || ledger.assert_total_usd(Decimal::ONE)
            }),
            "0.56 USD in all, expected 1",
        ),
        (
            complaint({
                let ledger = ledger();
                move || ledger.assert_no_duplicates()
            }),
            "paid more than once",
        ),
        (
            complaint({
                let ledger = ledger();
                move || ledger.assert_one_charge_each(&[id])
            }),
            "2 requests were accepted",
        ),
    ] {
        assert!(told.starts_with(expected) && told.contains(id) && !told.contains("private"), "{told}");
    }
}
