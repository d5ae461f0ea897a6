//! What a request says besides the model's input.

mod server_retries;
mod tags;

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

pub use self::server_retries::ServerRetries;
use self::tags::Tags;
use crate::call::Call;
use crate::{ConfigError, Error, ObjectLifecycle};

const START_TIMEOUT: [HeaderName; 2] =
    [HeaderName::from_static("x-fal-request-timeout"), HeaderName::from_static("x-fal-request-start-timeout")];
const PRIORITY: HeaderName = HeaderName::from_static("x-fal-queue-priority");
const RUNNER_HINT: HeaderName = HeaderName::from_static("x-fal-runner-hint");
const STORE_IO: HeaderName = HeaderName::from_static("x-fal-store-io");
const LIFECYCLE: HeaderName = HeaderName::from_static("x-fal-object-lifecycle-preference");
const DISABLE_FALLBACK: HeaderName = HeaderName::from_static("x-app-fal-disable-fallback");

/// What a request says besides the model's input: fal's own headers and query parameters.
///
/// Everything is optional; by default nothing is sent and fal's own rules hold. Mistakes are found before anything is
/// sent. Some options are for the queue alone; a direct call ([`FalClient::run`](crate::FalClient::run)) refuses them.
#[derive(Clone, Default)]
pub struct RequestOptions {
    webhook: Option<Url>,
    max_queue_length: Option<u32>,
    low_priority: bool,
    server_retries: ServerRetries,
    start_timeout: Option<Duration>,
    runner_hint: Option<String>,
    forget_payloads: bool,
    object_lifecycle: Option<ObjectLifecycle>,
    no_fallback: bool,
    tags: Tags,
    headers: HeaderMap,
    timeout: Option<Duration>,
}

impl RequestOptions {
    /// No options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tells this URL when the request has ended (`fal_webhook`). Queue only.
    ///
    /// A URL of its own for each attempt, by
    /// [`WebhookAddress::for_attempt`](crate::webhook::WebhookAddress::for_attempt), finds a submit whose answer was
    /// lost.
    pub fn with_webhook(mut self, url: Url) -> Self {
        self.webhook = Some(url);
        self
    }

    /// Refuses the request (429) when more than so many wait on the endpoint already, whosesoever
    /// (`fal_max_queue_length`). Queue only.
    pub fn with_max_queue_length(mut self, requests: u32) -> Self {
        self.max_queue_length = Some(requests);
        self
    }

    /// Puts the request behind those of all users of the endpoint (`X-Fal-Queue-Priority: low`). Queue only.
    pub fn with_low_priority(mut self) -> Self {
        self.low_priority = true;
        self
    }

    /// Sets how often fal itself tries again. Queue only; direct calls have no second attempt.
    pub fn with_server_retries(mut self, retries: ServerRetries) -> Self {
        self.server_retries = retries;
        self
    }

    /// Gives the request up when no runner has begun it after so long: it then ends with a 504 and is not billed. More
    /// than 1 s. The time that the model works does not count.
    pub fn with_start_timeout(mut self, timeout: Duration) -> Self {
        self.start_timeout = Some(timeout);
        self
    }

    /// Prefers a runner that has served requests with the same hint (`X-Fal-Runner-Hint`).
    pub fn with_runner_hint(mut self, hint: impl Into<String>) -> Self {
        self.runner_hint = Some(hint.into());
        self
    }

    /// Lets fal keep neither input nor output (`X-Fal-Store-IO: 0`). A submit whose answer is lost can then no longer
    /// be found in fal's history, only by a webhook.
    pub fn without_stored_payloads(mut self) -> Self {
        self.forget_payloads = true;
        self
    }

    /// Sets how long the files that the request makes are kept, and who may read them.
    pub fn with_object_lifecycle(mut self, lifecycle: ObjectLifecycle) -> Self {
        self.object_lifecycle = Some(lifecycle);
        self
    }

    /// Keeps fal from giving the request to an equivalent model when this one keeps failing.
    pub fn without_fallback(mut self) -> Self {
        self.no_fallback = true;
        self
    }

    /// Adds a tag by which fal's reports can be grouped (`X-Fal-Tags`): at most 10, keys of up to 64 of `a-z 0-9 . _ -`
    /// that do not begin with `fal.`, values of up to 256 printable ASCII characters without a comma, 1,024 bytes in
    /// all. fal would drop others without a word; here they are an error.
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push(key.into(), value.into());
        self
    }

    /// Adds another header. Those that do not begin with `x-fal-` reach the model.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets how long to wait for the answer; for a direct stream, for its beginning. Default:
    /// [`Timeouts::call`](crate::Timeouts) for a submit, [`Timeouts::run`](crate::Timeouts) for a direct call.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The call with everything that is asked for.
    pub(crate) fn applied_to_submit(&self, mut call: Call) -> Result<Call, Error> {
        if let Some(webhook) = &self.webhook {
            call.url.query_pairs_mut().append_pair("fal_webhook", webhook.as_str());
        }
        if let Some(requests) = self.max_queue_length {
            call.url.query_pairs_mut().append_pair("fal_max_queue_length", &requests.to_string());
        }
        if self.low_priority {
            call = call.with_header(PRIORITY, HeaderValue::from_static("low"));
        }
        if let Some((name, value)) = self.server_retries.header() {
            call = call.with_header(name, value);
        }
        self.applied(call)
    }

    /// The same for a call past the queue.
    pub(crate) fn applied_to_direct_call(&self, call: Call) -> Result<Call, Error> {
        for (asked, what) in [
            (self.webhook.is_some(), "a webhook"),
            (self.max_queue_length.is_some(), "a longest queue"),
            (self.low_priority, "a low priority"),
            (self.server_retries != ServerRetries::Fals, "a number of fal's own retries"),
        ] {
            if asked {
                return Err(ConfigError::new(what, "is for the queue, and a direct call does not go there").into());
            }
        }
        self.applied(call)
    }

    fn applied(&self, mut call: Call) -> Result<Call, Error> {
        for (name, value) in &self.headers {
            if [header::AUTHORIZATION, header::CONTENT_TYPE, header::CONTENT_LENGTH, header::HOST].contains(name) {
                return Err(ConfigError::new(format!("the header {name}"), "is set by the client itself").into());
            }
            call = call.with_header(name.clone(), value.clone());
        }
        for (name, value) in self.own_headers()? {
            call = call.with_header(name, value);
        }
        Ok(match self.timeout {
            Some(timeout) => call.with_timeout(timeout),
            None => call,
        })
    }

    fn own_headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, Error> {
        let mut headers = Vec::new();
        if let Some(timeout) = self.start_timeout {
            let seconds = start_timeout(timeout)?;
            headers.extend(START_TIMEOUT.map(|name| (name, seconds.clone())));
        }
        if let Some(hint) = &self.runner_hint {
            let hint = HeaderValue::try_from(hint)
                .map_err(|error| ConfigError::new("the runner hint", "cannot be a header").with_source(error))?;
            headers.push((RUNNER_HINT, hint));
        }
        if self.forget_payloads {
            headers.push((STORE_IO, HeaderValue::from_static("0")));
        }
        headers.extend(self.object_lifecycle.as_ref().map(|lifecycle| (LIFECYCLE, lifecycle.header_value())));
        if self.no_fallback {
            headers.push((DISABLE_FALLBACK, HeaderValue::from_static("true")));
        }
        headers.extend(self.tags.header()?);
        Ok(headers)
    }
}

/// fal's own clients refuse 1 s and less, and the older name of the header is the one that they send.
fn start_timeout(timeout: Duration) -> Result<HeaderValue, ConfigError> {
    if timeout <= Duration::from_secs(1) {
        return Err(ConfigError::new("the start timeout", "must be longer than 1 s"));
    }
    HeaderValue::try_from(timeout.as_secs_f64().to_string())
        .map_err(|error| ConfigError::new("the start timeout", "cannot be a header").with_source(error))
}

// A webhook's URL may hold a secret, and headers and tags are the caller's own.
impl fmt::Debug for RequestOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestOptions")
            .field("webhook", &self.webhook.is_some())
            .field("max_queue_length", &self.max_queue_length)
            .field("low_priority", &self.low_priority)
            .field("server_retries", &self.server_retries)
            .field("start_timeout", &self.start_timeout)
            .field("forget_payloads", &self.forget_payloads)
            .field("object_lifecycle", &self.object_lifecycle)
            .field("no_fallback", &self.no_fallback)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
