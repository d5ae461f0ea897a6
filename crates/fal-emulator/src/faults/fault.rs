//! The faults that can be asked for: what each does, its parameters, its name.

use serde::{Deserialize, Serialize};

use crate::faults::operation::Operation;

/// Something that goes wrong on demand.
///
/// Its written form is the name and those parameters that differ from the default, as in the header `x-emulator-fault`:
///
/// ```
/// use fal_emulator::Fault;
///
/// let fault: Fault = "nginx-502; after_accept=true".parse()?;
/// assert_eq!(fault, Fault::Nginx502 { after_accept: true });
/// assert_eq!(Fault::ReplyLost.to_string(), "reply-lost");
/// # Ok::<(), fal_emulator::InvalidFault>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fault {
    /// `reset-before-accept`: the connection is reset, and nothing was handled.
    ResetBeforeAccept,
    /// `reply-lost`: the request is handled to the end, so that a submit is accepted and charged; then the connection is
    /// closed without a byte of answer.
    ReplyLost,
    /// `rate-limited`: 429 as fal's concurrency limit sends it, with `X-Fal-Needs-Retry: 1`; nothing was handled.
    RateLimited {
        /// Seconds in a `Retry-After` header, which fal itself does not send. Default: none.
        retry_after: Option<u32>,
    },
    /// `nginx-502`: the page of a proxy, without `x-fal-request-id`.
    #[serde(rename = "nginx-502")]
    Nginx502 {
        /// Whether the request is handled first, and only its answer replaced. Default: no.
        after_accept: bool,
    },
    /// `nginx-503`: the page of a proxy, without `x-fal-request-id`.
    #[serde(rename = "nginx-503")]
    Nginx503 {
        /// Whether the request is handled first, and only its answer replaced. Default: no.
        after_accept: bool,
    },
    /// `nginx-504`: the page of a proxy, without `x-fal-request-id`.
    #[serde(rename = "nginx-504")]
    Nginx504 {
        /// Whether the request is handled first, and only its answer replaced. Default: no.
        after_accept: bool,
    },
    /// `gateway-json-503`: fal's own 503 in JSON, with `x-fal-request-id` and `X-Fal-Error-Type`.
    #[serde(rename = "gateway-json-503")]
    GatewayJson503 {
        /// Whether the request is handled first, and only its answer replaced. Default: no.
        after_accept: bool,
    },
    /// `start-timeout-504`: fal's 504 where the start timeout of the caller ran out, with `X-Fal-Request-Timeout-Type: user`;
    /// nothing was handled.
    #[serde(rename = "start-timeout-504")]
    StartTimeout504,
    /// `server-error`: fal's 500 in JSON.
    ServerError {
        /// Whether the request is handled first, and only its answer replaced. Default: no.
        after_accept: bool,
    },
    /// `exhausted-balance`: 403, the account is locked; nothing was handled.
    ExhaustedBalance,
    /// `result-expired`: 404, as fal after the life of a result.
    ResultExpired,
    /// `file-expired`: 404, as the CDN after the life of a file.
    FileExpired,
    /// `slow-body`: the right answer, its body dripping.
    SlowBody {
        /// Bytes per second; 0 counts as 1. Default: 1024.
        bytes_per_second: u32,
    },
    /// `stalled-body`: the right answer, half of its body, then silence for ever.
    StalledBody,
    /// `truncated-download`: the right answer with its full `Content-Length`, a part of its body, then the connection
    /// closes.
    TruncatedDownload {
        /// How many bytes of the body are sent; one that has no more stays whole. Default: half of it.
        at: Option<u64>,
    },
    /// `range-ignored`: the whole file, whatever part of it was asked for.
    RangeIgnored,
    /// `stream-cut`: an event stream whose connection closes after some events. Other answers stay whole.
    StreamCut {
        /// How many events are sent; keep-alive comments do not count. Default: 1.
        events: u32,
    },

    /// `failed`: the request completes with `error` and `error_type`, and costs nothing.
    Failed {
        /// One of fal's request errors, such as `runner_disconnected`. Default: `internal_error`.
        error_type: String,
        /// The status of the result. Default: the one that fal documents for the `error_type`.
        status: u16,
    },
    /// `content-policy`: the request completes with a 422 `content_policy_violation`.
    ContentPolicy,
    /// `source-expired`: the picture cannot be loaded any more, a 422 `file_download_error` for `image_url`.
    SourceExpired,
    /// `never-finishing`: the request stays in progress until it is cancelled.
    NeverFinishing,
    /// `wrong-length`: the video has another length than was asked for and billed.
    WrongLength {
        /// Seconds of video. Default: 1.
        seconds: u32,
    },
    /// `runner-lost`: the runner disappears and the request goes back into the queue, under the same id.
    RunnerLost {
        /// How many times. Default: 1.
        retries: u32,
    },
    /// `duplicate-webhook`: each delivery is made twice.
    DuplicateWebhook,
    /// `forged-webhook`: besides the real delivery comes one whose signature does not fit.
    ForgedWebhook,
}

/// What a fault decides. Where two rules hit one exchange or one request, the earlier one has the say in each of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// One HTTP exchange.
    Exchange,
    /// How a request ends; chosen once, at the submit, as are the following.
    Outcome,
    /// What happens on the way there.
    Runner,
    /// How the webhook is delivered.
    Delivery,
}

impl Fault {
    /// Every fault, with its default parameters.
    pub fn all() -> Vec<Self> {
        let after_accept = false;
        vec![
            Self::ResetBeforeAccept,
            Self::ReplyLost,
            Self::RateLimited { retry_after: None },
            Self::Nginx502 { after_accept },
            Self::Nginx503 { after_accept },
            Self::Nginx504 { after_accept },
            Self::GatewayJson503 { after_accept },
            Self::StartTimeout504,
            Self::ServerError { after_accept },
            Self::ExhaustedBalance,
            Self::ResultExpired,
            Self::FileExpired,
            Self::SlowBody { bytes_per_second: 1024 },
            Self::StalledBody,
            Self::TruncatedDownload { at: None },
            Self::RangeIgnored,
            Self::StreamCut { events: 1 },
            Self::Failed { error_type: "internal_error".to_owned(), status: 500 },
            Self::ContentPolicy,
            Self::SourceExpired,
            Self::NeverFinishing,
            Self::WrongLength { seconds: 1 },
            Self::RunnerLost { retries: 1 },
            Self::DuplicateWebhook,
            Self::ForgedWebhook,
        ]
    }

    /// The name alone, without parameters.
    pub fn name(&self) -> &'static str {
        self.facts().0
    }

    pub(super) fn subject(&self) -> Subject {
        self.facts().1
    }

    /// Where it strikes, unless a rule says otherwise.
    pub(super) fn operation(&self) -> Operation {
        self.facts().2
    }

    /// Whether the request is handled all the same, so that a submit is accepted and charged.
    pub(super) fn lets_through(&self) -> bool {
        match self {
            Self::Nginx502 { after_accept }
            | Self::Nginx503 { after_accept }
            | Self::Nginx504 { after_accept }
            | Self::GatewayJson503 { after_accept }
            | Self::ServerError { after_accept } => *after_accept,
            Self::ReplyLost
            | Self::SlowBody { .. }
            | Self::StalledBody
            | Self::TruncatedDownload { .. }
            | Self::RangeIgnored
            | Self::StreamCut { .. } => true,
            _ => self.subject() != Subject::Exchange,
        }
    }

    fn facts(&self) -> (&'static str, Subject, Operation) {
        match self {
            Self::ResetBeforeAccept => ("reset-before-accept", Subject::Exchange, Operation::Any),
            Self::ReplyLost => ("reply-lost", Subject::Exchange, Operation::Submit),
            Self::RateLimited { .. } => ("rate-limited", Subject::Exchange, Operation::Submit),
            Self::Nginx502 { .. } => ("nginx-502", Subject::Exchange, Operation::Any),
            Self::Nginx503 { .. } => ("nginx-503", Subject::Exchange, Operation::Any),
            Self::Nginx504 { .. } => ("nginx-504", Subject::Exchange, Operation::Any),
            Self::GatewayJson503 { .. } => ("gateway-json-503", Subject::Exchange, Operation::Any),
            Self::StartTimeout504 => ("start-timeout-504", Subject::Exchange, Operation::Submit),
            Self::ServerError { .. } => ("server-error", Subject::Exchange, Operation::Any),
            Self::ExhaustedBalance => ("exhausted-balance", Subject::Exchange, Operation::Submit),
            Self::ResultExpired => ("result-expired", Subject::Exchange, Operation::Result),
            Self::FileExpired => ("file-expired", Subject::Exchange, Operation::Download),
            Self::SlowBody { .. } => ("slow-body", Subject::Exchange, Operation::Download),
            Self::StalledBody => ("stalled-body", Subject::Exchange, Operation::Download),
            Self::TruncatedDownload { .. } => ("truncated-download", Subject::Exchange, Operation::Download),
            Self::RangeIgnored => ("range-ignored", Subject::Exchange, Operation::Download),
            Self::StreamCut { .. } => ("stream-cut", Subject::Exchange, Operation::StatusStream),
            Self::Failed { .. } => ("failed", Subject::Outcome, Operation::Submit),
            Self::ContentPolicy => ("content-policy", Subject::Outcome, Operation::Submit),
            Self::SourceExpired => ("source-expired", Subject::Outcome, Operation::Submit),
            Self::NeverFinishing => ("never-finishing", Subject::Outcome, Operation::Submit),
            Self::WrongLength { .. } => ("wrong-length", Subject::Outcome, Operation::Submit),
            Self::RunnerLost { .. } => ("runner-lost", Subject::Runner, Operation::Submit),
            Self::DuplicateWebhook => ("duplicate-webhook", Subject::Delivery, Operation::Submit),
            Self::ForgedWebhook => ("forged-webhook", Subject::Delivery, Operation::Submit),
        }
    }
}
