//! One upload on the wire: a token from fal's REST host, then the bytes to its CDN.

use std::time::Duration;

use bytes::Bytes;
use fal_core::{Answer, Authorization, Call, ErrorKind, FalClient, HostClass};
use http::{HeaderName, HeaderValue, Method};
use jiff::{Timestamp, ToSpan};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::Error;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FILE_NAME: HeaderName = HeaderName::from_static("x-fal-file-name");
/// The CDN reads the one, fal's storage the other; the official client sends both.
const LIFECYCLE: [HeaderName; 2] =
    [HeaderName::from_static("x-fal-object-lifecycle"), HeaderName::from_static("x-fal-object-lifecycle-preference")];

/// The slowest line that an upload is waited for: 64 KiB a second, and a minute more.
const SLOWEST_BYTES_PER_SECOND: u64 = 64 << 10;

/// Sends files to the CDN.
#[derive(Debug)]
pub(crate) struct Transfer {
    client: FalClient,
    token: Mutex<Option<Token>>,
}

#[derive(Debug, Clone)]
struct Token {
    authorization: Authorization,
    expires_at: Timestamp,
}

/// What is sent.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Bytes,
    pub(crate) lifetime: Duration,
}

impl Transfer {
    pub(crate) fn new(client: FalClient) -> Self {
        Self { client, token: Mutex::new(None) }
    }

    /// The address of the CDN.
    pub(crate) fn cdn(&self) -> String {
        self.client.hosts().get(HostClass::Cdn).to_string()
    }

    /// Sends a file and returns its address. The same bytes may be sent again: an upload costs nothing.
    pub(crate) async fn send(&self, file: File, now: Timestamp) -> Result<String, Error> {
        let authorization = self.authorization(now).await?;
        let lifecycle = format!(r#"{{"expiration_duration_seconds":{}}}"#, file.lifetime.as_secs());
        let lifecycle = HeaderValue::try_from(lifecycle).unwrap_or(HeaderValue::from_static("{}"));
        let seconds = 60 + file.bytes.len() as u64 / SLOWEST_BYTES_PER_SECOND;
        let url = self.client.hosts().join(HostClass::Cdn, ["files", "upload"]);
        let mut call = Call::new(Method::POST, HostClass::Cdn, url)
            .with_authorization(authorization)
            .with_header(FILE_NAME, ascii(&file.name))
            .with_timeout(Duration::from_secs(seconds))
            .with_body(HeaderValue::from_static(file.media_type), file.bytes);
        for name in LIFECYCLE {
            call = call.with_header(name, lifecycle.clone());
        }
        let answer = self.client.call(call).await;
        if answer.as_ref().is_err_and(|error| error.kind() == ErrorKind::Unauthorized) {
            // It may have been withdrawn before its time: the next upload asks for another.
            *self.token.lock().await = None;
        }
        let answer = answer.map_err(|error| Error::fal("the upload", error))?;
        read::<UploadAnswer>(&answer, "the upload").map(|answer| answer.access_url)
    }

    /// A token that is good for a while yet, asked for only when there is none.
    async fn authorization(&self, now: Timestamp) -> Result<Authorization, Error> {
        let mut token = self.token.lock().await;
        let fresh =
            token.as_ref().filter(|token| now.saturating_add(1.minute()).is_ok_and(|soon| soon < token.expires_at));
        if let Some(token) = fresh {
            return Ok(token.authorization.clone());
        }
        let mut url = self.client.hosts().join(HostClass::Rest, ["storage", "auth", "token"]);
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let call = Call::new(Method::POST, HostClass::Rest, url).with_body(JSON, "{}");
        let during = "the request for an upload token";
        let answer = self.client.call(call).await.map_err(|error| Error::fal(during, error))?;
        let answer: TokenAnswer = read(&answer, during)?;
        let scheme = answer.token_type.unwrap_or_else(|| "Bearer".to_owned());
        let authorization = Authorization::Token { scheme, token: answer.token };
        // Without a time that can be read the token serves this one upload.
        let expires_at = answer.expires_at.parse().unwrap_or(now);
        *token = Some(Token { authorization: authorization.clone(), expires_at });
        Ok(authorization)
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(deserialize_with = "secret")]
    token: SecretString,
    token_type: Option<String>,
    expires_at: String,
}

#[derive(Deserialize)]
struct UploadAnswer {
    access_url: String,
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

fn read<T: serde::de::DeserializeOwned>(answer: &Answer, during: &'static str) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|error| Error::answer(during, error))
}

/// A header holds visible ASCII only; fal needs the name for nothing but the address.
fn ascii(name: &str) -> HeaderValue {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect();
    HeaderValue::try_from(plain).unwrap_or(HeaderValue::from_static("file"))
}
