//! Faults on demand: what each does to the exchange, whether it costs something, and how it is asked for.

mod body;
mod connection;
mod raw;
mod refusal;
mod rule;
mod request;
mod script;

use fal_emulator::{Emulator, Fault, FaultRule, Pace};
use serde_json::{Value, json};

use crate::client::{Caller, KLING};

/// An emulator on which these faults strike as they are made.
async fn struck_by(faults: impl IntoIterator<Item = FaultRule>) -> Emulator {
    let builder = Emulator::builder().pace(Pace::Fast);
    faults.into_iter().fold(builder, |builder, rule| builder.fault(rule)).start().await.expect("starts")
}

/// What a submit has to be accepted; that it names no picture shows in its result only.
fn input() -> Value {
    json!({ "prompt": "zoom in" })
}

fn submit_url(emulator: &Emulator) -> String {
    format!("{}/{KLING}", emulator.urls().queue)
}

/// A submit with this text in the header that asks for faults.
async fn submit_asking(
    caller: &Caller,
    emulator: &Emulator,
    faults: &str,
) -> Result<reqwest::Response, reqwest::Error> {
    let request = caller.http.post(submit_url(emulator)).header("authorization", "Key a:b").json(&input());
    request.header("x-emulator-fault", faults).send().await
}

fn once(fault: Fault) -> FaultRule {
    FaultRule::new(fault).times(1)
}
