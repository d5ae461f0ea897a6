//! Every endpoint of the catalogue: its document, its checks, its video.

use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use crate::client::{Caller, fast};
use crate::pictures::{landscape, png};
use crate::published::published;

const KLING_3: &str = "fal-ai/kling-video/v3/pro/image-to-video";
/// Fields for the frames of a video, under whatever name an endpoint has them.
const FRAMES: [&str; 4] = ["image_url", "start_image_url", "first_frame_url", "last_frame_url"];

#[tokio::test]
async fn the_documents_say_what_fal_has_published() {
    let (emulator, caller) = (fast().await, Caller::new());
    for expected in published() {
        let url = format!("{}/api/openapi/queue/openapi.json", emulator.urls().site);
        let answer = caller.get(&format!("{url}?endpoint_id={}", expected.endpoint_id)).await;
        let document: Value = answer.json().await.expect("is JSON");
        let schema = &document["components"]["schemas"][expected.name];
        assert_eq!(schema.get("required").unwrap_or(&json!([])), &json!(expected.required), "{}", expected.name);
        let names: Vec<_> = expected.properties.iter().map(|(name, _)| *name).collect();
        assert_eq!(schema["x-fal-order-properties"], json!(names), "{}", expected.name);
        let properties: Map<_, _> =
            expected.properties.into_iter().map(|(name, facts)| (name.to_owned(), facts)).collect();
        assert_eq!(schema["properties"], Value::from(properties), "{}", expected.name);
    }
}

#[tokio::test]
async fn every_endpoint_makes_a_video_and_charges_for_it() {
    let short = FaultRule::new(Fault::WrongLength { seconds: 1 });
    let emulator = Emulator::builder().pace(Pace::Fast).fault(short).start().await.expect("starts");
    let caller = Caller::new();
    let picture = caller.upload(&emulator, png(&landscape(320, 320))).await;
    let mut requests = Vec::new();
    for (id, document) in documents(&emulator, &caller).await {
        requests.push((caller.submit(&emulator, &id, &input_for(&id, &document, &picture)).await, id));
    }
    assert!(requests.len() >= 12, "{}", requests.len());
    for (submitted, id) in &requests {
        caller.completed(submitted).await;
        let result = caller.result(submitted).await;
        assert_eq!(result.status(), 200, "{id}");
        let result: Value = result.json().await.expect("is JSON");
        assert_eq!(caller.get(result["video"]["url"].as_str().expect("has one")).await.status(), 200, "{id}");
    }
    assert!(emulator.ledger().charges().iter().all(|charge| charge.amount_usd > Decimal::ZERO));
}

/// The id and OpenAPI document of every endpoint, page by page.
async fn documents(emulator: &Emulator, caller: &Caller) -> Vec<(String, Value)> {
    let url = format!("{}/v1/models?expand=openapi-3.0", emulator.urls().platform);
    let (mut found, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let page: Value = caller.get(&format!("{url}{cursor}")).await.json().await.expect("is JSON");
        for model in page["models"].as_array().expect("is a list") {
            found.push((model["endpoint_id"].as_str().expect("is text").to_owned(), model["openapi"].clone()));
        }
        next = page["next_cursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
    }
    found
}

/// The least that an endpoint needs, which is the prompt and its frames, and the first duration that it offers.
fn input_for(id: &str, document: &Value, picture: &str) -> Value {
    let body = &document["paths"][format!("/{id}")]["post"]["requestBody"]["content"]["application/json"]["schema"];
    let name = body["$ref"].as_str().and_then(|path| path.rsplit('/').next()).expect("refers to a schema");
    let fields = &document["components"]["schemas"][name]["properties"];
    let mut input = json!({ "prompt": "zoom in" });
    if let Some(duration) = fields["duration"]["enum"].get(0) {
        input["duration"] = duration.clone();
    }
    for frame in FRAMES.iter().filter(|frame| fields.get(**frame).is_some()) {
        input[*frame] = picture.into();
    }
    input
}

#[tokio::test]
async fn a_fault_in_a_list_of_objects_is_reported_where_it_is() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = caller.upload(&emulator, png(&landscape(300, 300))).await;
    let faults = async |change: Value| {
        let mut input = json!({ "prompt": "zoom in", "start_image_url": picture });
        input.as_object_mut().expect("is one").extend(change.as_object().expect("is one").clone());
        let submitted = caller.submit(&emulator, KLING_3, &input).await;
        caller.completed(&submitted).await;
        let result = caller.result(&submitted).await;
        assert_eq!(result.status(), 422);
        let body: Value = result.json().await.expect("is JSON");
        let entries = body["detail"].as_array().expect("is a list").iter();
        entries.map(|entry| (entry["type"].clone(), entry["loc"].clone())).collect::<Vec<_>>()
    };
    let elements = json!({ "elements": [{ "frontal_image_url": 3 }], "multi_prompt": [{ "duration": "16" }] });
    let expected = [
        ("missing", json!(["body", "multi_prompt", 0, "prompt"])),
        ("one_of", json!(["body", "multi_prompt", 0, "duration"])),
        ("string_type", json!(["body", "elements", 0, "frontal_image_url"])),
    ];
    assert_eq!(faults(elements).await, expected.map(|(kind, loc)| (json!(kind), loc)));
    let lost = json!({ "elements": [{ "reference_image_urls": [picture, "https://example.com/x.png"] }] });
    let loc = json!(["body", "elements", 0, "reference_image_urls", 1]);
    assert_eq!(faults(lost).await, [(json!("file_download_error"), loc)]);
}

#[tokio::test]
async fn a_picture_below_the_published_size_is_refused_with_that_size() {
    let (emulator, caller) = (fast().await, Caller::new());
    let small = caller.upload(&emulator, png(&landscape(320, 299))).await;
    let input = json!({ "prompt": "zoom in", "start_image_url": small });
    let submitted = caller.submit(&emulator, KLING_3, &input).await;
    assert_eq!(caller.completed(&submitted).await["error_type"], "image_too_small");
    let body: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    assert_eq!(body["detail"][0]["loc"], json!(["body", "start_image_url"]));
    assert_eq!(body["detail"][0]["ctx"], json!({ "min_width": 300, "min_height": 300 }));
    assert!(emulator.ledger().total_usd().is_zero());
}

#[tokio::test]
async fn an_input_without_any_picture_is_refused_where_the_schema_would_let_it_pass() {
    let (emulator, caller) = (fast().await, Caller::new());
    let submitted = caller.submit(&emulator, "fal-ai/wan/v2.7/image-to-video", &json!({ "prompt": "a sea" })).await;
    caller.completed(&submitted).await;
    let body: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    assert_eq!(
        (&body["detail"][0]["type"], &body["detail"][0]["loc"]),
        (&json!("missing"), &json!(["body", "image_url"]))
    );
}

#[tokio::test]
async fn a_result_has_the_seed_that_its_schema_promises() {
    let (emulator, caller) = (fast().await, Caller::new());
    let picture = caller.upload(&emulator, png(&landscape(320, 320))).await;
    let input = json!({ "prompt": "zoom in", "image_url": picture, "duration": "4", "seed": 42 });
    let submitted = caller.submit(&emulator, "bytedance/seedance-2.0/image-to-video", &input).await;
    caller.completed(&submitted).await;
    let result: Value = caller.result(&submitted).await.json().await.expect("is JSON");
    assert_eq!(result["seed"], 42);
}
