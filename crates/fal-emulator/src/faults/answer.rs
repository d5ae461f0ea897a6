//! The answers that faults put in the place of the right one.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::faults::exchange::Exchange;
use crate::faults::fault::Fault;
use crate::faults::operation::Operation;
use crate::{balance, body};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-fal-request-id");
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-fal-error-type");

/// The fault's answer; a fault that has none leaves the right one as it is.
pub(super) fn in_place_of(answer: Response, fault: &Fault, exchange: &Exchange) -> Response {
    let own = |status, error_type, detail: &str| {
        let body = json!({ "detail": detail, "error_type": error_type });
        let mut own = fals_own(status, error_type, body, &answer, exchange);
        own.headers_mut().insert(ERROR_TYPE, HeaderValue::from_static(error_type));
        own
    };
    match fault {
        Fault::RateLimited { retry_after } => rate_limited(*retry_after, &answer, exchange),
        Fault::Nginx502 { .. } => page(StatusCode::BAD_GATEWAY, "502 Bad Gateway"),
        Fault::Nginx503 { .. } => page(StatusCode::SERVICE_UNAVAILABLE, "503 Service Temporarily Unavailable"),
        Fault::Nginx504 { .. } => page(StatusCode::GATEWAY_TIMEOUT, "504 Gateway Time-out"),
        Fault::GatewayJson503 { .. } => {
            own(StatusCode::SERVICE_UNAVAILABLE, "runner_scheduling_failure", "No runner is available")
        }
        Fault::ServerError { .. } => own(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Internal Server Error"),
        Fault::StartTimeout504 => {
            let mut timeout = own(StatusCode::GATEWAY_TIMEOUT, "request_timeout", "Request timed out");
            timeout.headers_mut().insert("x-fal-request-timeout-type", HeaderValue::from_static("user"));
            timeout
        }
        Fault::ExhaustedBalance => {
            let body = json!({ "detail": balance::EXHAUSTED });
            fals_own(StatusCode::FORBIDDEN, "authorization_error", body, &answer, exchange)
        }
        Fault::ResultExpired => {
            fals_own(StatusCode::NOT_FOUND, "not_found", json!({ "status": "NOT_FOUND" }), &answer, exchange)
        }
        Fault::FileExpired => body::detail(StatusCode::NOT_FOUND, "File not found"),
        _ => answer,
    }
}

fn rate_limited(retry_after: Option<u32>, handled: &Response, exchange: &Exchange) -> Response {
    let body = json!({
        "detail": "Reached concurrent requests limit of 2",
        "type": "concurrent_requests_limit",
        "data": { "limit": 2 },
    });
    let mut answer = fals_own(StatusCode::TOO_MANY_REQUESTS, "rate_limited", body, handled, exchange);
    answer.headers_mut().insert("x-fal-needs-retry", HeaderValue::from_static("1"));
    if let Some(seconds) = retry_after {
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

/// An answer of fal itself: with a request id, and in the form of the platform API where that was asked.
fn fals_own(status: StatusCode, kind: &str, body: Value, handled: &Response, exchange: &Exchange) -> Response {
    if exchange.operation == Some(Operation::Platform) {
        let kind = if status.is_server_error() { "server_error" } else { kind };
        return body::json(status, &json!({ "error": { "type": kind, "message": body["detail"] } }));
    }
    let mut answer = body::json(status, &body);
    let known = handled.headers().get(REQUEST_ID).cloned();
    let named = || exchange.request_id.as_deref().and_then(|id| HeaderValue::from_str(id).ok());
    let fresh = || HeaderValue::from_str(&Uuid::now_v7().to_string()).ok();
    if let Some(id) = known.or_else(named).or_else(fresh) {
        answer.headers_mut().insert(REQUEST_ID, id);
    }
    answer
}

/// What a proxy shows in the place of an answer.
fn page(status: StatusCode, title: &str) -> Response {
    let page = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    (status, Html(page)).into_response()
}
