//! Reads a generation request from the body of an HTTP request.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use data_encoding::BASE64;
use serde_json::{Map, Value};
use videogen::domain::{ProjectId, SceneId, Violation, ViolationCode};
use videogen::{GenerationRequest, ImageInput, JsonFields, Videogen, Violations};

use crate::problem::Problem;

/// The most bytes that a body may have: 20 MiB.
pub(crate) const LARGEST_BODY: usize = 20 << 20;

/// The fields of a body. A body must be said to be JSON, because a web page cannot say so of a request to a foreign
/// server without asking that server first.
pub(crate) fn fields(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<JsonFields, Problem> {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Problem::not_said_to_be_json());
    }
    let body = body.map_err(|rejection| Problem::unread_body(&rejection))?;
    let object: Map<String, Value> = serde_json::from_slice(&body).map_err(|error| {
        // The position, not the text: that may be private.
        Problem::not_json(&format!("line {}, column {}", error.line(), error.column()))
    })?;
    Ok(JsonFields::new(object))
}

/// What is asked for, mistakes being left in `fields`.
pub(crate) fn generation(videogen: &Videogen, fields: &mut JsonFields) -> GenerationRequest {
    let (start, end) = (image(fields, "image"), image(fields, "end_image"));
    let mut request = priced(videogen, fields);
    request.image = start.unwrap_or_else(no_image);
    request.end_image = end;
    request.motion_prompt = fields.text("motion_prompt").unwrap_or_default();
    request.aspect_ratio = fields.text("aspect_ratio");
    request.fit = fields.fit("fit");
    request.negative_prompt = fields.text("negative_prompt");
    request.max_cost = fields.usd("max_cost_usd");
    request.priority = fields.integer("priority").unwrap_or(0);
    request.fresh = fields.flag("fresh").unwrap_or(false);
    request.fallback_models = fields.texts("fallback_models").unwrap_or_default();
    request.platform = fields.platform("platform");
    request.project_id = fields.text("project_id").map(ProjectId::from);
    request.scene_id = fields.text("scene_id").map(SceneId::from);
    request
}

/// As much of a request as decides its price.
pub(crate) fn priced(videogen: &Videogen, fields: &mut JsonFields) -> GenerationRequest {
    let mut request = videogen.request(no_image(), "");
    request.model = fields.text("model").unwrap_or(request.model);
    request.duration_seconds = fields.whole_number("duration");
    request.resolution = fields.text("resolution");
    request.audio = fields.flag("audio");
    request.parameters = fields.object("parameters").unwrap_or_default().into_iter().collect();
    request
}

/// Mistakes under the names that the fields have here.
pub(crate) fn renamed(violations: &Violations) -> Violations {
    let renamed = violations.iter().cloned().map(|mut violation| {
        if violation.field == "max_cost" {
            violation.field = "max_cost_usd".to_owned();
        }
        violation
    });
    Violations::check(renamed.collect()).err().unwrap_or_else(|| violations.clone())
}

/// Stands for a picture that is not there: it is refused when the request is checked.
fn no_image() -> ImageInput {
    ImageInput::Path("".into())
}

/// A picture: exactly one of its path, its address and its bytes. `None` when the field is not there.
fn image(fields: &mut JsonFields, name: &'static str) -> Option<ImageInput> {
    let mut parts = JsonFields::new(fields.object(name)?);
    let (path, url, base64) = (parts.text("path"), parts.text("url"), parts.text("base64"));
    let file_name = parts.text("name").unwrap_or_else(|| name.to_owned());
    let picture = match (path, url, base64) {
        (Some(path), None, None) => Ok(ImageInput::Path(path.into())),
        (None, Some(url), None) => address(name, &url),
        (None, None, Some(base64)) => decoded(name, file_name, &base64),
        _ => Err(Violation::new(name, ViolationCode::Conflict, "it needs exactly one of path, url and base64")),
    };
    let picture = picture.unwrap_or_else(|mistake| {
        fields.reject(mistake);
        no_image()
    });
    let picture = parts.finish(Ok(picture)).unwrap_or_else(|mistakes| {
        for mut mistake in mistakes.iter().cloned() {
            mistake.field = format!("{name}.{}", mistake.field);
            fields.reject(mistake);
        }
        no_image()
    });
    Some(picture)
}

fn address(field: &str, url: &str) -> Result<ImageInput, Violation> {
    match ImageInput::parse(url) {
        ImageInput::Path(_) => {
            let message = "the address must begin with http:// or https://";
            Err(Violation::new(format!("{field}.url"), ViolationCode::NotAllowed, message))
        }
        address => Ok(address),
    }
}

fn decoded(field: &str, name: String, base64: &str) -> Result<ImageInput, Violation> {
    let bytes = BASE64.decode(base64.as_bytes()).map_err(|_| {
        let message = "this is not base64 with the standard alphabet and padding";
        Violation::new(format!("{field}.base64"), ViolationCode::UnusableImage, message)
    })?;
    Ok(ImageInput::Bytes { name, bytes: bytes.into() })
}
