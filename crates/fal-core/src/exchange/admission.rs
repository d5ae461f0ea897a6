//! Asking the breaker, and finding out whether what failed is well again without paying for it.

use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use super::Exchange;
use super::attempt::{Body, judge};
use crate::breaker::Pass;
use crate::call::{Authorization, Call};
use crate::{Circuit, CircuitOpen, HostClass, Idempotency};

/// An id that no request has: asking for its status is free.
const NO_REQUEST: &str = "00000000-0000-0000-0000-000000000000";

impl Exchange {
    /// Asks the breaker. A submit that finds a circuit half-open does not try it itself: a free read goes first, and
    /// the submit follows only when that has brought an answer.
    pub(super) async fn admitted(&self, call: &Call) -> Result<Pass, CircuitOpen> {
        let mut tried = None;
        loop {
            let refused = match self.breakers.admit(call) {
                Ok(pass) => return Ok(pass),
                Err(refused) => refused,
            };
            let in_vain = tried.as_ref() == Some(refused.circuit());
            if call.idempotency == Idempotency::Safe || in_vain || !refused.awaits_read() {
                return Err(refused);
            }
            self.probe(&self.free_read(call, refused.circuit())).await;
            tried = Some(refused.circuit().clone());
        }
    }

    /// A read that costs nothing and shows whether a circuit is well again.
    fn free_read(&self, submit: &Call, circuit: &Circuit) -> Call {
        let hosts = &self.sender.hosts;
        match (circuit, &submit.endpoint) {
            (Circuit::Host(HostClass::Run), _) | (_, None) => {
                // The root of a host runs no model.
                Call::new(Method::GET, submit.host, hosts.get(submit.host).clone())
                    .with_authorization(Authorization::None)
            }
            (_, Some(endpoint)) => {
                let path = endpoint.app_segments().chain(["requests", NO_REQUEST, "status"]);
                Call::new(Method::GET, HostClass::Queue, hosts.join(HostClass::Queue, path))
                    .about(Some(endpoint.clone()))
            }
        }
    }

    /// Sends a free read once, for what it tells the breaker.
    async fn probe(&self, read: &Call) {
        if let (Ok(request), Ok(pass)) = (self.sender.request(read), self.breakers.admit(read)) {
            let began = Instant::now();
            let outcome = self.sender.attempt(read, request, Body::Whole, Duration::ZERO).await;
            let (_, evidence) = judge(read, &outcome);
            pass.report(read, evidence);
            self.breakers.conclude(read, evidence, began);
        }
    }
}
