//! fal-core as a contender that follows nothing: fal delivers each output to a listener of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use fal_core::webhook::{WebhookAddress, WebhookOutcome, WebhookVerifier};
use fal_core::{FalApi, FalClient, Recovery, RequestOptions};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::ours::{GRACE, client, downloaded, endpoint, patiently};
use crate::task::{Task, contend, input, noticed};

/// Where deliveries arrive, and who waits for which.
struct Desk {
    address: WebhookAddress,
    verifier: WebhookVerifier,
    /// By attempt id.
    waiting: Mutex<HashMap<String, oneshot::Sender<Value>>>,
}

/// Lets fal deliver each output.
pub(crate) async fn run(task: Task) {
    let client = client(&task);
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
    let base = format!("http://{}", listener.local_addr().expect("has one"));
    let desk = Arc::new(Desk {
        address: WebhookAddress::new(&base).expect("is on this machine"),
        verifier: WebhookVerifier::from_client(&client),
        waiting: Mutex::default(),
    });
    tokio::spawn(listen(listener, Arc::clone(&desk)));
    let work = task.run(move |_, generation| generate(client.clone(), Arc::clone(&desk), generation));
    contend("fal-core, webhooks", work).await;
}

/// A lost reply needs no search: the delivery comes to the URL of the attempt, whatever became of the reply.
async fn generate(client: FalClient, desk: Arc<Desk>, generation: usize) -> Result<u64, String> {
    let (endpoint, input, attempt) = (endpoint(), input(generation), format!("generation-{generation}"));
    let options = RequestOptions::new().with_webhook(desk.address.for_attempt(&attempt).expect("is an id"));
    loop {
        let delivered = desk.expect(&attempt);
        match patiently(|| client.submit(&endpoint, &input, &options)).await {
            Ok(_) => {
                let output = delivered.await.map_err(|_| "it ended without an output")?;
                return downloaded(&client, &output).await;
            }
            Err(error) if error.recovery() == Recovery::Reconcile => {
                if let Ok(output) = timeout(GRACE, delivered).await {
                    return downloaded(&client, &output.map_err(|_| "it ended without an output")?).await;
                }
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

impl Desk {
    /// What will be delivered for this attempt.
    fn expect(&self, attempt: &str) -> oneshot::Receiver<Value> {
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(attempt.to_owned(), sender);
        receiver
    }

    /// Believes a delivery only when fal signed it, and gives its output to who waits for it.
    async fn take(&self, delivery: Request<Incoming>) -> StatusCode {
        let (head, body) = delivery.into_parts();
        let Ok(body) = body.collect().await else { return StatusCode::BAD_REQUEST };
        let event = match self.verifier.verify(&head.headers, &body.to_bytes()).await {
            Ok(event) => event,
            Err(error) => return error.status(),
        };
        let attempt = self.address.attempt_of(head.uri.path()).unwrap_or_default();
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(attempt);
        if let Some(waiting) = waiting {
            noticed(&event.request_id);
            if let WebhookOutcome::Completed(output) = event.outcome {
                // That nobody waits any more is no fault of the delivery.
                let _ = waiting.send(output);
            }
        }
        StatusCode::OK
    }
}

async fn listen(listener: TcpListener, desk: Arc<Desk>) {
    while let Ok((stream, _)) = listener.accept().await {
        let desk = Arc::clone(&desk);
        let answer = service_fn(move |delivery| {
            let desk = Arc::clone(&desk);
            async move {
                let status = desk.take(delivery).await;
                Response::builder().status(status).body(Empty::<Bytes>::new())
            }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
    }
}
