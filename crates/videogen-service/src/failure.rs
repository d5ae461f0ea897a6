//! Turns the errors of the layers below into failures that say what to do.

use std::error::Error as StdError;

use fal_core::{ErrorKind, ErrorType};
use videogen_domain::{Failure, FailureKind, Generation, Recovery, UnknownModel};

use crate::{AssetError, error_chain};

const NOT_FAL: &str = "Check the address of the host: something other than fal may have answered.";

fn kind_of(kind: ErrorKind) -> FailureKind {
    match kind {
        ErrorKind::Configuration => FailureKind::Configuration,
        ErrorKind::Unreachable => FailureKind::Unreachable,
        ErrorKind::Unconfirmed => FailureKind::Unconfirmed,
        ErrorKind::Unauthorized => FailureKind::Unauthorized,
        ErrorKind::ExhaustedBalance => FailureKind::ExhaustedBalance,
        ErrorKind::RateLimited => FailureKind::RateLimited,
        ErrorKind::Rejected => FailureKind::Rejected,
        ErrorKind::ContentPolicy => FailureKind::ContentPolicy,
        ErrorKind::NotFound => FailureKind::NotFound,
        ErrorKind::Cancelled => FailureKind::GenerationFailed,
        ErrorKind::UnexpectedAnswer => FailureKind::UnexpectedAnswer,
        // A kind from a later version of the client is taken for a passing fault: nothing is given up for it.
        _ => FailureKind::Interrupted,
    }
}

/// An error of the client, with its causes.
pub(crate) fn from_fal(error: &fal_core::Error) -> Failure {
    let recovery = match error.recovery() {
        fal_core::Recovery::Never => Recovery::Never,
        fal_core::Recovery::Later => Recovery::Later,
        fal_core::Recovery::Reconcile => Recovery::Reconcile,
    };
    let field = match error {
        fal_core::Error::Api(error) => error.fields().first().map(|field| field.field.clone()),
        _ => None,
    };
    Failure::new(kind_of(error.kind()), recovery, error_chain(error), error.advice())
        .with_field(field)
        .with_request_id(error.request_id().map(str::to_owned))
}

/// An error of a read once the video is paid for. An answer that cannot be fal's word says nothing of the request.
pub(crate) fn from_read(error: &fal_core::Error) -> Failure {
    let failure = from_fal(error);
    match failure.kind {
        FailureKind::Rejected if error.request_id().is_some() => failure,
        FailureKind::Rejected | FailureKind::UnexpectedAnswer => {
            Failure::new(FailureKind::UnexpectedAnswer, Recovery::Later, failure.message, NOT_FAL)
        }
        _ => failure,
    }
}

/// An error in place of a result. A 5xx is final only when the status has said that the request `failed`: a gateway
/// answers in the same form, and the video behind it is paid for.
pub(crate) fn from_result(error: &fal_core::Error, failed: bool) -> Failure {
    let failure = from_read(error);
    match error {
        fal_core::Error::Api(_) if failed && error.kind() == ErrorKind::Interrupted => {
            let advice = "fal does not bill it. Try again, or take another model.";
            Failure::new(FailureKind::GenerationFailed, Recovery::Never, failure.message, advice)
        }
        _ => failure,
    }
}

/// Whether fal could not read the uploaded picture.
pub(crate) fn is_dead_file(error: &fal_core::Error) -> bool {
    matches!(error, fal_core::Error::Api(error) if error.is(&ErrorType::FileDownloadError))
}

pub(crate) fn from_upload(error: &fal_upload::Error) -> Failure {
    let message = error_chain(error);
    match error {
        fal_upload::Error::Fal { source, .. } => from_fal(source).with_message(message),
        fal_upload::Error::File(_) | fal_upload::Error::Picture(_) => {
            let message = format!("the picture cannot be used: {message}");
            Failure::new(FailureKind::InvalidRequest, Recovery::Never, message, "Give another picture.")
                .with_field(Some("image".to_owned()))
        }
        // Whoever waited for somebody else's upload is told the same as that one.
        fal_upload::Error::Shared(cause) => from_upload(cause),
        fal_upload::Error::Answer { .. } => {
            Failure::new(FailureKind::UnexpectedAnswer, Recovery::Never, message, NOT_FAL)
        }
        _ => Failure::new(FailureKind::Interrupted, Recovery::Later, message, "Try again."),
    }
}

pub(crate) fn from_asset(error: &AssetError) -> Failure {
    match error {
        AssetError::Video(failure) => failure.clone(),
        AssetError::Place { advice, .. } | AssetError::Kept { advice, .. } => {
            Failure::new(FailureKind::Storage, Recovery::Never, error_chain(error), *advice)
        }
    }
}

impl From<AssetError> for Failure {
    fn from(error: AssetError) -> Self {
        from_asset(&error)
    }
}

pub(crate) fn unknown_model(unknown: &UnknownModel) -> Failure {
    let advice = format!("Take one of: {}.", unknown.known.join(", "));
    Failure::new(FailureKind::InvalidRequest, Recovery::Never, unknown.to_string(), advice)
        .with_field(Some("model".to_owned()))
}

/// A request that may have been accepted.
pub(crate) fn unconfirmed(generation: &Generation) -> Failure {
    let attempt = generation.attempt.as_ref().map_or("", |attempt| attempt.attempt_id.as_str());
    let message = format!("it is not known whether fal accepted the request (attempt {attempt})");
    let advice = match generation.suspected_request_id {
        Some(_) => {
            "It is not sent again, because that could be paid twice. fal's answer named a request: pick it up by its \
             id, which is free; if fal does not know it, nothing was accepted."
        }
        None => {
            "It is not sent again, because that could be paid twice. Look at https://fal.ai/dashboard/requests whether \
             it is there; if it is, pick it up by its request id."
        }
    };
    Failure::new(FailureKind::Unconfirmed, Recovery::Reconcile, message, advice)
        .with_request_id(generation.suspected_request_id.clone())
}

/// Somebody wished that there be no video, and there is none.
pub(crate) fn cancelled(request_id: Option<String>) -> Failure {
    let (message, advice) = match request_id {
        Some(_) => ("it was cancelled at fal", "Ask for it anew where it is wanted after all."),
        None => ("it was cancelled before anything was sent", "Ask for it anew; nothing was paid."),
    };
    Failure::new(FailureKind::Stopped, Recovery::Never, message, advice).with_request_id(request_id)
}

pub(crate) fn stopped(generation: &Generation) -> Failure {
    let (message, advice) = match generation.request_id() {
        Some(_) => ("stopped; the request goes on at fal", "Pick the request up again by its id."),
        None => ("stopped before anything was sent", "Start again; nothing was paid."),
    };
    Failure::new(FailureKind::Stopped, Recovery::Later, message, advice)
        .with_request_id(generation.request_id().map(str::to_owned))
}

pub(crate) fn unknown_request(request_id: &str) -> Failure {
    Failure::new(
        FailureKind::NotFound,
        Recovery::Never,
        format!("fal does not know the request {request_id}"),
        "Check the id and the model it was sent to; fal keeps results for an hour at most.",
    )
    .with_request_id(Some(request_id.to_owned()))
}

pub(crate) fn no_video() -> Failure {
    Failure::new(
        FailureKind::UnexpectedAnswer,
        Recovery::Never,
        "fal's result names no video",
        "Look at the request at https://fal.ai/dashboard/requests.",
    )
}

pub(crate) fn unsupported_image() -> Failure {
    Failure::new(
        FailureKind::InvalidRequest,
        Recovery::Never,
        "this kind of picture cannot be uploaded",
        "Give a file, its bytes or its address.",
    )
    .with_field(Some("image".to_owned()))
}

pub(crate) fn picture_stays_too_large() -> Failure {
    Failure::new(
        FailureKind::InvalidRequest,
        Recovery::Never,
        "the picture cannot be brought below the most bytes that the model takes",
        "Give a smaller picture, or one that is saved as JPEG.",
    )
    .with_field(Some("image".to_owned()))
}

pub(crate) fn unreadable_picture(error: &dyn StdError) -> Failure {
    let message = format!("the picture cannot be prepared: {}", error_chain(error));
    Failure::new(
        FailureKind::InvalidRequest,
        Recovery::Never,
        message,
        "Give a PNG, JPEG or WebP that is whole, or leave the aspect ratio out.",
    )
    .with_field(Some("image".to_owned()))
}

/// A state without what the events before it have brought: a fault of whoever restored the generation.
pub(crate) fn no_plan() -> Failure {
    Failure::new(
        FailureKind::Record,
        Recovery::Never,
        "the record of the generation is incomplete",
        "Go on from the request id, if there is one.",
    )
}
