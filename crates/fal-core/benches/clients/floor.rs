//! The floor: nothing but the four necessary requests, on pooled HTTP/2 connections. What goes wrong ends the program.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::task::{ENDPOINT, KEY, Task, contend, input, noticed};

/// Requests under way on one connection: what servers commonly allow.
const STREAMS: usize = 100;
/// In the last event of a status stream.
const COMPLETED: &[u8] = br#""status":"COMPLETED""#;

/// One connection of the pool.
type Connection = SendRequest<Full<Bytes>>;

pub(crate) async fn run(task: Task) {
    contend("floor", work(&task)).await;
}

async fn work(task: &Task) {
    let mut pool = Vec::new();
    for _ in 0..task.concurrency.div_ceil(STREAMS) {
        pool.push(connect(task).await);
    }
    let submit_url = format!("{}/queue/{ENDPOINT}", task.url);
    let of = move |worker: usize| pool[worker % pool.len()].clone();
    task.run(move |worker, generation| generate(of(worker), submit_url.clone(), generation)).await;
}

async fn connect(task: &Task) -> Connection {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&task.authority).expect("can be read") {
        roots.add(certificate.expect("is a certificate")).expect("is an authority");
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("has versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let address = task.url.strip_prefix("https://").expect("speaks TLS");
    let stream = TcpStream::connect(address).await.expect("connects");
    stream.set_nodelay(true).expect("is a TCP socket");
    let host = address.split(':').next().unwrap_or_default().to_owned();
    let name = ServerName::try_from(host).expect("is an address");
    let tls = TlsConnector::from(Arc::new(config)).connect(name, stream).await.expect("is trusted");
    let (sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(tls)).await.expect("speaks HTTP/2");
    tokio::spawn(connection);
    sender
}

async fn generate(mut connection: Connection, submit_url: String, generation: usize) -> Result<u64, String> {
    let submitted = json(send(&mut connection, Method::POST, &submit_url, input(generation).to_string()).await).await;
    let status_url = format!("{}/stream?logs=1", text(&submitted["status_url"]));
    until_completed(get(&mut connection, &status_url).await, text(&submitted["request_id"])).await;
    let output = json(get(&mut connection, text(&submitted["response_url"])).await).await;
    Ok(length(get(&mut connection, text(&output["video"]["url"])).await).await)
}

async fn get(connection: &mut Connection, url: &str) -> Incoming {
    send(connection, Method::GET, url, String::new()).await
}

async fn send(connection: &mut Connection, method: Method, url: &str, body: String) -> Incoming {
    let request = Request::builder()
        .method(method)
        .uri(url)
        .header(header::AUTHORIZATION, format!("Key {KEY}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(body))
        .expect("is a request");
    connection.ready().await.expect("takes requests");
    let answer = connection.send_request(request).await.expect("answers");
    assert!(answer.status().is_success(), "{url}: {}", answer.status());
    answer.into_body()
}

/// Reads a status stream to its end, and notices the event that says so. Events may be cut anywhere.
async fn until_completed(mut stream: Incoming, request_id: &str) {
    let (mut event, mut completed) = (Vec::new(), false);
    while let Some(frame) = stream.frame().await {
        let Ok(data) = frame.expect("arrives").into_data() else { continue };
        event.extend_from_slice(&data);
        if !completed && event.windows(COMPLETED.len()).any(|window| window == COMPLETED) {
            noticed(request_id);
            completed = true;
        }
        if event.ends_with(b"\n\n") {
            event.clear();
        }
    }
    assert!(completed, "the stream ended early");
}

async fn json(body: Incoming) -> Value {
    serde_json::from_slice(&body.collect().await.expect("arrives").to_bytes()).expect("is JSON")
}

async fn length(mut body: Incoming) -> u64 {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame.expect("arrives").into_data().map_or(0, |data| data.len() as u64);
    }
    length
}

fn text(value: &Value) -> &str {
    value.as_str().expect("fal answers with a string")
}
