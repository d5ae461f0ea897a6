//! A file, read to its end: where the connection breaks, the rest is asked for.

mod continuation;
mod received;

use futures::{StreamExt, stream};
use http::{Method, StatusCode, header};
use tokio::time::{Instant, sleep};
use url::Url;

use self::continuation::Continuation;
use self::received::Received;
use crate::call::{Answer, Authorization, Call};
use crate::exchange::Exchange;
use crate::{
    ApiError, Decision, Delivery, Download, Error, HostClass, ResponseBody, RetryPolicy, TransportError, Verdict,
    decide,
};

/// Opens a file. Its body goes on by itself after a break, as often as the retry policy allows without a byte in between.
pub(crate) async fn open(exchange: &Exchange, url: Url) -> Result<Download, Error> {
    let (answer, body) = exchange.open(&call(url.clone())).await?;
    if answer.status != StatusCode::OK {
        return Err(Error::Api(ApiError::from_answer(&answer)));
    }
    let received = Received::nothing_of(&answer);
    let length = received.total;
    let reading = Reading { exchange: exchange.clone(), url, received, breaks: Breaks::default() };
    let pieces = stream::try_unfold((reading, Some(body)), |(mut reading, mut body)| async move {
        let piece = reading.next(&mut body).await?;
        Ok(piece.map(|piece| (piece, (reading, body))))
    });
    Ok(Download { length, body: ResponseBody::new(pieces) })
}

fn call(url: Url) -> Call {
    Call::new(Method::GET, HostClass::Cdn, url).with_authorization(Authorization::None)
}

/// A file that is being read.
struct Reading {
    exchange: Exchange,
    url: Url,
    received: Received,
    breaks: Breaks,
}

/// The breaks since the last byte.
#[derive(Default)]
struct Breaks {
    count: u32,
    since: Option<Instant>,
}

impl Breaks {
    /// What to do after one more.
    fn decide(&mut self, policy: &RetryPolicy) -> Decision {
        let since = *self.since.get_or_insert_with(Instant::now);
        let delay = policy.delays(fastrand::f64).nth(self.count as usize).unwrap_or_default();
        self.count += 1;
        decide(policy, Verdict::Retry { after: None }, self.count, since.elapsed(), delay)
    }
}

impl Reading {
    /// The next bytes; `None` at the end of the whole file.
    async fn next(&mut self, body: &mut Option<ResponseBody>) -> Result<Option<bytes::Bytes>, TransportError> {
        loop {
            let broken = match body {
                Some(arriving) => match arriving.next().await {
                    // Nothing is no progress.
                    Some(Ok(piece)) if piece.is_empty() => continue,
                    Some(Ok(piece)) => {
                        self.breaks = Breaks::default();
                        self.received.take(&piece)?;
                        return Ok(Some(piece));
                    }
                    Some(Err(error)) => error,
                    None if self.received.is_whole() => return Ok(None),
                    None => broken_off(),
                },
                None => broken_off(),
            };
            // Its connection is given back before another is asked for.
            *body = None;
            *body = self.resume(broken).await?;
        }
    }

    /// The rest of the file, after a break; `None` when it broke again on the way there.
    async fn resume(&mut self, broken: TransportError) -> Result<Option<ResponseBody>, TransportError> {
        let Decision::RetryAfter(delay) = self.breaks.decide(self.exchange.policy()) else { return Err(broken) };
        let call = self.received.asking_for_the_rest(call(self.url.clone()));
        if !self.exchange.may_repeat(&call) {
            return Err(broken);
        }
        tracing::debug!(received = self.received.bytes, ?delay, "a download broke off; asking for the rest");
        sleep(delay).await;
        let (answer, body) = self.exchange.open(&call).await.map_err(unavailable)?;
        self.go_on(&answer, body).await
    }

    async fn go_on(&self, answer: &Answer, mut body: ResponseBody) -> Result<Option<ResponseBody>, TransportError> {
        match Continuation::of(answer, &self.received)? {
            Continuation::Rest => Ok(Some(body)),
            Continuation::Whole => match self.received.skip_in(&mut body).await {
                Ok(rest) => Ok(Some(ResponseBody::new(stream::iter([Ok(rest)]).chain(body)))),
                Err(received::Skip::Changed) => Err(changed()),
                Err(received::Skip::Broken) => Ok(None),
            },
            Continuation::Refused => Err(unavailable(Error::Api(ApiError::from_answer(answer)))),
        }
    }
}

fn broken_off() -> TransportError {
    TransportError::new(Delivery::Unknown, "the file broke off")
}

/// What has been handed out already and what would come now do not belong together.
fn changed() -> TransportError {
    TransportError::new(Delivery::Unknown, "the file broke off, and what is at its address now is another file")
}

fn unavailable(error: Error) -> TransportError {
    TransportError::new(Delivery::Unknown, "the file broke off, and the rest cannot be had").with_source(error)
}

/// The name of the header that an answer names its file with.
const TAG: http::HeaderName = header::ETAG;
