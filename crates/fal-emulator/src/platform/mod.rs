//! The platform API: what the catalogue knows of models and prices.

mod access;
mod estimate;
mod listing;
mod meta;
mod page;
mod parameters;
mod pricing;
mod refusal;

use axum::Router;
use axum::routing::{get, post};

use crate::platform::refusal::Refusal;
use crate::shared::SharedState;

/// The paths of `https://api.fal.ai`.
pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/v1/meta", get(meta::meta))
        .route("/v1/models", get(listing::list))
        .route("/v1/models/pricing", get(pricing::prices))
        .route("/v1/models/pricing/estimate", post(estimate::estimate))
        .fallback(async || Refusal::not_found("Resource not found"))
}
