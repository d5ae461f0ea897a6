//! A request from its submit to its output.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{Stream, StreamExt, TryStreamExt};
use serde_json::Value;

use crate::{
    EndpointId, Error, FalApi, FalClient, Output, QueueStatus, RequestHandle, RequestOptions, Watch, WatchOptions,
};

impl FalClient {
    /// Submits a request and watches it: [`submit`](FalApi::submit), then a [`Subscription`].
    ///
    /// # Errors
    /// As for [`submit`](FalApi::submit). Everything later is told by the subscription, which has the request's handle.
    pub async fn subscribe(
        &self,
        endpoint: &EndpointId,
        input: &Value,
        options: &RequestOptions,
    ) -> Result<Subscription, Error> {
        let request = self.submit(endpoint, input, options).await?;
        Ok(self.resume(request, WatchOptions::default()))
    }

    /// Watches a request that was submitted earlier, by another process perhaps. Sends nothing until it is asked.
    pub fn resume(&self, request: RequestHandle, options: WatchOptions) -> Subscription {
        let watch = self.watch(&request, options);
        Subscription { client: self.clone(), request, watch }
    }
}

/// An accepted request, on its way to its output. A stream of what becomes of it, as [`Watch`] is. Dropping it cancels
/// nothing: the request goes on, is paid for, and can be [resumed](FalClient::resume).
#[derive(Debug)]
pub struct Subscription {
    client: FalClient,
    request: RequestHandle,
    watch: Watch,
}

impl Subscription {
    /// The request: to be stored, so that it can be resumed.
    pub fn request(&self) -> &RequestHandle {
        &self.request
    }

    /// Waits for the end and fetches the output. After an error it can be asked again, at no cost.
    ///
    /// # Errors
    /// [`Error::Api`] with the model's own answer when the request failed; else when fal could not be asked.
    pub async fn output(&mut self) -> Result<Output, Error> {
        while self.watch.try_next().await?.is_some() {}
        self.client.result(&self.request).await
    }
}

impl Stream for Subscription {
    type Item = Result<QueueStatus, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.watch.poll_next_unpin(context)
    }
}
