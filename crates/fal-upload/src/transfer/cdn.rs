//! The way of fal's Python client: a token from the REST host, then the bytes to the CDN.

use std::sync::Arc;

use bytes::Bytes;
use fal_core::{Authorization, Call, FalClient, HostClass};
use http::{HeaderName, HeaderValue, Method};
use jiff::{Timestamp, ToSpan};
use secrecy::SecretString;
use serde::{Deserialize, Deserializer};
use tokio::sync::Mutex;
use url::Url;

use super::flow::{FileHead, Flow, Part, PartUpload};
use super::part;
use super::wire::{JSON, call, plain_name, read};
use crate::{Error, TransferConfig};

const FILE_NAME: HeaderName = HeaderName::from_static("x-fal-file-name");
/// The CDN reads the one, fal's storage the other; the official client sends both.
const LIFECYCLE: [HeaderName; 2] =
    [HeaderName::from_static("x-fal-object-lifecycle"), HeaderName::from_static("x-fal-object-lifecycle-preference")];
const UPLOADING: &str = "the upload";
const ASKING: &str = "the request for an upload token";

/// Uploads with a token.
#[derive(Debug, Clone)]
pub(super) struct CdnFlow {
    client: FalClient,
    config: TransferConfig,
    token: Arc<Mutex<Option<Token>>>,
    now: fn() -> Timestamp,
}

#[derive(Debug, Clone)]
struct Token {
    authorization: Authorization,
    expires_at: Timestamp,
}

#[derive(Deserialize)]
struct TokenAnswer {
    #[serde(deserialize_with = "secret")]
    token: SecretString,
    token_type: Option<String>,
    expires_at: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Begun {
    #[serde(rename = "access_url")]
    access_url: String,
    upload_id: String,
}

#[derive(Deserialize)]
struct Stored {
    access_url: String,
}

impl CdnFlow {
    pub(super) fn new(client: FalClient, config: TransferConfig, now: fn() -> Timestamp) -> Self {
        Self { client, config, token: Arc::default(), now }
    }

    /// A post of the CDN that says what file it is about.
    async fn post(&self, file: &FileHead, path: &[&str], bytes: Bytes) -> Result<fal_core::Answer, Error> {
        let url = self.client.hosts().join(HostClass::Cdn, path.iter().copied());
        let name = HeaderValue::try_from(plain_name(&file.name)).unwrap_or(HeaderValue::from_static("file"));
        let mut post = Call::new(Method::POST, HostClass::Cdn, url)
            .with_authorization(self.authorization().await?)
            .with_header(FILE_NAME, name)
            .with_timeout(self.config.time_for(bytes.len()))
            .with_body(HeaderValue::from_static(file.media_type), bytes);
        for name in LIFECYCLE {
            post = post.with_header(name, file.lifecycle().header_value());
        }
        let answer = call(&self.client, post, UPLOADING).await;
        if answer.as_ref().is_err_and(Error::is_unauthorized) {
            // It may have been withdrawn before its time: the next upload asks for another.
            *self.token.lock().await = None;
        }
        answer
    }

    /// A token that is good for a while yet, asked for only when there is none.
    async fn authorization(&self) -> Result<Authorization, Error> {
        let now = (self.now)();
        let mut token = self.token.lock().await;
        let fresh =
            token.as_ref().filter(|token| now.saturating_add(1.minute()).is_ok_and(|soon| soon < token.expires_at));
        if let Some(token) = fresh {
            return Ok(token.authorization.clone());
        }
        let mut url = self.client.hosts().join(HostClass::Rest, ["storage", "auth", "token"]);
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let answer = call(&self.client, Call::new(Method::POST, HostClass::Rest, url).with_body(JSON, "{}"), ASKING);
        let answer: TokenAnswer = read(&answer.await?, ASKING)?;
        let scheme = answer.token_type.unwrap_or_else(|| "Bearer".to_owned());
        let authorization = Authorization::Token { scheme, token: answer.token };
        // Without a time that can be read the token serves this one upload.
        let expires_at = answer.expires_at.parse().unwrap_or(now);
        *token = Some(Token { authorization: authorization.clone(), expires_at });
        Ok(authorization)
    }

    /// An address that fal named, where the token may go: on the configured CDN, or on a host of fal's own CDN.
    fn trusted(&self, address: &str) -> Result<Url, Error> {
        let hosts = self.client.hosts();
        let is_fals = |url: &Url| {
            let is_default = hosts.get(HostClass::Cdn) == fal_core::Hosts::default().get(HostClass::Cdn);
            let host = url.host_str().unwrap_or_default();
            is_default && url.scheme() == "https" && (host == "fal.media" || host.ends_with(".fal.media"))
        };
        let url = Url::parse(address).ok().filter(|url| hosts.owns(HostClass::Cdn, url) || is_fals(url));
        url.ok_or_else(|| Error::fal(UPLOADING, fal_core::Error::UntrustedUrl))
    }
}

#[async_trait::async_trait]
impl Flow for CdnFlow {
    async fn whole(&self, file: &FileHead, bytes: Bytes) -> Result<String, Error> {
        let answer = self.post(file, &["files", "upload"], bytes).await?;
        read::<Stored>(&answer, UPLOADING).map(|stored| stored.access_url)
    }

    async fn begin(&self, file: &FileHead) -> Result<Box<dyn PartUpload>, Error> {
        let answer = self.post(file, &["files", "upload", "multipart"], Bytes::new()).await?;
        let begun: Begun = read(&answer, UPLOADING)?;
        let base = format!("{}/multipart/{}", begun.access_url, begun.upload_id);
        Ok(Box::new(CdnParts { flow: self.clone(), base: self.trusted(&base)?, access_url: begun.access_url }))
    }
}

struct CdnParts {
    flow: CdnFlow,
    /// What the parts' addresses begin with.
    base: Url,
    access_url: String,
}

#[async_trait::async_trait]
impl PartUpload for CdnParts {
    async fn part(&self, number: u32, bytes: Bytes) -> Result<Part, Error> {
        let authorization = self.flow.authorization().await?;
        let time = self.flow.config.time_for(bytes.len());
        part::send(&self.flow.client, part::below(&self.base, &number.to_string()), authorization, number, bytes, time)
            .await
    }

    async fn complete(&self, parts: &[Part]) -> Result<String, Error> {
        let authorization = self.flow.authorization().await?;
        part::complete(&self.flow.client, part::below(&self.base, "complete"), authorization, parts).await?;
        Ok(self.access_url.clone())
    }
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}
