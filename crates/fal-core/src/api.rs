//! The seam to fal's queue, and what it answers.

use std::fmt::Debug;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::{
    Cancellation, EndpointId, Error, QueueStatus, RequestHandle, RequestOptions, ResponseBody, Watch, WatchOptions,
};

/// fal's queue, as the layers above see it. Implemented by [`FalClient`](crate::FalClient).
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait::async_trait]
pub trait FalApi: Debug + Send + Sync {
    /// Puts a request into the queue. From then on it is paid for.
    ///
    /// # Errors
    /// [`Error::Unconfirmed`] when the request may have been accepted and the answer was lost: it is not sent again.
    /// Every other error proves that nothing was accepted.
    async fn submit(
        &self,
        endpoint: &EndpointId,
        input: &Value,
        options: &RequestOptions,
    ) -> Result<RequestHandle, Error>;

    /// The handle of a request that was accepted earlier, from its id. Sends nothing.
    ///
    /// # Errors
    /// [`Error::Config`] when the id has characters that no request id has.
    fn handle(&self, endpoint: &EndpointId, request_id: &str) -> Result<RequestHandle, Error>;

    /// How far a request is, with all log lines so far. Free.
    ///
    /// # Errors
    /// When fal cannot be reached or does not know the request.
    async fn status(&self, request: &RequestHandle) -> Result<QueueStatus, Error>;

    /// Follows a request to its end. Free; nothing is asked until the watch is.
    fn watch(&self, request: &RequestHandle, options: WatchOptions) -> Watch;

    /// Asks fal to drop a request. Free, and no promise: a request that is being worked on may end all the same, and
    /// may be billed.
    ///
    /// # Errors
    /// When fal cannot be reached, or answers something that is not one of its four answers.
    async fn cancel(&self, request: &RequestHandle) -> Result<Cancellation, Error>;

    /// What a completed request brought. Free. fal keeps it for an hour, or for 6 minutes when it has 10 KB or more.
    ///
    /// # Errors
    /// [`Error::Api`] with the model's own answer when the request failed.
    async fn result(&self, request: &RequestHandle) -> Result<Output, Error>;

    /// Opens a generated file for reading. The key is not sent. Free.
    ///
    /// A body that breaks off goes on by itself, as the retry policy allows: with the rest, where the server knows
    /// ranges and names its files (`ETag`); else with the whole file anew, of which the beginning is passed over. It
    /// ends well only at its length, and with an error when the file at the address has become another one: the parts
    /// of two files are never put together.
    ///
    /// # Errors
    /// [`Error::UntrustedUrl`] when the address is not `https` and not on the configured CDN, [`Error::ForbiddenUrl`]
    /// when it leads into a private network; else when the file cannot be had.
    async fn download(&self, url: &str) -> Result<Download, Error>;
}

/// What a request brought.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// The model's own output.
    pub payload: Value,
    /// `x-fal-billable-units`: how much was billed, in the model's unit.
    pub billable_units: Option<Decimal>,
}

impl Output {
    /// An output.
    pub fn new(payload: Value, billable_units: Option<Decimal>) -> Self {
        Self { payload, billable_units }
    }
}

// The payload holds addresses that may be signed.
impl Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Output").field("billable_units", &self.billable_units).finish_non_exhaustive()
    }
}

/// A generated file, open for reading.
#[derive(Debug)]
#[non_exhaustive]
pub struct Download {
    /// Its length in bytes, where the server says so.
    pub length: Option<u64>,
    /// Its bytes.
    pub body: ResponseBody,
}

impl Download {
    /// A file open for reading.
    pub fn new(length: Option<u64>, body: ResponseBody) -> Self {
        Self { length, body }
    }
}
