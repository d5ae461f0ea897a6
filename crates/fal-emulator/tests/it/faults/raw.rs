//! HTTP by hand, where each byte on the connection matters.

use std::io;

use fal_emulator::Emulator;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Far longer than any pause between two bytes.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Sends one request; its path begins behind the address of the emulator.
pub(super) async fn send(emulator: &Emulator, method: &str, path: &str, body: &str) -> TcpStream {
    let address = emulator.urls().queue.trim_start_matches("http://").trim_end_matches("/queue");
    let mut stream = TcpStream::connect(address).await.expect("connects");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Key a:b\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.expect("is sent");
    stream
}

/// Everything that comes until the connection ends.
pub(super) async fn read_all(mut stream: TcpStream) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// What comes up to and with these bytes, where they come at all.
pub(super) async fn read_to(stream: &mut TcpStream, end: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        let read = tokio::time::timeout(PATIENCE, stream.read_buf(&mut bytes)).await;
        assert!(read.is_ok_and(|read| read.is_ok_and(|count| count > 0)), "{}", String::from_utf8_lossy(&bytes));
    }
    bytes
}

/// The head of an answer in lower case, and its body.
pub(super) fn split(answer: &[u8]) -> (String, &[u8]) {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("has a head") + 4;
    (String::from_utf8_lossy(&answer[..end]).to_lowercase(), &answer[end..])
}
