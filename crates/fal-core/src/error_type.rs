//! fal's names for errors, typed.

use std::fmt;

/// Declares the names once: as variants, to be read, and to be written.
macro_rules! error_types {
    ($($(#[$doc:meta])+ $variant:ident = $name:literal,)+) => {
        /// fal's name for an error: what a program looks at, since messages may change.
        ///
        /// The names are those of fal's documentation (model errors and request errors, May 2026), of its platform API,
        /// and a few that its validation library sends. Another one is kept as it came: by fal's rule it is a refusal of
        /// the input that does not pass when it is sent again.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorType {
            $($(#[$doc])+ $variant,)+
            /// One that is not listed here.
            Other(String),
        }

        impl ErrorType {
            /// All that are listed here.
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name as fal writes it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $name,)+
                    Self::Other(name) => name,
                }
            }
        }

        impl From<&str> for ErrorType {
            fn from(name: &str) -> Self {
                match name {
                    $($name => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

error_types! {
    // The model, at work.
    /// The model failed.
    InternalServerError = "internal_server_error",
    /// The model took too long.
    GenerationTimeout = "generation_timeout",
    /// A service behind the model failed.
    DownstreamServiceError = "downstream_service_error",
    /// A service behind the model is not there.
    DownstreamServiceUnavailable = "downstream_service_unavailable",
    /// The content policy forbids it.
    ContentPolicyViolation = "content_policy_violation",
    /// The model made nothing of this input.
    NoMediaGenerated = "no_media_generated",

    // The input's files.
    /// Context: `min_height` and `min_width`, in pixels.
    ImageTooSmall = "image_too_small",
    /// Context: `max_height` and `max_width`, in pixels.
    ImageTooLarge = "image_too_large",
    /// The picture cannot be read.
    ImageLoadError = "image_load_error",
    /// The file could not be fetched from its URL: an upload that has expired, for example.
    FileDownloadError = "file_download_error",
    /// There is no face where one is needed.
    FaceDetectionError = "face_detection_error",
    /// Context: `max_size`, in bytes.
    FileTooLarge = "file_too_large",
    /// Context: `supported_formats`.
    UnsupportedImageFormat = "unsupported_image_format",
    /// Context: `supported_formats`.
    UnsupportedAudioFormat = "unsupported_audio_format",
    /// Context: `supported_formats`.
    UnsupportedVideoFormat = "unsupported_video_format",
    /// Context: `max_duration` and `provided_duration`, in seconds.
    AudioDurationTooLong = "audio_duration_too_long",
    /// Context: `min_duration` and `provided_duration`, in seconds.
    AudioDurationTooShort = "audio_duration_too_short",
    /// Context: `max_duration` and `provided_duration`, in seconds.
    VideoDurationTooLong = "video_duration_too_long",
    /// Context: `min_duration` and `provided_duration`, in seconds.
    VideoDurationTooShort = "video_duration_too_short",
    /// Context: `supported_extensions`.
    InvalidArchive = "invalid_archive",
    /// Context: `min_count`, `provided_count` and `supported_extensions`.
    ArchiveFileCountBelowMinimum = "archive_file_count_below_minimum",
    /// Context: `max_count`, `provided_count` and `supported_extensions`.
    ArchiveFileCountExceedsMaximum = "archive_file_count_exceeds_maximum",

    // The input's values.
    /// The model cannot do what is asked.
    FeatureNotSupported = "feature_not_supported",
    /// Context: `gt`.
    GreaterThan = "greater_than",
    /// Context: `ge`.
    GreaterThanEqual = "greater_than_equal",
    /// Context: `lt`.
    LessThan = "less_than",
    /// Context: `le`.
    LessThanEqual = "less_than_equal",
    /// Context: `multiple_of`.
    MultipleOf = "multiple_of",
    /// Context: `min_length`.
    SequenceTooShort = "sequence_too_short",
    /// Context: `max_length`.
    SequenceTooLong = "sequence_too_long",
    /// Context: `expected`, the allowed values.
    OneOf = "one_of",
    /// A field that has to be there is not.
    Missing = "missing",
    /// The same, by older applications.
    ValueErrorMissing = "value_error.missing",
    /// A field that is no text.
    StringType = "string_type",

    // fal on the way to the model.
    /// The request took too long, or was not begun in time.
    RequestTimeout = "request_timeout",
    /// No runner was ready in time.
    StartupTimeout = "startup_timeout",
    /// No runner could be found.
    RunnerSchedulingFailure = "runner_scheduling_failure",
    /// The runner could not be connected in time.
    RunnerConnectionTimeout = "runner_connection_timeout",
    /// The runner was lost.
    RunnerDisconnected = "runner_disconnected",
    /// The runner took no connection.
    RunnerConnectionRefused = "runner_connection_refused",
    /// The connection to the runner failed.
    RunnerConnectionError = "runner_connection_error",
    /// The runner's answer was cut off.
    RunnerIncompleteResponse = "runner_incomplete_response",
    /// The runner failed.
    RunnerServerError = "runner_server_error",
    /// Whoever asked has gone.
    ClientDisconnected = "client_disconnected",
    /// Whoever asked has cancelled.
    ClientCancelled = "client_cancelled",
    /// The request itself makes no sense, a header for example.
    BadRequest = "bad_request",
    /// fal failed.
    InternalError = "internal_error",
    /// As many requests of the account are in progress as may be.
    ConcurrentRequestsLimit = "concurrent_requests_limit",

    // The platform API.
    /// The key may not do this.
    AuthorizationError = "authorization_error",
    /// A parameter makes no sense.
    ValidationError = "validation_error",
    /// There is no such thing.
    NotFound = "not_found",
    /// Too many calls.
    RateLimited = "rate_limited",
    /// fal failed.
    ServerError = "server_error",
    /// fal cannot do this yet.
    NotImplemented = "not_implemented",
}

impl fmt::Display for ErrorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_it_is_written() {
        for known in ErrorType::ALL {
            assert_eq!(&ErrorType::from(known.as_str()), known);
        }
        let unheard_of = ErrorType::from("moon_phase_error");
        assert_eq!(
            (unheard_of.as_str(), &unheard_of),
            ("moon_phase_error", &ErrorType::Other("moon_phase_error".into()))
        );
    }
}
