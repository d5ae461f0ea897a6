//! The shapes of fal's error bodies.

use serde_json::Value;

use crate::{ErrorType, FieldError};

/// What an error body says, whatever its shape. Inputs that it repeats are left out: they hold prompts.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Problem {
    pub(crate) message: Option<String>,
    pub(crate) error_type: Option<ErrorType>,
    pub(crate) fields: Vec<FieldError>,
    pub(crate) request_id: Option<String>,
}

/// Reads any body: model errors, infrastructure errors, platform errors, plain texts, a gateway's HTML.
pub(crate) fn read(body: &[u8]) -> Problem {
    serde_json::from_slice(body).map_or_else(|_| Problem::default(), |body| read_value(&body))
}

/// Reads a body that is JSON, whatever it holds.
pub(crate) fn read_value(body: &Value) -> Problem {
    let Value::Object(body) = body else { return Problem::default() };
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let error_type = ["error_type", "type"].into_iter().find_map(|name| body.get(name)?.as_str()).map(ErrorType::from);
    let mut problem = Problem { error_type, ..Problem::default() };
    match body.get("detail") {
        Some(Value::String(detail)) => problem.message = Some(detail.clone()),
        Some(Value::Array(details)) => {
            problem.fields = details.iter().filter_map(field).collect();
            problem.error_type =
                problem.error_type.or_else(|| problem.fields.first().map(|field| field.error_type.clone()));
        }
        _ => {}
    }
    if let Some(Value::Object(error)) = body.get("error") {
        let text = |name: &str| error.get(name).and_then(Value::as_str).map(str::to_owned);
        problem.error_type = problem.error_type.or_else(|| error.get("type")?.as_str().map(ErrorType::from));
        problem.message = problem.message.or_else(|| text("message"));
        problem.request_id = text("request_id");
    }
    problem.message = problem.message.or_else(|| text("message")).or_else(|| text("status"));
    problem
}

fn field(detail: &Value) -> Option<FieldError> {
    let location = detail.get("loc").and_then(Value::as_array).map(|parts| {
        let names = parts.iter().filter(|part| part.as_str() != Some("body"));
        names.map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned)).collect::<Vec<_>>().join(".")
    });
    Some(FieldError {
        field: location.unwrap_or_default(),
        message: detail.get("msg")?.as_str()?.to_owned(),
        error_type: detail.get("type").and_then(Value::as_str).unwrap_or_default().into(),
        context: detail.get("ctx").and_then(Value::as_object).cloned().unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_of_error_body_is_read() {
        let fields = br#"{"detail":[{"loc":["body","duration"],"msg":"wrong","type":"one_of","input":"my prompt",
            "ctx":{"expected":["5"]}}]}"#;
        let context = serde_json::json!({ "expected": ["5"] }).as_object().cloned().unwrap();
        let (field, message) = ("duration".to_owned(), "wrong".to_owned());
        let expected = FieldError { field, message, error_type: ErrorType::OneOf, context };
        let problem = read(fields);
        assert_eq!((problem.fields, problem.error_type), (vec![expected], Some(ErrorType::OneOf)));
        for (body, message, error_type) in [
            (
                &br#"{"detail":"Request timed out","error_type":"request_timeout"}"#[..],
                Some("Request timed out"),
                Some("request_timeout"),
            ),
            (br#"{"detail":"text"}"#, Some("text"), None),
            (br#"{"status":"NOT_FOUND"}"#, Some("NOT_FOUND"), None),
            (
                br#"{"detail":"limit","type":"concurrent_requests_limit","data":{}}"#,
                Some("limit"),
                Some("concurrent_requests_limit"),
            ),
            (br#"{"error":{"type":"rate_limited","message":"slow"}}"#, Some("slow"), Some("rate_limited")),
            (b"<html><center>nginx</center></html>", None, None),
            (b"", None, None),
            (b"[1]", None, None),
            (&[0xff, 0xfe], None, None),
        ] {
            let problem = read(body);
            let named = problem.error_type.as_ref().map(ErrorType::as_str);
            assert_eq!((problem.message.as_deref(), named), (message, error_type));
        }
    }
}
