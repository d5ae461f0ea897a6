//! Tells the caller's webhook how a request ended: signed, and again until somebody answers with 2xx.

mod delivery;
mod signer;

use std::io;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use reqwest::{Client, Url, redirect};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::body;
use crate::error::Error;
use crate::job::Job;
use crate::outcome::Outcome;
use crate::queue::result;
use crate::secret::{self, Secret};
use crate::shared::{Shared, SharedState};
use crate::state_dir::StateDir;
use crate::webhook::signer::Signer;

pub(crate) use delivery::Deliveries;
pub use delivery::Delivery;

/// fal waits so long for an answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// fal tries again so often.
const RETRIES: u32 = 10;
/// The file of the secret key.
const KEY: &str = "webhook-key";

/// The keys and the memory of one emulator's webhooks.
pub(crate) struct Webhooks {
    /// It outlives a restart: receivers keep the public key for up to a day.
    signer: Signer,
    /// Somebody else's key, for forgeries.
    forger: Signer,
    /// Made for the first delivery, as it reads the system's certificates; `None` where the system has none.
    client: OnceLock<Option<Client>>,
    pub(crate) deliveries: Deliveries,
}

impl Webhooks {
    pub(crate) fn open(state: &StateDir) -> Result<Self, Error> {
        let secret = secret::kept(state, KEY)?;
        let signer = |secret: &Secret| {
            let fail = |error| Error::State { path: state.root().join(KEY), source: io::Error::other(error) };
            Signer::of(secret).map_err(fail)
        };
        let (signer, forger) = (signer(&secret)?, signer(&secret.map(|byte| !byte))?);
        Ok(Self { signer, forger, client: OnceLock::new(), deliveries: Deliveries::default() })
    }

    fn client(&self) -> Option<&Client> {
        // A redirect is a failure for good, and no proxy stands between two programs on one machine.
        let builder = || Client::builder().no_proxy().redirect(redirect::Policy::none()).timeout(PATIENCE);
        self.client.get_or_init(|| builder().build().ok()).as_ref()
    }
}

/// `GET /.well-known/jwks.json` of the rest host: the public key.
pub(crate) async fn jwks(State(shared): State<SharedState>) -> Response {
    body::json(StatusCode::OK, &shared.webhooks.signer.jwks())
}

/// Tells the webhook of a request that has ended, if it named one.
pub(crate) fn announce(shared: &SharedState, id: &str) {
    let Some(job) = shared.board.view(id, |job| job.options.webhook.is_some().then(|| job.clone())).flatten() else {
        return;
    };
    let Some(url) = job.options.webhook.as_deref().and_then(loopback) else { return };
    let teller = Arc::clone(shared);
    shared.spawn(async move { tell(&teller, &job, &url).await });
}

async fn tell(shared: &Shared, job: &Job, url: &Url) {
    let (webhooks, Some(outcome)) = (&shared.webhooks, &job.outcome) else { return };
    if job.fate.webhook_forged {
        let lie = json!({ "request_id": job.id, "gateway_request_id": job.id, "status": "OK", "payload": {} });
        webhooks.send(shared, job, url, &webhooks.forger, 0, &lie).await;
    }
    let message = message(shared, job, outcome);
    for _ in 0..=job.fate.webhook_copies {
        for attempt in 0..=RETRIES {
            sleep(shared.settings.pace.webhook_backoff(attempt)).await;
            let answered = webhooks.send(shared, job, url, &webhooks.signer, attempt, &message).await;
            if answered.is_some_and(is_final) {
                break;
            }
        }
    }
}

impl Webhooks {
    /// Sends once, with a signature of this moment, and remembers what came back.
    async fn send(
        &self,
        shared: &Shared,
        job: &Job,
        url: &Url,
        signer: &Signer,
        attempt: u32,
        message: &Value,
    ) -> Option<u16> {
        let (body, at) = (message.to_string(), shared.clock.now());
        let mut request = self.client()?.post(url.clone()).header("content-type", "application/json");
        for (name, value) in signer.headers(&job.id, at, body.as_bytes()) {
            request = request.header(name, value);
        }
        let status = request.body(body).send().await.ok().map(|answer| answer.status().as_u16());
        let forged = std::ptr::eq(signer, &self.forger);
        self.deliveries.note(Delivery { request_id: job.id.clone(), attempt, at, status, forged });
        status
    }
}

/// Success, or a redirect, which fal does not follow.
fn is_final(status: u16) -> bool {
    (200..400).contains(&status)
}

fn message(shared: &Shared, job: &Job, outcome: &Outcome) -> Value {
    let mut message = json!({
        "request_id": job.id,
        "gateway_request_id": job.gateway_id,
        "status": "OK",
        "payload": result::output(shared, job.origin.urls(shared), job, outcome),
    });
    if outcome.status() != 200 {
        message["status"] = "ERROR".into();
        message["error"] = format!("Invalid status code: {}", outcome.status()).into();
    }
    message
}

/// The address, if it is on this machine: the emulator talks to nobody else.
fn loopback(url: &str) -> Option<Url> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?.trim_matches(['[', ']']);
    let local = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    local.then_some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_told() {
        for near in ["http://127.0.0.1:80/hook?a=1", "http://localhost/", "http://[::1]:9/", "https://127.9.9.9/"] {
            assert!(loopback(near).is_some(), "{near}");
        }
        for far in
            ["http://10.0.0.1/", "https://example.com/hook", "http://localhost.example.com/", "ftp://localhost/", "x"]
        {
            assert!(loopback(far).is_none(), "{far}");
        }
    }
}
