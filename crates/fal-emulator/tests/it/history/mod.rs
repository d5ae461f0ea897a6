//! What the platform API tells of past requests and of money.

mod analytics;
mod balance;
mod billing;
mod forgetting;
mod payloads;
mod requests;
mod rescue;
mod search;
mod usage;

use fal_emulator::{Builder, Emulator, Fault, FaultRule, Pace};
use serde_json::{Value, json};

use crate::client::{Caller, KLING};
use crate::storage::json_of;

/// An emulator, and calls under its platform address.
struct Platform {
    emulator: Emulator,
    caller: Caller,
}

impl Platform {
    /// Fast, and every video is the same clip.
    async fn start() -> Self {
        Self::of(bare()).await
    }

    async fn of(builder: Builder) -> Self {
        Self { emulator: builder.start().await.expect("starts"), caller: Caller::new() }
    }

    async fn try_get(&self, path: &str) -> (u16, Value) {
        let answer = self.caller.get(&format!("{}{path}", self.emulator.urls().platform)).await;
        (answer.status().as_u16(), answer.json().await.expect("is JSON"))
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.try_get(path).await;
        assert_eq!(status, 200, "{path} {body}");
        body
    }

    /// The requests to Kling that a query lists.
    async fn items(&self, query: &str) -> Vec<Value> {
        let path = format!("/v1/models/requests/by-endpoint?endpoint_id={KLING}&{query}");
        list(&self.get(&path).await, "items")
    }

    /// Their ids.
    async fn ids(&self, query: &str) -> Vec<String> {
        self.items(query).await.iter().map(id).collect()
    }

    async fn submit(&self, prompt: &str) -> Value {
        self.caller.submit(&self.emulator, KLING, &input(prompt)).await
    }

    /// Submits, and waits for the end.
    async fn make(&self, prompt: &str) -> Value {
        let submitted = self.submit(prompt).await;
        self.caller.completed(&submitted).await;
        submitted
    }

    /// The same with a fault.
    async fn make_with(&self, fault: Fault) -> Value {
        self.emulator.faults().add(FaultRule::new(fault).times(1));
        self.make("faulty").await
    }

    /// Submits what stays in progress.
    async fn begin_endless(&self) -> Value {
        self.emulator.faults().add(FaultRule::new(Fault::NeverFinishing).times(1));
        let submitted = self.submit("endless").await;
        self.caller.until(&submitted, |status| status["status"] == "IN_PROGRESS").await;
        submitted
    }

    async fn cancel(&self, submitted: &Value) {
        assert_eq!(self.caller.put(submitted["cancel_url"].as_str().expect("has one")).await.status(), 202);
        self.caller.completed(submitted).await;
    }

    /// Checks that a call is an error of this kind.
    async fn assert_refused(&self, path: &str, code: u16, kind: &str) {
        let (status, body) = self.try_get(path).await;
        assert_eq!((status, &body["error"]["type"]), (code, &json!(kind)), "{path} {body}");
    }

    async fn assert_wants_a_key(&self, path: &str) {
        let url = format!("{}{path}", self.emulator.urls().platform);
        let refused = json_of(self.caller.http.get(url).send().await.expect("answers"), 401).await;
        assert_eq!(refused["error"]["type"], "authorization_error");
    }
}

fn bare() -> Builder {
    Emulator::builder().pace(Pace::Fast).rendering(false)
}

fn input(prompt: &str) -> Value {
    json!({ "prompt": prompt, "image_url": "data:image/png;base64,AAAA" })
}

fn failed() -> Fault {
    Fault::Failed { error_type: "runner_connection_refused".to_owned(), status: 503 }
}

fn id(request: &Value) -> String {
    request["request_id"].as_str().expect("has one").to_owned()
}

fn list(body: &Value, name: &str) -> Vec<Value> {
    body[name].as_array().expect("is a list").clone()
}
