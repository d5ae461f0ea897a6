//! The one loop: ask the breaker, send, judge, decide, wait.

mod admission;
mod attempt;

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use self::attempt::{Arrived, Body, Sender, judge};
use crate::call::{Answer, Call, Speaker};
use crate::retry::SharedBudget;
use crate::transport::Connections;
use crate::{
    Breakers, ConnectionError, Decision, Delivery, Error, FalConfig, HttpTransport, Idempotency, ResponseBody,
    RetryCount, RetryPolicy, Timeouts, TransportError, UnconfirmedSubmit, Verdict, classify, decide,
};

/// Sends calls and repeats them where that is safe. Clones share the breakers, the budget and the connections.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    sender: Arc<Sender>,
    policy: RetryPolicy,
    budget: SharedBudget,
    connections: Arc<Connections>,
    pub(crate) breakers: Breakers,
    /// How many attempts were made again.
    pub(crate) retries: RetryCount,
}

impl Exchange {
    pub(crate) fn new(config: FalConfig, transport: Arc<dyn HttpTransport>) -> Self {
        let FalConfig { credentials, hosts, timeouts, retry, retry_budget, breaker, transport: settings } = config;
        Self {
            sender: Arc::new(Sender {
                transport,
                credentials,
                hosts,
                timeouts,
                deadline: retry.deadline,
                private_networks: settings.private_networks,
            }),
            policy: retry,
            budget: SharedBudget::new(retry_budget, Instant::now()),
            connections: Arc::new(Connections::new(&settings)),
            breakers: Breakers::new(breaker),
            retries: RetryCount::default(),
        }
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.sender.timeouts
    }

    pub(crate) fn policy(&self) -> &RetryPolicy {
        &self.policy
    }

    pub(crate) fn may_read(&self, url: &Url) -> bool {
        self.sender.may_read(url)
    }

    /// Sends the call until there is an answer to work with, whatever its status.
    pub(crate) async fn send(&self, call: &Call) -> Result<Answer, Error> {
        self.repeat(call, Body::Whole).await.map(|arrived| arrived.answer)
    }

    /// Sends the call until there is an answer to work with, and hands out the body of a success as it arrives. Every
    /// other body is in the answer.
    pub(crate) async fn open(&self, call: &Call) -> Result<(Answer, ResponseBody), Error> {
        let arrived = self.repeat(call, Body::Stream).await?;
        Ok((arrived.answer, arrived.stream.unwrap_or_else(|| ResponseBody::full(Bytes::new()))))
    }

    /// The same for a body that is open for minutes: it does not keep other calls waiting.
    pub(crate) async fn open_for_long(&self, call: &Call) -> Result<(Answer, ResponseBody), Error> {
        let arrived = self.repeat(call, Body::LongStream).await?;
        Ok((arrived.answer, arrived.stream.unwrap_or_else(|| ResponseBody::full(Bytes::new()))))
    }

    /// Leave for another status stream, where there are not too many.
    pub(crate) fn stream_permit(&self) -> Option<OwnedSemaphorePermit> {
        self.connections.stream()
    }

    async fn repeat(&self, call: &Call, body: Body) -> Result<Arrived, Error> {
        let request = self.sender.request(call)?;
        let began = Instant::now();
        let mut delays = self.policy.delays(fastrand::f64);
        let mut attempts = 0;
        self.budget.deposit(began);
        loop {
            let turn = self.turn(call, began).await?;
            let pass = self.admitted(call).await.map_err(Error::CircuitOpen)?;
            attempts += 1;
            let attempt_began = Instant::now();
            let outcome = self.sender.attempt(call, request.clone(), body, began.elapsed()).await;
            if outcome.as_ref().is_err_and(TransportError::is_private_network) {
                // It was never sent, says nothing about anybody, and is the same the next time.
                return Err(Error::ForbiddenUrl);
            }
            let (judged, evidence) = judge(call, &outcome);
            pass.report(call, evidence);
            let verdict = classify(judged, call.idempotency);
            let delay = delays.next().unwrap_or_default();
            match decide(&self.policy, verdict, attempts, began.elapsed(), delay) {
                Decision::RetryAfter(delay) if self.may_repeat(call) => {
                    drop(turn);
                    self.retries.add_one();
                    tracing::debug!(host = call.host.name(), attempts, ?delay, "sending again");
                    sleep(delay).await;
                }
                Decision::RetryAfter(_) | Decision::Stop => {
                    self.breakers.conclude(call, evidence, attempt_began);
                    let arrived = settle(call, outcome, verdict)?;
                    return Ok(if body == Body::LongStream { arrived } else { arrived.keeping(turn) });
                }
            }
        }
    }

    /// Waits until few enough calls are under way.
    async fn turn(&self, call: &Call, began: Instant) -> Result<Option<OwnedSemaphorePermit>, Error> {
        let left = self.policy.deadline.saturating_sub(began.elapsed());
        timeout(left, self.connections.turn(call.host)).await.map_err(|_| {
            let error = TransportError::new(Delivery::NotSent, "too many other calls were under way");
            Error::Connection(ConnectionError::new(call.host, &call.url, error))
        })
    }

    /// Whether the breaker and the budget allow another attempt.
    pub(crate) fn may_repeat(&self, call: &Call) -> bool {
        let allowed = !self.breakers.refuses(call) && self.budget.withdraw(Instant::now());
        if !allowed {
            tracing::debug!(host = call.host.name(), "not sent again: a circuit is open or the retry budget is spent");
        }
        allowed
    }
}

/// The last outcome, once nothing more will be sent.
fn settle(call: &Call, outcome: Result<Arrived, TransportError>, verdict: Verdict) -> Result<Arrived, Error> {
    match (outcome, call.idempotency) {
        (Ok(arrived), Idempotency::Billable) if is_the_models_failure(call, &arrived.answer) => Ok(arrived),
        (Ok(Arrived { answer, .. }), Idempotency::Billable) if verdict == Verdict::GiveUp => {
            Err(Error::Unconfirmed(UnconfirmedSubmit::answered(answer.status.as_u16(), answer.request_id())))
        }
        (Ok(arrived), _) => Ok(arrived),
        (Err(error), Idempotency::Billable) if error.delivery() == Delivery::Unknown => {
            Err(Error::Unconfirmed(UnconfirmedSubmit::unanswered(error)))
        }
        (Err(error), _) => Err(Error::Connection(ConnectionError::new(call.host, &call.url, error))),
    }
}

/// Whether a direct call was answered by the model itself with a failure: it will bring no other answer, and fal bills
/// no 5xx.
fn is_the_models_failure(call: &Call, answer: &Answer) -> bool {
    call.speaker == Speaker::Model && answer.status.is_server_error() && answer.request_id().is_some()
}
