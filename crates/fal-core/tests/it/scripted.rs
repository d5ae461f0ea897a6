//! A transport that answers from a list, without any socket.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use fal_core::{Delivery, HttpTransport, ResponseBody, TransportError};

/// One outcome of an exchange.
pub(crate) type Exchange = Result<http::Response<ResponseBody>, TransportError>;

/// Gives the outcomes one after the other and keeps the requests. An exchange beyond the last is a fault of the test.
#[derive(Debug)]
pub(crate) struct ScriptedTransport {
    outcomes: Mutex<VecDeque<Exchange>>,
    requests: Mutex<Vec<http::Request<Bytes>>>,
}

impl ScriptedTransport {
    pub(crate) fn new(outcomes: impl IntoIterator<Item = Exchange>) -> Self {
        Self { outcomes: Mutex::new(outcomes.into_iter().collect()), requests: Mutex::default() }
    }

    /// What was asked.
    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.requests.lock().unwrap().clone()
    }

    /// Which hosts were asked.
    pub(crate) fn hosts(&self) -> Vec<String> {
        self.requests().iter().map(|request| request.uri().host().unwrap().to_owned()).collect()
    }

    /// How many exchanges there were.
    pub(crate) fn exchanges(&self) -> usize {
        self.requests.lock().unwrap().len()
    }
}

#[async_trait::async_trait]
impl HttpTransport for ScriptedTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Exchange {
        self.requests.lock().unwrap().push(request);
        self.outcomes.lock().unwrap().pop_front().expect("no more exchanges than scripted")
    }
}

/// An answer with a body.
pub(crate) fn answered(status: u16, body: impl Into<Bytes>) -> Exchange {
    Ok(http::Response::builder().status(status).body(ResponseBody::full(body)).unwrap())
}

/// An answer with a header.
pub(crate) fn answered_with(status: u16, name: &str, value: &str) -> Exchange {
    Ok(http::Response::builder().status(status).header(name, value).body(ResponseBody::full("")).unwrap())
}

/// A failure without an answer.
pub(crate) fn failed(delivery: Delivery) -> Exchange {
    Err(TransportError::new(delivery, "scripted"))
}
