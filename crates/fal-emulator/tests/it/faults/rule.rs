//! Rules: how often, how likely, where, and asked for while the emulator runs.

use fal_emulator::{Emulator, Fault, FaultRule, Operation, Pace};
use serde_json::{Value, json};

use super::{input, once, struck_by, submit_asking, submit_url};
use crate::client::{Caller, HAILUO, KLING, fast};

const BUSY: Fault = Fault::RateLimited { retry_after: None };

/// The statuses of so many submits.
async fn submits(emulator: &Emulator, count: usize) -> Vec<u16> {
    let caller = Caller::new();
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(caller.post(&submit_url(emulator), &input()).await.status().as_u16());
    }
    statuses
}

#[tokio::test]
async fn a_rule_skips_strikes_and_stops() {
    let emulator = struck_by([FaultRule::new(BUSY).skip(1).times(2)]).await;
    assert_eq!(submits(&emulator, 5).await, [200, 429, 429, 200, 200]);
    emulator.ledger().assert_charges(3);
    let counts: Vec<_> = emulator.faults().rules().iter().map(|rule| (rule.id, rule.matched, rule.hits)).collect();
    assert_eq!(counts, [(1, 5, 2)]);
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_submits_again() {
    let seeded = async |seed| {
        let rule = FaultRule::new(BUSY).probability(0.5);
        let emulator = Emulator::builder().pace(Pace::Fast).seed(seed).fault(rule).start().await.expect("starts");
        submits(&emulator, 32).await
    };
    let first = seeded(7).await;
    assert!(first.contains(&200) && first.contains(&429), "{first:?}");
    assert_eq!(seeded(7).await, first);
    assert_ne!(seeded(8).await, first);
}

#[tokio::test]
async fn a_rule_knows_the_endpoint_of_a_request_from_its_id() {
    let rule = FaultRule::new(Fault::ServerError { after_accept: false }).on(Operation::Status).endpoint(KLING);
    let (emulator, caller) = (struck_by([rule]).await, Caller::new());
    for (endpoint, is_struck) in [(KLING, true), (&KLING.replace("standard", "pro"), false), (HAILUO, false)] {
        let submitted = caller.submit(&emulator, endpoint, &input()).await;
        let polled = caller.get(submitted["status_url"].as_str().expect("has one")).await.status();
        assert_eq!(polled.is_server_error(), is_struck, "{endpoint}: {polled}");
    }
}

#[tokio::test]
async fn a_test_adds_counts_and_takes_away_rules_while_the_emulator_runs() {
    let emulator = fast().await;
    let faults = emulator.faults();
    let id = faults.add(FaultRule::new(BUSY));
    assert_eq!(submits(&emulator, 2).await, [429, 429]);
    assert_eq!((faults.hits(id), faults.hits(99)), (2, 0));
    assert!(faults.remove(id) && !faults.remove(id));
    assert_eq!(submits(&emulator, 1).await, [200]);
    faults.add(FaultRule::new(BUSY));
    faults.clear();
    assert_eq!(submits(&emulator, 1).await, [200]);
    assert_eq!(faults.hits_by_name()["rate-limited"], 2);
}

#[tokio::test]
async fn a_header_strikes_its_own_exchange_with_several_faults_in_their_order() {
    let (emulator, caller) = (fast().await, Caller::new());
    let cut = submit_asking(&caller, &emulator, "nginx-502; after_accept=true, truncated-download").await;
    let cut = cut.expect("answers");
    assert_eq!(cut.status(), 502);
    assert!(cut.bytes().await.is_err());
    emulator.ledger().assert_charges(1);
    assert_eq!(submits(&emulator, 1).await, [200], "the next exchange is spared");
    assert_eq!(emulator.faults().hits_by_name().into_keys().collect::<Vec<_>>(), ["nginx-502", "truncated-download"]);
}

#[tokio::test]
async fn a_header_with_a_mistake_is_refused_with_the_right_name() {
    let (emulator, caller) = (fast().await, Caller::new());
    let answer = submit_asking(&caller, &emulator, "reply-lots").await.expect("answers");
    assert_eq!(answer.status(), 400);
    let expected = json!({ "detail": "x-emulator-fault: unknown fault `reply-lots`; did you mean `reply-lost`?" });
    assert_eq!(answer.json::<Value>().await.expect("is JSON"), expected);
    emulator.ledger().assert_nothing_charged();
}

#[tokio::test]
async fn a_fault_of_the_request_is_chosen_once_when_it_is_accepted() {
    let emulator = struck_by([once(Fault::DuplicateWebhook), FaultRule::new(BUSY).skip(2)]).await;
    assert_eq!(submits(&emulator, 3).await, [200, 200, 429]);
    let caller = Caller::new();
    assert_eq!(submit_asking(&caller, &emulator, "source-expired").await.expect("answers").status(), 429);
    let rules = emulator.faults().rules();
    assert_eq!((rules[0].matched, rules[0].hits), (2, 1), "what is refused is not a request");
    emulator.faults().clear();
    assert_eq!(submit_asking(&caller, &emulator, "source-expired").await.expect("answers").status(), 200);
    assert_eq!(emulator.faults().hits_by_name()["source-expired"], 1);
}

#[tokio::test]
async fn the_admin_api_adds_shows_and_takes_away_rules_and_is_never_struck() {
    let (emulator, caller) =
        (struck_by([FaultRule::new(Fault::Nginx502 { after_accept: false })]).await, Caller::new());
    let root = emulator.urls().queue.trim_end_matches("/queue").to_owned();
    let url = format!("{root}/emulator/faults");
    let delete = async |url: String| caller.http.delete(url).send().await.expect("answers").status().as_u16();

    assert_eq!(delete(format!("{url}/1")).await, 204);
    assert_eq!(delete(format!("{url}/1")).await, 404);
    let added = caller.post(&url, &json!({ "name": "rate-limited", "retry_after": 3, "times": 1 })).await;
    assert_eq!(added.status(), 201);
    assert_eq!(added.json::<Value>().await.expect("is JSON"), json!({ "id": 2 }));
    assert_eq!(submits(&emulator, 2).await, [429, 200]);

    let shown: Value = caller.get(&url).await.json().await.expect("is JSON");
    let rule = json!({
        "id": 2, "matched": 2, "hits": 1, "name": "rate-limited", "retry_after": 3,
        "probability": 1.0, "times": 1, "skip": 0, "on": "submit", "endpoint": null,
    });
    assert_eq!((&shown["seed"], &shown["faults"]), (&json!(0), &json!([rule])));
    assert_eq!(shown["hits"], json!({ "rate-limited": 1 }));
    let names: Vec<_> = Fault::all().iter().map(Fault::name).collect();
    assert_eq!(shown["names"], json!(names));

    let wrong = caller.post(&url, &json!({ "name": "rate-limited", "retry_afer": 3 })).await;
    assert_eq!(wrong.status(), 422);
    let wrong: Value = wrong.json().await.expect("is JSON");
    assert_eq!(wrong["detail"], "unknown key `retry_afer`; did you mean `retry_after`?");
    assert_eq!(delete(url).await, 204);
    assert!(emulator.faults().rules().is_empty());
}
