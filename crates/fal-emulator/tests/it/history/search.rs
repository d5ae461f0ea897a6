//! The search in past requests.

use serde_json::Value;

use super::{Platform, id, input, list};
use crate::client::{HAILUO, KLING};

impl Platform {
    async fn found(&self, query: &str) -> Vec<Value> {
        list(&self.get(&format!("/v1/models/requests/search?{query}")).await, "results")
    }

    async fn found_ids(&self, query: &str) -> Vec<String> {
        self.found(query).await.iter().map(id).collect()
    }
}

#[tokio::test]
async fn requests_are_found_by_words_and_endpoints_newest_first() {
    let platform = Platform::start().await;
    let sunset = id(&platform.make("A sunset over the sea").await);
    let sunrise = id(&platform.make("A sunrise over the sea").await);
    let submitted = platform.caller.submit(&platform.emulator, HAILUO, &input("The SEA at night")).await;
    platform.caller.completed(&submitted).await;
    let night = id(&submitted);

    assert_eq!(platform.found_ids("").await, [&*night, &*sunrise, &*sunset]);
    assert_eq!(platform.found_ids("query=sea").await, [&*night, &*sunrise, &*sunset]);
    assert_eq!(platform.found_ids("query=SEA+sunset").await, [&*sunset]);
    assert!(platform.found_ids("query=mountain").await.is_empty());
    assert!(platform.found_ids("query=aaaa").await.is_empty(), "a file is no text");
    assert_eq!(platform.found_ids(&format!("query=sea&endpoint_id={HAILUO}")).await, [&*night]);
    assert_eq!(platform.found_ids(&format!("endpoint={KLING}")).await, [&*sunrise, &*sunset]);
    assert_eq!(platform.found_ids(&format!("endpoint={KLING}&endpoint_id={HAILUO}")).await, [&*night]);
    assert_eq!(platform.found_ids("only_api_requests=true").await.len(), 3);
    assert!(platform.found_ids("exclude_api_requests=true").await.is_empty());

    assert_eq!(platform.found("query=night").await[0]["similarity"], 1);
    let browsed = &platform.found("").await[0];
    assert!(browsed.get("similarity").is_none() && browsed.get("json_input").is_none());
    assert_eq!(browsed["status_code"], 200);
}

#[tokio::test]
async fn a_search_that_cannot_be_made_is_refused() {
    let platform = Platform::start().await;
    let path = |query: &str| format!("/v1/models/requests/search?{query}");
    platform.assert_refused(&path("image_url=https://v3.fal.media/a.png"), 501, "not_implemented").await;
    platform.assert_refused(&path("video_url=https://v3.fal.media/a.mp4"), 501, "not_implemented").await;
    let both = "only_api_requests=true&exclude_api_requests=true";
    for wrong in [both, "only_api_requests=yes", "limit=0"] {
        platform.assert_refused(&path(wrong), 400, "validation_error").await;
    }
    platform.assert_wants_a_key(&path("")).await;
}
