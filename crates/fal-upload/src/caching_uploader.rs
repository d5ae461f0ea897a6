//! Uploads by content hash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fal_core::FalClient;
use jiff::{SignedDuration, Timestamp};

use crate::identity::{Identity, identify};
use crate::one_at_a_time::OneAtATime;
use crate::transfer::{FileHead, Transfer};
use crate::{CacheKey, Error, Progress, Source, TransferConfig, UploadCache, UploadEntry, Uploaded, Uploader};

/// How long fal is told to keep an upload.
const LIFETIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long before its end an upload is not used any more: a request may wait in the queue before the file is read.
const MARGIN: Duration = Duration::from_secs(24 * 60 * 60);

/// Uploads to fal's CDN what is not there yet. Callers that bring the same content at the same time share one transfer.
#[derive(Debug)]
pub struct CachingUploader {
    transfer: Transfer,
    cache: Arc<dyn UploadCache>,
    /// Whether the cache could not remember the last upload.
    forgetful: AtomicBool,
    under_way: OneAtATime<CacheKey, Uploaded>,
    largest_file: u64,
    now: fn() -> Timestamp,
}

impl CachingUploader {
    /// An uploader that remembers in `cache` what it has sent.
    pub fn new(client: FalClient, cache: Arc<dyn UploadCache>) -> Self {
        Self::with_transfer(client, cache, TransferConfig::default())
    }

    /// The same, with other sizes.
    pub fn with_transfer(client: FalClient, cache: Arc<dyn UploadCache>, config: TransferConfig) -> Self {
        Self {
            transfer: Transfer::new(client, config, Timestamp::now),
            cache,
            forgetful: AtomicBool::new(false),
            under_way: OneAtATime::default(),
            largest_file: config.largest_file,
            now: Timestamp::now,
        }
    }

    /// Takes the time from elsewhere, for tests.
    pub fn with_clock(self, now: fn() -> Timestamp) -> Self {
        Self { transfer: self.transfer.with_clock(now), now, ..self }
    }

    fn key(&self, identity: &Identity) -> CacheKey {
        CacheKey {
            cdn: self.transfer.cdn(),
            content_hash: identity.content_hash,
            media_type: identity.media_type.to_owned(),
        }
    }

    async fn cached(&self, key: &CacheKey, bytes: u64) -> Option<Uploaded> {
        let entry = self.cache.get(key).await.filter(|entry| (self.now)() < entry.expires_at)?;
        Some(Uploaded::new(entry.url, key.content_hash, bytes, true))
    }

    /// Sends the file, and remembers it.
    async fn send(
        &self,
        source: &Source,
        key: &CacheKey,
        identity: &Identity,
        progress: &Progress,
    ) -> Result<Uploaded, Error> {
        let Identity { content_hash, media_type, bytes } = *identity;
        let file = FileHead { name: source.file_name(), media_type, content_hash, bytes, lifetime: LIFETIME };
        let began = (self.now)();
        let url = self.transfer.send(&file, source, progress).await?;
        let good_for = SignedDuration::try_from(LIFETIME - MARGIN).unwrap_or_default();
        let entry =
            UploadEntry { url: url.clone(), bytes, expires_at: began.saturating_add(good_for).unwrap_or(began) };
        self.remember(key, entry).await;
        Ok(Uploaded::new(url, content_hash, bytes, false))
    }

    /// An upload is good even where it cannot be remembered. That is said once, until the cache works again.
    async fn remember(&self, key: &CacheKey, entry: UploadEntry) {
        let Err(error) = self.cache.put(key, entry).await else {
            return self.forgetful.store(false, Ordering::Relaxed);
        };
        if !self.forgetful.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = &error as &dyn std::error::Error, "uploads will not be remembered");
        }
    }
}

#[async_trait::async_trait]
impl Uploader for CachingUploader {
    async fn upload(&self, source: &Source, progress: &Progress) -> Result<Uploaded, Error> {
        if let Source::Url(url) = source {
            return Ok(Uploaded::at(url.clone()));
        }
        let identity = identify(source, self.cache.as_ref(), self.largest_file).await?;
        let key = self.key(&identity);
        if let Some(uploaded) = self.cached(&key, identity.bytes).await {
            tracing::debug!(bytes = identity.bytes, "uploaded before; nothing is sent");
            return Ok(uploaded);
        }
        self.under_way
            .get(key.clone(), async {
                // It may have arrived while this one waited.
                match self.cached(&key, identity.bytes).await {
                    Some(uploaded) => Ok(uploaded),
                    None => self.send(source, &key, &identity, progress).await,
                }
            })
            .await
    }

    async fn forget(&self, source: &Source) -> Result<(), Error> {
        if let Source::Url(_) = source {
            return Ok(());
        }
        let identity = identify(source, self.cache.as_ref(), self.largest_file).await?;
        self.cache.remove(&self.key(&identity)).await
    }
}
