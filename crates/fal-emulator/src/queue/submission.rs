//! What every paid call has in common, queued or direct: the endpoint, the input and the options are read.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::auth::Payer;
use crate::fate::Fate;
use crate::front::Origin;
use crate::job::{Job, Submission};
use crate::models::Model;
use crate::models::Price;
use crate::queue::{Options, answer, fresh_id, not_found, stamped};
use crate::shared::Shared;
use crate::{balance, body, models};

/// A request that may be accepted. Any JSON will do: faults in the input show in the result, as on fal.
pub(crate) async fn read(
    shared: &Shared,
    payer: Payer,
    origin: Origin,
    endpoint_id: &str,
    query: &str,
    headers: &HeaderMap,
    body: Body,
) -> Result<(&'static Model, Job), Response> {
    if balance::is_exhausted(shared) {
        return Err(answer(StatusCode::FORBIDDEN, &fresh_id(), &json!({ "detail": balance::EXHAUSTED })));
    }
    let Some(model) = models::find(endpoint_id) else {
        return Err(not_found(&format!("Application '{endpoint_id}' not found")));
    };
    let options = Options::read(query, headers).map_err(|_| {
        let detail = "The start timeout must be a number of seconds above 0.1";
        answer(StatusCode::BAD_REQUEST, &fresh_id(), &json!({ "detail": detail, "error_type": "bad_request" }))
    })?;
    let bytes = body::whole(body).await.map_err(|refusal| stamped(refusal, &fresh_id()))?;
    let input = serde_json::from_slice(&bytes).map_err(|_| {
        let fault = json!({ "loc": ["body"], "msg": "JSON decode error", "type": "json_invalid" });
        answer(StatusCode::UNPROCESSABLE_ENTITY, &fresh_id(), &json!({ "detail": [fault] }))
    })?;
    let price = Price::of(model, &input);
    let fate = Fate::of(shared.faults.for_request(model.endpoint_id, headers));
    let submission = Submission { origin, key_id: payer.key_id, input, options, fate };
    Ok((model, Job::new(fresh_id(), model.endpoint_id, submission, price, shared.clock.now())))
}

/// The answer where the disk failed; nothing was accepted.
pub(crate) fn not_recorded() -> Response {
    let detail = json!({ "detail": "The request could not be recorded", "error_type": "internal_error" });
    answer(StatusCode::INTERNAL_SERVER_ERROR, &fresh_id(), &detail)
}
