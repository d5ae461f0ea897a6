//! `GET /v1/models`: the catalogue as a list, by id, or searched.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use crate::body;
use crate::models::{self, CATEGORY, Model, Status, THUMBNAIL};
use crate::platform::access::has_key;
use crate::platform::page::Page;
use crate::platform::parameters::{Parameters, find_models};
use crate::platform::refusal::Refusal;
use crate::shared::{Shared, SharedState};

/// The most entries of a page; fewer where each one carries a whole document.
const LARGEST_PAGE: usize = 50;
const LARGEST_PAGE_OF_DOCUMENTS: usize = 10;

const OPENAPI: &str = "openapi-3.0";
const ENTERPRISE_STATUS: &str = "enterprise_status";

/// A key is not needed; with one, `is_favorited` is known.
pub(super) async fn list(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    let expansions = parameters.among("expand", &[OPENAPI, ENTERPRISE_STATUS])?;
    let largest = if expansions.contains(&OPENAPI) { LARGEST_PAGE_OF_DOCUMENTS } else { LARGEST_PAGE };
    let page = Page::read(&parameters, largest)?;
    let chosen = chosen(&parameters)?;
    let favourite = has_key(&shared, &headers).then_some(false);
    let answer = page.envelope("models", &chosen, |model| entry(&shared, model, favourite, &expansions));
    Ok(body::json(StatusCode::OK, &answer))
}

/// The models that pass every filter.
fn chosen(parameters: &Parameters) -> Result<Vec<&'static Model>, Refusal> {
    let ids: Vec<_> = parameters.all("endpoint_id").collect();
    let named = if ids.is_empty() { models::all().iter().collect() } else { find_models(&ids)? };
    let statuses = parameters.among("status", &[Status::Active, Status::Deprecated].map(Status::as_str))?;
    let category = parameters.one("category");
    let words = parameters.one("q").unwrap_or_default().to_lowercase();
    let passes = |model: &&Model| {
        let text = format!("{} {CATEGORY}", model.description()).to_lowercase();
        category.is_none_or(|wanted| wanted == CATEGORY)
            && statuses.first().is_none_or(|wanted| *wanted == model.status.as_str())
            && words.split_whitespace().all(|word| text.contains(word))
    };
    Ok(named.into_iter().filter(passes).collect())
}

fn entry(shared: &Shared, model: &Model, favourite: Option<bool>, expansions: &[&str]) -> Value {
    let mut entry = json!({
        "endpoint_id": model.endpoint_id,
        "metadata": {
            "display_name": model.display_name,
            "category": CATEGORY,
            "description": model.description(),
            "status": model.status.as_str(),
            "tags": [],
            "updated_at": model.updated_at,
            "is_favorited": favourite,
            "thumbnail_url": THUMBNAIL,
            "model_url": format!("{}/{}", shared.urls.run, model.endpoint_id),
            "date": model.updated_at,
            "highlighted": false,
            "kind": "inference",
            "pinned": false,
        },
    });
    if expansions.contains(&OPENAPI) {
        entry["openapi"] = model.openapi();
    }
    if expansions.contains(&ENTERPRISE_STATUS) {
        entry["enterprise_status"] = "ready".into();
    }
    entry
}
