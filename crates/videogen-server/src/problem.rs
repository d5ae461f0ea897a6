//! What is answered when something is wrong: a status, and one JSON object that says what to do.

use axum::Json;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use videogen::domain::Recovery;
use videogen::{Failure, FailureKind, Violations};

use crate::request::LARGEST_BODY;
use videogen::ErrorView;

/// A status and what is wrong.
#[derive(Debug, Serialize)]
pub(crate) struct Problem {
    #[serde(skip)]
    status: StatusCode,
    // Boxed to keep every `Result` small.
    error: Box<ErrorView>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>, advice: &str) -> Self {
        Self { status, error: Box::new(ErrorView::new(kind, message, advice)) }
    }

    pub(crate) fn mistakes(violations: &Violations) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, error: Box::new(ErrorView::from(violations)) }
    }

    /// What cannot be taken in, such as a video over the budget.
    fn refused(failure: &Failure) -> Self {
        let status = match failure.kind {
            FailureKind::OverBudget => StatusCode::PAYMENT_REQUIRED,
            FailureKind::Record => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self { status, error: Box::new(ErrorView::from(failure)) }
    }

    pub(crate) fn not_json(reason: &str) -> Self {
        let message = format!("the body is not a JSON object: {reason}");
        Self::new(StatusCode::BAD_REQUEST, "malformed", message, "Send one JSON object.")
    }

    pub(crate) fn malformed_query(rejection: &QueryRejection) -> Self {
        let advice = "Ask with unfinished, project_id, before and limit alone.";
        Self::new(StatusCode::BAD_REQUEST, "malformed", rejection.body_text(), advice)
    }

    pub(crate) fn not_said_to_be_json() -> Self {
        let message = "the body is not said to be JSON";
        let advice = "Send the header Content-Type: application/json.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message, advice)
    }

    pub(crate) fn unread_body(rejection: &BytesRejection) -> Self {
        if rejection.status() != StatusCode::PAYLOAD_TOO_LARGE {
            return Self::new(StatusCode::BAD_REQUEST, "malformed", "the body did not arrive whole", "Send it again.");
        }
        let message = format!("the body is larger than {} MiB", LARGEST_BODY >> 20);
        let advice = "Give a smaller picture, or its address or path.";
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message, advice)
    }

    pub(crate) fn unauthorized() -> Self {
        let advice = "Send the header Authorization: Bearer, with the token that the server was started with.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "the token is missing or wrong", advice)
    }

    pub(crate) fn foreign_host() -> Self {
        let advice = "Call it as localhost, 127.0.0.1 or [::1]; to be called by other names it needs a token.";
        Self::new(StatusCode::FORBIDDEN, "foreign_host", "the request was meant for another host", advice)
    }

    pub(crate) fn foreign_origin() -> Self {
        let advice = "Only pages of this machine may call this server.";
        Self::new(StatusCode::FORBIDDEN, "foreign_origin", "the request comes from a foreign web page", advice)
    }

    pub(crate) fn unknown_path() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is nothing at this path", "See the table of paths.")
    }

    pub(crate) fn wrong_method(method: &Method) -> Self {
        let message = format!("this path does not take {method}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message, "See the table of paths.")
    }

    pub(crate) fn no_video_yet(status: &str) -> Self {
        let message = format!("the task has no video; it is {status}");
        Self::new(StatusCode::CONFLICT, "no_video", message, "Look at the task; fetch its video when it is completed.")
    }

    pub(crate) fn video_gone() -> Self {
        let message = "the file of the video is not where it was stored";
        Self::new(StatusCode::GONE, "video_gone", message, "Look for it where the server's videos are kept.")
    }
}

impl From<videogen::queue::Error> for Problem {
    fn from(error: videogen::queue::Error) -> Self {
        match &error {
            videogen::queue::Error::Invalid(violations) => Self::mistakes(violations),
            videogen::queue::Error::UnknownTask(_) => {
                let advice = "Take the id from an answer to POST /v1/tasks; tasks end with the server.";
                Self::new(StatusCode::NOT_FOUND, "unknown_task", error.to_string(), advice)
            }
            videogen::queue::Error::Refused(failure) => Self::refused(failure),
            videogen::queue::Error::Stopped => {
                let advice = "Send it again when the server is back.";
                let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "stopped", error.to_string(), advice);
                problem.error.recovery = Recovery::Later.name();
                problem
            }
            _ => {
                let advice = "Look at the server's machine.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "record", error.to_string(), advice)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
