//! The platform API and the document host, as far as the catalogue answers.

use std::collections::BTreeSet;

use fal_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Caller, HAILUO, KLING, fast};

const SORA: &str = "fal-ai/sora-2/image-to-video";

/// An emulator, and calls under its platform address.
struct Platform {
    emulator: Emulator,
    caller: Caller,
}

impl Platform {
    async fn start() -> Self {
        Self { emulator: fast().await, caller: Caller::new() }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.urls().platform)
    }

    /// Status and body of a call with a key.
    async fn get(&self, path: &str) -> (u16, Value) {
        let answer = self.caller.get(&self.url(path)).await;
        (answer.status().as_u16(), answer.json().await.expect("is JSON"))
    }

    async fn get_without_key(&self, path: &str) -> (u16, Value) {
        let answer = self.caller.http.get(self.url(path)).send().await.expect("answers");
        (answer.status().as_u16(), answer.json().await.expect("is JSON"))
    }

    async fn estimate(&self, body: &Value) -> (u16, Value) {
        let answer = self.caller.post(&self.url("/v1/models/pricing/estimate"), body).await;
        (answer.status().as_u16(), answer.json().await.expect("is JSON"))
    }

    /// The endpoint ids that a query lists.
    async fn listed(&self, query: &str) -> Vec<String> {
        let (status, body) = self.get(&format!("/v1/models?{query}")).await;
        assert_eq!(status, 200, "{query} {body}");
        ids(&body)
    }
}

fn ids(body: &Value) -> Vec<String> {
    let models = body["models"].as_array().expect("is a list").iter();
    models.map(|model| model["endpoint_id"].as_str().expect("is text").to_owned()).collect()
}

/// Checks that an answer is an error of this kind in the envelope of the platform API.
fn assert_refused((status, body): (u16, Value), code: u16, kind: &str) {
    assert_eq!((status, &body["error"]["type"]), (code, &json!(kind)), "{body}");
    assert!(body["error"]["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
}

#[tokio::test]
async fn a_model_is_described_with_everything_that_fal_requires() {
    let platform = Platform::start().await;
    let (status, body) = platform.get_without_key(&format!("/v1/models?endpoint_id={KLING}")).await;
    assert_eq!(status, 200);
    assert_eq!((&body["next_cursor"], &body["has_more"]), (&Value::Null, &json!(false)));
    let metadata = &body["models"][0]["metadata"];
    assert_eq!(metadata["display_name"], "Kling 2.1 (standard)");
    assert_eq!(metadata["category"], "image-to-video");
    assert_eq!(metadata["status"], "active");
    assert_eq!(metadata["updated_at"], "2026-04-26T22:25:17.147Z");
    assert_eq!(metadata["model_url"], format!("{}/{KLING}", platform.emulator.urls().run));
    for text in ["description", "thumbnail_url", "date"] {
        assert!(metadata[text].is_string(), "{text}");
    }
    assert_eq!(
        (&metadata["tags"], &metadata["highlighted"], &metadata["pinned"]),
        (&json!([]), &json!(false), &json!(false))
    );
    assert!(metadata.as_object().is_some_and(|fields| fields["is_favorited"].is_null()));
    let (_, known) = platform.get(&format!("/v1/models?endpoint_id={KLING}")).await;
    assert_eq!(known["models"][0]["metadata"]["is_favorited"], false);
}

#[tokio::test]
async fn the_pages_of_a_list_hold_each_model_once() {
    let platform = Platform::start().await;
    let whole = platform.listed("").await;
    assert!(whole.len() >= 12);
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (_, page) = platform.get(&format!("/v1/models?limit=7{cursor}")).await;
        assert!(ids(&page).len() <= 7);
        seen.extend(ids(&page));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, whole);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), whole.len());
}

#[tokio::test]
async fn models_are_found_by_id_status_category_and_words() {
    let platform = Platform::start().await;
    assert_eq!(platform.listed(&format!("endpoint_id={HAILUO}&endpoint_id={KLING}")).await, [HAILUO, KLING]);
    assert_eq!(platform.listed("status=deprecated").await, [SORA]);
    assert!(!platform.listed("status=active").await.contains(&SORA.to_owned()));
    assert!(platform.listed("category=text-to-image").await.is_empty());
    assert_eq!(platform.listed("category=image-to-video").await, platform.listed("").await);
    assert_eq!(platform.listed("q=sora+VIDEO").await, [SORA]);
    assert!(platform.listed(&format!("endpoint_id={KLING}&q=hailuo")).await.is_empty());
}

#[tokio::test]
async fn a_model_brings_its_document_and_enterprise_status_where_asked() {
    let platform = Platform::start().await;
    let path = format!("/v1/models?endpoint_id={SORA}&expand=openapi-3.0&expand=enterprise_status");
    let (_, body) = platform.get(&path).await;
    let site = format!("{}/api/openapi/queue/openapi.json?endpoint_id={SORA}", platform.emulator.urls().site);
    let document: Value = platform.caller.http.get(site).send().await.expect("answers").json().await.expect("is JSON");
    assert_eq!(body["models"][0]["openapi"], document);
    assert_eq!(body["models"][0]["enterprise_status"], "ready");
    let (_, bare) = platform.get(&format!("/v1/models?endpoint_id={SORA}")).await;
    assert!(bare["models"][0].get("openapi").is_none() && bare["models"][0].get("enterprise_status").is_none());
}

#[tokio::test]
async fn a_document_has_fals_shape() {
    let platform = Platform::start().await;
    let site = format!("{}/api/openapi/queue/openapi.json", platform.emulator.urls().site);
    let answer = platform.caller.http.get(format!("{site}?endpoint_id={KLING}")).send().await.expect("answers");
    let document: Value = answer.json().await.expect("is JSON");
    assert_eq!(document["openapi"], "3.0.4");
    assert_eq!(document["info"]["title"], format!("Queue OpenAPI for {KLING}"));
    assert_eq!(document["info"]["x-fal-metadata"]["endpointId"], KLING);
    assert_eq!(document["servers"], json!([{ "url": "https://queue.fal.run" }]));
    assert_eq!(document["security"], json!([{ "apiKeyAuth": [] }]));
    let request = format!("/{KLING}/requests/{{request_id}}");
    let expected = [
        (format!("/{KLING}"), "post"),
        (request.clone(), "get"),
        (format!("{request}/status"), "get"),
        (format!("{request}/cancel"), "put"),
    ];
    let paths = document["paths"].as_object().expect("are there");
    assert_eq!(paths.len(), expected.len());
    for (path, method) in &expected {
        assert!(paths[path][method]["responses"]["200"].is_object(), "{method} {path}");
    }
    let missing = platform.caller.get(&format!("{site}?endpoint_id=fal-ai/none")).await;
    assert_eq!(missing.status(), 404);
}

#[tokio::test]
async fn prices_are_per_unit_and_want_a_key() {
    let platform = Platform::start().await;
    let (status, body) =
        platform.get(&format!("/v1/models/pricing?endpoint_id={KLING},{HAILUO}&endpoint_id={SORA}")).await;
    assert_eq!(status, 200);
    let row = |id, price| json!({ "endpoint_id": id, "unit_price": price, "unit": "seconds", "currency": "USD" });
    let prices = [row(KLING, 0.056), row(HAILUO, 0.045), row(SORA, 0.1)];
    assert_eq!(body, json!({ "prices": prices, "next_cursor": null, "has_more": false }));
    let (_, pro) = platform.get("/v1/models/pricing?endpoint_id=fal-ai/minimax/hailuo-2.3/pro/image-to-video").await;
    assert_eq!((&pro["prices"][0]["unit_price"], &pro["prices"][0]["unit"]), (&json!(0.49), &json!("units")));
    let path = format!("/v1/models/pricing?endpoint_id={KLING}");
    assert_refused(platform.get_without_key(&path).await, 401, "authorization_error");
}

#[tokio::test]
async fn an_estimate_is_the_sum_over_its_endpoints() {
    let platform = Platform::start().await;
    let units = json!({ KLING: { "unit_quantity": 10 }, HAILUO: { "unit_quantity": 2.5 } });
    let (status, body) = platform.estimate(&json!({ "estimate_type": "unit_price", "endpoints": units })).await;
    assert_eq!(status, 200);
    assert_eq!(body, json!({ "estimate_type": "unit_price", "total_cost": 0.6725, "currency": "USD" }));
    let calls = json!({ KLING: { "call_quantity": 100 }, HAILUO: { "call_quantity": 1 } });
    let (_, body) = platform.estimate(&json!({ "estimate_type": "historical_api_price", "endpoints": calls })).await;
    assert_eq!(body, json!({ "estimate_type": "historical_api_price", "total_cost": 28.27, "currency": "USD" }));
}

#[tokio::test]
async fn an_estimate_that_cannot_be_made_is_refused() {
    let platform = Platform::start().await;
    let of = |kind: &str, endpoints: Value| json!({ "estimate_type": kind, "endpoints": endpoints });
    for body in [
        json!({}),
        json!({ "estimate_type": "unit_price" }),
        of("monthly", json!({})),
        of("unit_price", json!({ KLING: { "call_quantity": 1 } })),
        of("unit_price", json!({ KLING: { "unit_quantity": 0 } })),
        of("unit_price", json!({ KLING: { "unit_quantity": "5" } })),
        of("unit_price", json!({ KLING: { "unit_quantity": 1e30 } })),
        of("historical_api_price", json!({ KLING: { "call_quantity": 0 } })),
        of("historical_api_price", json!({ KLING: { "call_quantity": 1.5 } })),
    ] {
        assert_refused(platform.estimate(&body).await, 400, "validation_error");
    }
    let unknown = of("unit_price", json!({ "fal-ai/none": { "unit_quantity": 1 } }));
    assert_refused(platform.estimate(&unknown).await, 404, "not_found");
    let url = platform.url("/v1/models/pricing/estimate");
    let answer = platform.caller.http.post(url).json(&of("unit_price", json!({}))).send().await.expect("answers");
    assert_eq!(answer.status(), 401);
}

#[tokio::test]
async fn wrong_parameters_and_unknown_ids_are_refused_in_the_envelope_of_the_platform() {
    let platform = Platform::start().await;
    let many = vec![format!("endpoint_id={KLING}"); 51].join("&");
    for query in ["limit=0", "limit=x", "cursor=!", "status=new", "expand=everything", many.as_str()] {
        assert_refused(platform.get(&format!("/v1/models?{query}")).await, 400, "validation_error");
    }
    assert_refused(platform.get("/v1/models/pricing").await, 400, "validation_error");
    for path in [
        format!("/v1/models?endpoint_id={KLING}&endpoint_id=fal-ai/none"),
        format!("/v1/models/pricing?endpoint_id={KLING},fal-ai/none"),
        "/v1/nothing".to_owned(),
    ] {
        assert_refused(platform.get(&path).await, 404, "not_found");
    }
}

#[tokio::test]
async fn webhooks_come_from_this_machine() {
    let platform = Platform::start().await;
    assert_eq!(platform.get_without_key("/v1/meta").await, (200, json!({ "webhook_ip_ranges": ["127.0.0.1/32"] })));
}
