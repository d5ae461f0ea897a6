//! The way of fal's JavaScript client: the REST host gives an address that is signed, and the bytes go there, without
//! the key.

use bytes::Bytes;
use fal_core::{Authorization, Call, FalClient, HostClass};
use http::{HeaderName, HeaderValue, Method};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::flow::{FileHead, Flow, Part, PartUpload};
use super::part;
use super::wire::{JSON, call, plain_name, read};
use crate::{Error, TransferConfig};

const LIFECYCLE: HeaderName = HeaderName::from_static("x-fal-object-lifecycle");
const ASKING: &str = "the request for an upload address";
const UPLOADING: &str = "the upload";

/// Uploads to a signed address.
#[derive(Debug)]
pub(super) struct InitiatedFlow {
    client: FalClient,
    config: TransferConfig,
}

#[derive(Deserialize)]
struct Initiated {
    upload_url: String,
    file_url: String,
}

impl InitiatedFlow {
    pub(super) fn new(client: FalClient, config: TransferConfig) -> Self {
        Self { client, config }
    }

    async fn initiate(&self, file: &FileHead, path: &str) -> Result<(Url, String), Error> {
        let mut url = self.client.hosts().join(HostClass::Rest, ["storage", "upload", path]);
        url.set_query(Some("storage_type=fal-cdn-v3"));
        let body = json!({ "content_type": file.media_type, "file_name": plain_name(&file.name) });
        let post = Call::new(Method::POST, HostClass::Rest, url)
            .with_header(LIFECYCLE, file.lifecycle().header_value())
            .with_body(JSON, body.to_string());
        let Initiated { upload_url, file_url } = read(&call(&self.client, post, ASKING).await?, ASKING)?;
        // Whatever goes there goes without the key, and not in the clear.
        let url = Url::parse(&upload_url)
            .ok()
            .filter(|url| url.scheme() == "https" || self.client.hosts().owns(HostClass::Cdn, url));
        Ok((url.ok_or_else(|| Error::fal(UPLOADING, fal_core::Error::UntrustedUrl))?, file_url))
    }
}

#[async_trait::async_trait]
impl Flow for InitiatedFlow {
    async fn whole(&self, file: &FileHead, bytes: Bytes) -> Result<String, Error> {
        let (upload_url, file_url) = self.initiate(file, "initiate").await?;
        let put = Call::new(Method::PUT, HostClass::Cdn, upload_url)
            .with_authorization(Authorization::None)
            .with_timeout(self.config.time_for(bytes.len()))
            .with_body(HeaderValue::from_static(file.media_type), bytes);
        call(&self.client, put, UPLOADING).await?;
        Ok(file_url)
    }

    async fn begin(&self, file: &FileHead) -> Result<Box<dyn PartUpload>, Error> {
        let (upload_url, file_url) = self.initiate(file, "initiate-multipart").await?;
        Ok(Box::new(InitiatedParts { client: self.client.clone(), config: self.config, upload_url, file_url }))
    }
}

struct InitiatedParts {
    client: FalClient,
    config: TransferConfig,
    /// Signed in its query, which every part keeps.
    upload_url: Url,
    file_url: String,
}

#[async_trait::async_trait]
impl PartUpload for InitiatedParts {
    async fn part(&self, number: u32, bytes: Bytes) -> Result<Part, Error> {
        let time = self.config.time_for(bytes.len());
        part::send(
            &self.client,
            part::below(&self.upload_url, &number.to_string()),
            Authorization::None,
            number,
            bytes,
            time,
        )
        .await
    }

    async fn complete(&self, parts: &[Part]) -> Result<String, Error> {
        part::complete(&self.client, part::below(&self.upload_url, "complete"), Authorization::None, parts).await?;
        Ok(self.file_url.clone())
    }
}
