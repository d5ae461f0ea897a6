//! Calls past the queue: fal keeps the connection open while the model works, and has no second attempt.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use http::{HeaderValue, Method, header};
use serde_json::Value;

use crate::call::{Answer, Call};
use crate::client::{JSON, output, succeeded};
use crate::events::Events;
use crate::{
    Delivery, EndpointId, Error, FalClient, HostClass, Output, RequestOptions, TransportError, UnconfirmedSubmit,
};

impl FalClient {
    /// Lets a model work and waits for its output, past the queue. For models that take seconds: when the connection
    /// is lost, what was paid for is lost with it. Use [`submit`](crate::FalApi::submit) for everything else.
    ///
    /// # Errors
    /// [`Error::Unconfirmed`] when the model may have worked and its answer was lost: it is not sent again.
    /// [`Error::Config`] when an option is for the queue. Else as for a submit and a result.
    pub async fn run(&self, endpoint: &EndpointId, input: &Value, options: &RequestOptions) -> Result<Output, Error> {
        let call = self.direct_call(endpoint, None, input, options)?;
        let answer = succeeded(self.exchange().send(&call).await?)?;
        output(&answer).map_err(|_| lost("it cannot be read", &answer))
    }

    /// Lets a model work and tells its events as they come, past the queue. What they are is the model's own; the last
    /// one of a whole stream usually has the output.
    ///
    /// # Errors
    /// As for [`run`](Self::run); afterwards, see [`DirectStream`].
    pub async fn stream(
        &self,
        endpoint: &EndpointId,
        input: &Value,
        options: &RequestOptions,
    ) -> Result<DirectStream, Error> {
        let call = self.direct_call(endpoint, Some("stream"), input, options)?;
        let call = call.with_header(header::ACCEPT, HeaderValue::from_static("text/event-stream"));
        let (answer, body) = self.exchange().open(&call).await?;
        let answer = succeeded(answer)?;
        if !Events::are_in(&answer) {
            return Err(lost("it is no stream of events", &answer));
        }
        Ok(DirectStream::new(Events::of(body), answer.request_id()))
    }

    fn direct_call(
        &self,
        endpoint: &EndpointId,
        path: Option<&str>,
        input: &Value,
        options: &RequestOptions,
    ) -> Result<Call, Error> {
        let url = self.hosts().join(HostClass::Run, endpoint.segments().chain(path));
        let call = Call::new(Method::POST, HostClass::Run, url)
            .with_body(JSON, input.to_string())
            .with_timeout(self.exchange().timeouts().run)
            .billable()
            .about(Some(endpoint.clone()))
            .answered_by_the_model();
        options.applied_to_direct_call(call)
    }
}

/// The model has worked, and what it made did not arrive.
fn lost(why: &str, answer: &Answer) -> Error {
    let source = TransportError::new(Delivery::Unknown, why);
    Error::Unconfirmed(UnconfirmedSubmit::broken_off(source, answer.request_id()))
}

/// The events of a direct call, each as JSON.
///
/// It ends after the first error. That is [`Error::Unconfirmed`] when the connection breaks: the model has begun, and
/// to call again would be paid again. A stream that the model ends early without an error cannot be told from a whole
/// one: look whether the last event has what you want. Dropping it cancels the call.
pub struct DirectStream {
    events: BoxStream<'static, Result<Value, Error>>,
    request_id: Option<String>,
}

impl DirectStream {
    fn new(events: Events, request_id: Option<String>) -> Self {
        let id = request_id.clone();
        let unconfirmed = move |source| Error::Unconfirmed(UnconfirmedSubmit::broken_off(source, id.clone()));
        let events = stream::unfold(Some(events), move |events| {
            let unconfirmed = unconfirmed.clone();
            async move {
                let mut events = events?;
                let event = events.next().await?.and_then(|data| {
                    serde_json::from_str(&data).map_err(|error| {
                        TransportError::new(Delivery::Unknown, "an event is no JSON").with_source(error)
                    })
                });
                match event {
                    Ok(event) => Some((Ok(event), Some(events))),
                    Err(error) => Some((Err(unconfirmed(error)), None)),
                }
            }
        });
        Self { events: events.fuse().boxed(), request_id }
    }

    /// fal's request id, where it was told.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }
}

impl Stream for DirectStream {
    type Item = Result<Value, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.poll_next_unpin(context)
    }
}

impl fmt::Debug for DirectStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectStream").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}
