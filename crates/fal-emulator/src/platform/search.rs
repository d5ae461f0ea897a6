//! `GET /v1/models/requests/search`: the requests whose input has some words in it, or all of them.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

use crate::body;
use crate::platform::access::require_key;
use crate::platform::entry::{Entry, has_payloads, known_until};
use crate::platform::page::Page;
use crate::platform::parameters::Parameters;
use crate::platform::refusal::Refusal;
use crate::shared::SharedState;

const LARGEST_PAGE: usize = 50;

const TRUE_OR_FALSE: &[&str] = &["true", "false"];

/// The newest first. fal ranks by what a text means, the emulator knows words alone: all of them must be there.
pub(super) async fn search(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let page = Page::read(&parameters, LARGEST_PAGE)?;
    let endpoints = endpoints(&parameters)?;
    let words = words(&parameters)?;
    let is_asked_for = asks_for_api_requests(&parameters)?;
    let until = known_until(&shared);
    let found = shared.board.view_all(|job| {
        let endpoint_fits = endpoints.is_empty() || endpoints.contains(&job.endpoint_id.as_str());
        let words_fit =
            words.is_empty() || has_payloads(&shared, job) && words.iter().all(|word| says(&job.input, word));
        (is_asked_for && endpoint_fits && words_fit).then(|| Entry::of(job, until)).flatten()
    });
    let entries: Vec<Entry> = found.into_iter().rev().flatten().collect();
    let answer = page.envelope("results", &entries, |entry| {
        let mut result = entry.to_json();
        if !words.is_empty() {
            result["similarity"] = 1.into();
        }
        result
    });
    Ok(body::json(StatusCode::OK, &answer))
}

/// `endpoint_id`, and without it its older name.
fn endpoints(parameters: &Parameters) -> Result<Vec<&str>, Refusal> {
    let endpoints = parameters.endpoints("endpoint_id")?;
    if endpoints.is_empty() { parameters.endpoints("endpoint") } else { Ok(endpoints) }
}

fn words(parameters: &Parameters) -> Result<Vec<String>, Refusal> {
    if parameters.one("image_url").or(parameters.one("video_url")).is_some() {
        return Err(Refusal::not_implemented("The emulator finds text alone, by `query`"));
    }
    let query = parameters.one("query").unwrap_or_default().to_lowercase();
    Ok(query.split_whitespace().map(str::to_owned).collect())
}

/// Every request comes with a key, none from a website.
fn asks_for_api_requests(parameters: &Parameters) -> Result<bool, Refusal> {
    let is_set = |name| Ok(parameters.choice(name, TRUE_OR_FALSE)? == Some("true"));
    match (is_set("only_api_requests")?, is_set("exclude_api_requests")?) {
        (true, true) => Err(Refusal::invalid("only_api_requests and exclude_api_requests exclude each other")),
        (_, excluded) => Ok(!excluded),
    }
}

/// Whether a text in there contains the word. Files in the input are no text.
fn says(input: &Value, word: &str) -> bool {
    match input {
        Value::String(text) => !text.starts_with("data:") && text.to_lowercase().contains(word),
        Value::Array(list) => list.iter().any(|value| says(value, word)),
        Value::Object(fields) => fields.values().any(|value| says(value, word)),
        _ => false,
    }
}
