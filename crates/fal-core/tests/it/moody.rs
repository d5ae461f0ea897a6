//! A fal that is well, ill or silent, as the test says, without any socket.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use fal_core::{FalClient, FalConfig, HttpTransport, ResponseBody, RetryPolicy};
use http::Method;

use crate::fal_at::config_of_fal;
use crate::scripted::Exchange;

/// How fal is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mood {
    /// It takes submits, knows the request `r-1`, and has its result.
    Well,
    /// It answers everything with this status and this detail.
    Saying(u16, &'static str),
    /// It is well, and this model's results are failures.
    Failing(&'static str),
    /// It takes no submits for want of a balance, and is well otherwise.
    Unpaid,
    /// It takes the request and never answers.
    Silent,
}

/// Answers by its mood, and remembers what it was asked.
#[derive(Debug)]
pub(crate) struct MoodyFal {
    mood: Mutex<Mood>,
    heard: Mutex<Vec<String>>,
}

impl MoodyFal {
    pub(crate) fn new(mood: Mood) -> Arc<Self> {
        Arc::new(Self { mood: Mutex::new(mood), heard: Mutex::default() })
    }

    /// A client of it that sends everything once.
    pub(crate) fn client(self: &Arc<Self>, change: impl FnOnce(FalConfig) -> FalConfig) -> FalClient {
        let once = RetryPolicy { max_attempts: 1, ..RetryPolicy::default() };
        let config = change(config_of_fal().with_retry(once));
        FalClient::with_transport(config, Arc::clone(self) as Arc<dyn HttpTransport>)
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// What it was asked since the last time: method, host and path.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

#[async_trait::async_trait]
impl HttpTransport for MoodyFal {
    async fn send(&self, request: http::Request<Bytes>) -> Exchange {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        self.heard.lock().unwrap().push(format!("{method} {}{}", uri.host().unwrap(), uri.path()));
        let submit = method == Method::POST;
        let result = uri.path().ends_with("/r-1");
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Silent => std::future::pending().await,
            Mood::Saying(status, detail) => answer(status, &format!(r#"{{"detail":"{detail}"}}"#)),
            Mood::Failing(model) if result && uri.path().contains(model) => answer(500, r#"{"detail":"no video"}"#),
            Mood::Unpaid if submit => answer(403, r#"{"detail":"User is locked. Reason: Exhausted balance."}"#),
            _ if submit => answer(200, r#"{"request_id":"r-1"}"#),
            _ if result => answer(200, "{}"),
            _ if uri.path().contains("/r-1/") => answer(202, r#"{"status":"IN_QUEUE"}"#),
            _ => answer(404, r#"{"status":"NOT_FOUND"}"#),
        }
    }
}

fn answer(status: u16, body: &str) -> Exchange {
    let answer = http::Response::builder().status(status).header("x-fal-request-id", "r-1");
    Ok(answer.body(ResponseBody::full(body.to_owned())).unwrap())
}
