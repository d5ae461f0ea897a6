//! A server on a real socket that answers, cuts or ignores requests as it is told, and counts what arrived.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// What the server does with the next request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Reads the whole request, then sends these bytes and keeps the connection.
    Answer(String),
    /// Reads the whole request, then sends these bytes and closes.
    AnswerAndClose(String),
    /// Reads the whole request, sends these bytes, then nothing more, and keeps the connection.
    AnswerAndStall(String),
    /// Resets the connection without reading.
    Reset,
}

/// An HTTP answer with a body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}

/// A server that acts as listed; the last act is repeated.
#[derive(Debug)]
pub(crate) struct RawServer {
    address: std::net::SocketAddr,
    arrived: watch::Receiver<Arrived>,
}

/// What has reached the server.
#[derive(Debug, Default)]
struct Arrived {
    connections: usize,
    requests: Vec<String>,
}

impl RawServer {
    pub(crate) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, arrived) = watch::channel(Arrived::default());
        let (sender, acts) = (Arc::new(sender), Arc::new(Mutex::new(acts.into_iter().collect::<VecDeque<_>>())));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                sender.send_modify(|arrived| arrived.connections += 1);
                tokio::spawn(serve(socket, Arc::clone(&sender), Arc::clone(&acts)));
            }
        });
        Self { address, arrived }
    }

    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same server, asked over TLS, of which it understands nothing.
    pub(crate) fn base_with_tls(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The requests that have arrived whole, once there are at least so many.
    pub(crate) async fn requests(&self, at_least: usize) -> Vec<String> {
        let mut arrived = self.arrived.clone();
        arrived.wait_for(|arrived| at_least <= arrived.requests.len()).await.unwrap().requests.clone()
    }

    /// The connections that were made, once there are at least so many.
    pub(crate) async fn connections(&self, at_least: usize) -> usize {
        let mut arrived = self.arrived.clone();
        arrived.wait_for(|arrived| at_least <= arrived.connections).await.unwrap().connections
    }
}

async fn serve(mut socket: TcpStream, arrived: Arc<watch::Sender<Arrived>>, acts: Arc<Mutex<VecDeque<Act>>>) {
    if let Some(Act::Reset) = peek(&acts) {
        next(&acts);
        socket.set_zero_linger().unwrap();
        return;
    }
    while let Some(request) = read_request(&mut socket).await {
        arrived.send_modify(|arrived| arrived.requests.push(request));
        let (bytes, then) = match next(&acts) {
            Act::Answer(bytes) => (bytes, Then::ReadOn),
            Act::AnswerAndClose(bytes) => (bytes, Then::Close),
            Act::AnswerAndStall(bytes) => (bytes, Then::Stall),
            Act::Reset => (String::new(), Then::Close),
        };
        // The client may have gone away in the meantime.
        let _ = socket.write_all(bytes.as_bytes()).await;
        match then {
            Then::ReadOn => {}
            Then::Close => return,
            Then::Stall => std::future::pending().await,
        }
    }
}

enum Then {
    ReadOn,
    Close,
    Stall,
}

fn peek(acts: &Mutex<VecDeque<Act>>) -> Option<Act> {
    acts.lock().unwrap().front().cloned()
}

fn next(acts: &Mutex<VecDeque<Act>>) -> Act {
    let mut acts = acts.lock().unwrap();
    if acts.len() == 1 { acts[0].clone() } else { acts.pop_front().expect("a server is told at least one act") }
}

/// One whole request, its body included; `None` when the connection ends.
async fn read_request(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if length.unwrap_or(0) <= body.len() {
                return Some(text.into_owned());
            }
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
