//! A host that says word for word what a test wants, and counts what it is sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A host on a bare socket that reads each request to its end and answers it with the same bytes.
pub(super) struct RawHost {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl RawHost {
    /// Closes each connection after one answer.
    pub(super) async fn answering(answer: impl Into<String>) -> Self {
        Self::start(vec![answer.into()]).await
    }

    /// Gives one answer after the other on each connection, and closes it where the next would be.
    pub(super) async fn answering_in_turn(answers: &[&str]) -> Self {
        Self::start(answers.iter().map(|answer| (*answer).to_owned()).collect()).await
    }

    async fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("binds");
        let url = format!("http://{}", listener.local_addr().expect("is bound"));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                for answer in &answers {
                    let mut request = Vec::new();
                    while !is_whole(&request) && stream.read_buf(&mut request).await.expect("is read") > 0 {}
                    list.lock().expect("is free").push(String::from_utf8_lossy(&request).into_owned());
                    stream.write_all(answer.as_bytes()).await.expect("is written");
                }
                stream.shutdown().await.expect("closes");
            }
        });
        Self { url, seen }
    }

    /// Every request so far, as it came over the wire.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("is free").clone()
    }
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.parse().expect("is a number"))
}
