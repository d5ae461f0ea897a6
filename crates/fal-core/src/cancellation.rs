//! What fal answers to a cancellation.

use http::StatusCode;
use serde::Deserialize;

use crate::{Answer, ApiError, Error};

/// What became of the wish to cancel a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cancellation {
    /// It was taken out of the queue before anything had worked on it.
    Removed,
    /// fal has taken note. The request may end all the same, and may be billed: keep watching it.
    Requested,
    /// It had ended already; its result is there.
    TooLate,
    /// fal does not know the request.
    Unknown,
}

/// Reads the answer to a cancellation. Any success is a yes: fal documents 202 `CANCELLATION_REQUESTED` and the word
/// `OK`, and its OpenAPI documents have a 200 with something else.
pub(crate) fn read(answer: &Answer) -> Result<Cancellation, Error> {
    #[derive(Deserialize)]
    struct Body {
        status: String,
    }
    let body = serde_json::from_slice::<Body>(&answer.body).ok();
    let status = body.as_ref().map(|body| body.status.as_str());
    match (answer.status, status) {
        (code, Some("OK")) if code.is_success() => Ok(Cancellation::Removed),
        (code, _) if code.is_success() => Ok(Cancellation::Requested),
        (StatusCode::BAD_REQUEST, Some("ALREADY_COMPLETED")) => Ok(Cancellation::TooLate),
        (StatusCode::NOT_FOUND, Some("NOT_FOUND")) => Ok(Cancellation::Unknown),
        _ => Err(Error::Api(ApiError::from_answer(answer))),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    fn read_answer(status: u16, body: &'static str) -> Option<Cancellation> {
        let status = StatusCode::from_u16(status).unwrap();
        read(&Answer { status, headers: HeaderMap::new(), body: body.into() }).ok()
    }

    #[test]
    fn each_of_fals_four_answers_has_its_meaning() {
        for (status, body, expected) in [
            (200, r#"{"status":"OK"}"#, Cancellation::Removed),
            (202, r#"{"status":"OK"}"#, Cancellation::Removed),
            (202, r#"{"status":"CANCELLATION_REQUESTED"}"#, Cancellation::Requested),
            (200, r#"{"success":true}"#, Cancellation::Requested),
            (204, "", Cancellation::Requested),
            (400, r#"{"status":"ALREADY_COMPLETED"}"#, Cancellation::TooLate),
            (404, r#"{"status":"NOT_FOUND"}"#, Cancellation::Unknown),
        ] {
            assert_eq!(read_answer(status, body), Some(expected), "{status} {body}");
        }
    }

    #[test]
    fn what_is_none_of_them_is_an_error_and_not_a_guess() {
        for (status, body) in [
            (400, r#"{"detail":"Bad Request"}"#),
            (400, ""),
            (404, "<html>nginx</html>"),
            (401, r#"{"status":"ALREADY_COMPLETED"}"#),
            (500, r#"{"status":"OK"}"#),
        ] {
            assert_eq!(read_answer(status, body), None, "{status} {body}");
        }
    }
}
