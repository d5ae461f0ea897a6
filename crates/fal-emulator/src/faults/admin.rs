//! `/emulator/faults`: the rules in force, seen and changed over HTTP.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use serde_json::json;

use crate::body;
use crate::faults::fault::Fault;
use crate::faults::invalid::InvalidFault;
use crate::faults::rule::FaultRule;
use crate::local::refuse_strangers;
use crate::shared::SharedState;

pub(crate) fn routes() -> Router<SharedState> {
    Router::new()
        .route("/emulator/faults", get(list).post(add).delete(clear))
        .route("/emulator/faults/{id}", delete(remove))
        .route_layer(from_fn(refuse_strangers))
}

async fn list(State(shared): State<SharedState>) -> Response {
    let faults = &shared.faults;
    let names: Vec<_> = Fault::all().iter().map(Fault::name).collect();
    let (rules, hits) = (faults.rules(), faults.hits_by_name());
    let answer = json!({ "seed": faults.seed(), "faults": rules, "hits": hits, "names": names });
    body::json(StatusCode::OK, &answer)
}

/// One rule, with the keys of a script.
async fn add(State(shared): State<SharedState>, body: Body) -> Response {
    let bytes = match body::whole(body).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal,
    };
    let written = serde_json::from_slice(&bytes).map_err(|_| InvalidFault::new("a rule is a JSON object"));
    match written.and_then(FaultRule::read) {
        Ok(rule) => body::json(StatusCode::CREATED, &json!({ "id": shared.faults.add(rule) })),
        Err(mistake) => body::detail(StatusCode::UNPROCESSABLE_ENTITY, &mistake.to_string()),
    }
}

async fn clear(State(shared): State<SharedState>) -> Response {
    shared.faults.clear();
    StatusCode::NO_CONTENT.into_response()
}

async fn remove(State(shared): State<SharedState>, Path(id): Path<u64>) -> Response {
    if shared.faults.remove(id) {
        return StatusCode::NO_CONTENT.into_response();
    }
    body::detail(StatusCode::NOT_FOUND, &format!("There is no rule {id}"))
}
