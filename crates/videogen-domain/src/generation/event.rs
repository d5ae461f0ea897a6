//! What can happen to a generation.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Failure;
use crate::{Deviation, Usd, VideoFacts};

/// Something that has happened to a generation. Each is recorded before the next step begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum GenerationEvent {
    /// It was taken in.
    Begun,
    /// It stands still, and why. It goes on from where it stands.
    Held(Failure),
    /// It stands still no more: somebody, or another process, goes on with it.
    WentOn,
    /// fal can read the pictures.
    ImagesUploaded {
        /// The start image.
        image: UploadedImage,
        /// The picture for the last frame, where the plan has one.
        end_image: Option<UploadedImage>,
        /// What tells this request from every other; `None` where nobody compares requests.
        fingerprint: Option<String>,
    },
    /// The same had been made before, and its video is taken. Nothing was sent, and nothing is paid.
    Reused(ReusedVideo),
    /// The request is about to be sent. Recorded *before* it is, so that a crash in between leaves a trace.
    SubmitIntended(Attempt),
    /// The request was sent, or may have been, and no clear answer came: it must not be sent again.
    SubmitUnconfirmed {
        /// The request id, where the unclear answer named one: reading its status is free and tells the truth.
        request_id: Option<String>,
    },
    /// The request was looked for at fal for as long as was wished, and is not there: it was not accepted.
    NotAccepted,
    /// fal has accepted the request. From here on it is paid for.
    Submitted(RemoteRequest),
    /// fal reported how far it is.
    Observed {
        /// How far it is.
        observation: Observation,
        /// The log lines that were not there before.
        new_logs: Vec<LogLine>,
    },
    /// fal ended the request because it could not read a picture at an address that was used before. It made nothing
    /// and billed nothing; the pictures have to be uploaded anew.
    UploadExpired,
    /// The model provably made no video and billed nothing; the next one of the plan is asked.
    FellBack(Failure),
    /// The video is made and its address is known.
    ResultReceived(GeneratedVideo),
    /// The video is in our own store.
    VideoStored(StoredVideo),
    /// What fal billed is known, or known to be unknown.
    Settled {
        /// In USD; `None` when fal did not say.
        billed: Option<Usd>,
        /// Set when that is more than was expected, beyond what is tolerated: an alarm.
        deviation: Option<Deviation>,
    },
    /// There will be no video.
    Failed(Failure),
    /// Somebody wishes that there be no video. From now on it is not submitted; what fal has accepted it is asked to drop.
    CancelRequested,
    /// It was cancelled: nothing was sent, or fal has dropped the request. There will be no video.
    Cancelled(Failure),
}

impl GenerationEvent {
    /// A stable name, in `snake_case`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Held(_) => "held",
            Self::WentOn => "went_on",
            Self::ImagesUploaded { .. } => "images_uploaded",
            Self::Reused(_) => "reused",
            Self::SubmitIntended(_) => "submit_intended",
            Self::SubmitUnconfirmed { .. } => "submit_unconfirmed",
            Self::NotAccepted => "not_accepted",
            Self::Submitted(_) => "submitted",
            Self::Observed { .. } => "observed",
            Self::UploadExpired => "upload_expired",
            Self::FellBack(_) => "fell_back",
            Self::ResultReceived(_) => "result_received",
            Self::VideoStored(_) => "video_stored",
            Self::Settled { .. } => "settled",
            Self::Failed(_) => "failed",
            Self::CancelRequested => "cancel_requested",
            Self::Cancelled(_) => "cancelled",
        }
    }
}

/// A picture, where fal can read it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadedImage {
    /// The address that the model is given.
    pub url: String,
    /// SHA-256 of the bytes, in lower-case hexadecimal; `None` for a picture that was given by its address.
    pub content_hash: Option<String>,
    /// Whether the same bytes had been uploaded before, so that nothing was sent.
    pub cached: bool,
}

impl fmt::Debug for UploadedImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadedImage")
            .field("content_hash", &self.content_hash)
            .field("cached", &self.cached)
            .finish_non_exhaustive()
    }
}

/// A video that was made for the same request before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReusedVideo {
    /// fal's id of the request that it was made by.
    pub request_id: String,
    /// What tells the request from every other.
    pub fingerprint: String,
    /// The video, where it was asked for this time.
    pub stored: StoredVideo,
}

/// One attempt to submit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Our own name for the attempt, unique.
    pub attempt_id: String,
    /// SHA-256 of the body that is sent, in lower-case hexadecimal.
    pub body_hash: String,
    /// The name under which its cost is reserved; `None` where no books are kept.
    pub booking_id: Option<String>,
}

/// fal's names for an accepted request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteRequest {
    /// fal's request id.
    pub request_id: String,
    /// Where its status is.
    pub status_url: String,
    /// Where its result will be.
    pub response_url: String,
    /// Where it can be cancelled.
    pub cancel_url: String,
}

/// How far fal is with a request.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Observation {
    /// It waits.
    InQueue {
        /// How many requests are ahead of it, where fal says so.
        position: Option<u64>,
    },
    /// It is being worked on.
    InProgress {
        /// From 0 to 100, where the model's log tells.
        percent: Option<f64>,
    },
    /// It is done.
    Done {
        /// Whether fal's status says that there is no video. Whatever else is answered in place of a result proves nothing.
        failed: bool,
    },
}

/// One line of a model's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// The text.
    pub message: String,
    /// When, as fal wrote it.
    pub timestamp: Option<String>,
    /// How serious, as fal wrote it, for example `INFO`.
    pub level: Option<String>,
}

/// The video at fal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedVideo {
    /// Where it can be downloaded.
    pub url: String,
    /// Its size in bytes, where fal says so.
    pub bytes: Option<u64>,
    /// What `x-fal-billable-units` said.
    #[serde(with = "crate::decimal_text", default)]
    pub billable_units: Option<Decimal>,
}

impl fmt::Debug for GeneratedVideo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratedVideo")
            .field("bytes", &self.bytes)
            .field("billable_units", &self.billable_units)
            .finish_non_exhaustive()
    }
}

/// The video in our own store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredVideo {
    /// Where it is: a path or an address.
    pub location: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub content_hash: String,
    /// Where the file that was there before has been moved.
    pub replaced: Option<String>,
    /// What the file says of itself.
    pub facts: VideoFacts,
}
