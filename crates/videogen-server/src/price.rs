//! `GET /v1/models` and `POST /v1/estimates`: what can be asked for, and what it costs.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;

use crate::problem::Problem;
use crate::request;
use crate::routes::Shared;
use crate::view::model::{ModelList, QuoteView};

/// Every model.
pub(crate) async fn models(State(host): State<Shared>) -> Json<ModelList> {
    Json(ModelList::of(&host.videogen))
}

/// A price, before there is a picture.
pub(crate) async fn estimate(
    State(host): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<QuoteView>, Problem> {
    let mut fields = request::fields(&headers, body)?;
    let asked = request::priced(&host.videogen, &mut fields);
    let quote = fields.finish(host.videogen.quote(&asked)).map_err(|violations| Problem::mistakes(&violations))?;
    Ok(Json(QuoteView::from(quote)))
}
