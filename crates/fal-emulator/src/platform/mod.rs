//! The platform API: what the catalogue knows of models and prices, and what became of requests and money.

mod access;
mod estimate;
mod json_body;
mod listing;
mod meta;
mod page;
mod parameters;
mod pricing;
mod refusal;

mod entry;
mod period;

mod by_endpoint;
mod once;
mod payloads;
mod search;

mod auth_method;
mod bill;
mod series;
mod timeframe;

mod account;
mod analytics;
mod billing_events;
mod usage;

use axum::Router;
use axum::routing::{delete, get, post};

use crate::shared::SharedState;

pub(crate) use access::require_key;
pub(crate) use json_body::json_body;
pub(crate) use once::Once;
pub(crate) use refusal::Refusal;

/// The paths of `https://api.fal.ai`.
pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/v1/meta", get(meta::meta))
        .route("/v1/models", get(listing::list))
        .route("/v1/models/pricing", get(pricing::prices))
        .route("/v1/models/pricing/estimate", post(estimate::estimate))
        .route("/v1/models/requests/by-endpoint", get(by_endpoint::list))
        .route("/v1/models/requests/search", get(search::search))
        .route("/v1/models/requests/{request_id}/payloads", delete(payloads::delete))
        .route("/v1/models/billing-events", get(billing_events::list))
        .route("/v1/models/usage", get(usage::usage))
        .route("/v1/models/analytics", get(analytics::analytics))
        .route("/v1/account/billing", get(account::billing))
        .fallback(async || Refusal::not_found("Resource not found"))
}
