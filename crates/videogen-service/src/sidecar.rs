//! The JSON beside a video: what it was made of, and what it cost.

use serde::Serialize;
use serde_json::{Map, Value};
use videogen_domain::{Generation, StoredVideo, Usd};

/// The sidecar's fields. Amounts are exact decimals in USD, written as text; what is not known is `null`.
#[derive(Serialize)]
struct Sidecar<'a> {
    model: &'a str,
    endpoint_id: &'a str,
    request_id: Option<&'a str>,
    attempt_id: Option<&'a str>,
    duration_seconds: Option<u32>,
    input: Option<&'a Map<String, Value>>,
    image_sha256: Option<&'a str>,
    end_image_sha256: Option<&'a str>,
    video_sha256: &'a str,
    video_bytes: u64,
    video_duration_ms: Option<u64>,
    video_width: Option<u32>,
    video_height: Option<u32>,
    mismatches: Vec<String>,
    estimate_usd: Option<String>,
    billed_usd: Option<String>,
    billable_units: Option<String>,
    stored_at: String,
}

/// The sidecar's text.
pub(crate) fn text(generation: &Generation, stored: &StoredVideo, billed: Option<Usd>) -> String {
    let plan = generation.plan.as_ref();
    let dollars = |amount: Usd| amount.dollars().to_string();
    let sidecar = Sidecar {
        model: &generation.model_id,
        endpoint_id: &generation.endpoint_id,
        request_id: generation.request_id(),
        attempt_id: generation.attempt.as_ref().map(|attempt| attempt.attempt_id.as_str()),
        duration_seconds: plan.and_then(|plan| plan.duration_seconds),
        input: plan.map(|plan| &plan.parameters),
        image_sha256: generation.image.as_ref().and_then(|image| image.content_hash.as_deref()),
        end_image_sha256: generation.end_image.as_ref().and_then(|image| image.content_hash.as_deref()),
        video_sha256: &stored.content_hash,
        video_bytes: stored.bytes,
        video_duration_ms: stored.facts.duration_ms,
        video_width: stored.facts.width,
        video_height: stored.facts.height,
        mismatches: plan.map(|plan| stored.facts.mismatches(plan)).unwrap_or_default(),
        estimate_usd: generation.estimate().upper_bound().map(dollars),
        billed_usd: billed.map(dollars),
        billable_units: generation.video.as_ref().and_then(|video| video.billable_units).map(|units| units.to_string()),
        stored_at: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    };
    // The fields are texts, numbers and JSON already: writing them cannot fail.
    let mut text = serde_json::to_string_pretty(&sidecar).unwrap_or_default();
    text.push('\n');
    text
}
