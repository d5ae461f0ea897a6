//! Takes a video that was made and paid for before in place of a new one.

use std::sync::Arc;

use fal_upload::ContentHasher;
use futures::TryStreamExt;
use videogen_domain::{Asset, AssetId, Failure, FailureKind, Generation, Recovery, ReusedVideo, StoredVideo, Usd};

use super::book::now;
use crate::{
    AssetStore, Books, BooksError, FinishedVideo, FolderAssetStore, GenerationService, Library, Sidecar, error_chain,
    failure,
};

/// A finished video that has been read to its end and is whole.
struct Found {
    assets: Arc<dyn AssetStore>,
    /// Whether that is the store that this generation's video belongs in.
    is_ours: bool,
    name: String,
    sidecar: Sidecar,
    request_id: String,
}

impl GenerationService {
    /// Whether the books know a finished video of a request of this fingerprint; its file may be gone.
    pub async fn was_made(&self, fingerprint: &str) -> bool {
        let Some(books) = &self.books else { return false };
        books.finished_videos(fingerprint).await.is_ok_and(|finished| !finished.is_empty())
    }

    /// The video of an earlier request that asked for the same, put where this one wants it; `None` when there is none,
    /// or its file is gone or changed.
    ///
    /// Taken again after a crash, this step finds its own copy in place, and the asset in its project.
    pub(super) async fn reuse(
        &self,
        generation: &Generation,
        fingerprint: &str,
    ) -> Result<Option<ReusedVideo>, Failure> {
        let Some(books) = &self.books else { return Ok(None) };
        let finished = match books.finished_videos(fingerprint).await {
            Ok(finished) => finished,
            Err(error) => return self.unwritten(generation, &error).map(|()| None),
        };
        for video in finished {
            let Some(found) = self.find(&video).await? else {
                tracing::info!(place = video.place, name = video.name, "the video of the same request is gone");
                continue;
            };
            let stored = self.put_in_place(generation, &found).await?;
            self.attach(books.as_ref(), generation, &found, &stored).await?;
            let request_id = found.request_id;
            return Ok(Some(ReusedVideo { request_id, fingerprint: fingerprint.to_owned(), stored }));
        }
        Ok(None)
    }

    /// A finished video, where it was put or where another one has moved it aside.
    async fn find(&self, video: &FinishedVideo) -> Result<Option<Found>, Failure> {
        let is_ours = video.place == self.assets.place();
        let assets: Arc<dyn AssetStore> = match is_ours {
            true => Arc::clone(&self.assets),
            // Of another bucket the keys are not known here.
            false if video.place.contains("://") => return Ok(None),
            false => Arc::new(FolderAssetStore::new(&video.place)),
        };
        if let Some(found) = whole(&assets, is_ours, &video.name, video).await? {
            return Ok(Some(found));
        }
        let kept = match Library::new(Arc::clone(&assets)).videos().await {
            Ok(kept) => kept,
            // A folder that is gone, most likely.
            Err(failure) if !is_ours => {
                tracing::info!(place = video.place, %failure, "the videos of another place cannot be looked through");
                return Ok(None);
            }
            Err(failure) => return Err(unreadable(failure)),
        };
        for other in kept.iter().filter(|kept| kept.sidecar.video_sha256 == video.content_hash) {
            if let Some(found) = whole(&assets, is_ours, &other.file.name, video).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The video under the wanted name; copied where it is elsewhere or has another.
    async fn put_in_place(&self, generation: &Generation, found: &Found) -> Result<StoredVideo, Failure> {
        let wanted = generation.file_name.as_deref().unwrap_or(&found.name);
        let sidecar = &found.sidecar;
        if found.is_ours && wanted == found.name {
            return Ok(StoredVideo {
                location: self.assets.location(wanted),
                bytes: sidecar.video_bytes,
                content_hash: sidecar.video_sha256.clone(),
                replaced: None,
                facts: sidecar.facts(),
            });
        }
        let opened = found.assets.open(&found.name).await.map_err(|error| unreadable(error.into()))?;
        let Some(video) = opened else { return Err(unreadable(failure::no_plan())) };
        let stored = self.assets.put(wanted, video.body).await?;
        let stored = StoredVideo { facts: sidecar.facts(), ..stored };
        let plan = generation.plan.as_ref();
        let project_id = plan.and_then(|plan| plan.project_id.clone());
        let scene_id = plan.and_then(|plan| plan.scene_id.clone());
        let poster = self.poster(wanted).await;
        let sidecar = Sidecar { project_id, scene_id, poster, ..sidecar.clone() };
        self.assets.put_sidecar(wanted, sidecar.text()).await?;
        Ok(stored)
    }

    /// Puts the video into the project that it was asked for, at no cost, unless it is there.
    async fn attach(
        &self,
        books: &dyn Books,
        generation: &Generation,
        found: &Found,
        stored: &StoredVideo,
    ) -> Result<(), Failure> {
        let Some(plan) = &generation.plan else { return Ok(()) };
        let Some(project_id) = plan.project_id.clone() else { return Ok(()) };
        let written = |error: BooksError| {
            Failure::new(FailureKind::Record, error.recovery(), error_chain(&error), error.advice())
        };
        let name = generation.file_name.clone().unwrap_or_else(|| found.name.clone());
        let assets = books.assets(&project_id).await.map_err(written)?;
        let is_this = |asset: &&Asset| {
            let asset = *asset;
            asset.request_id == found.request_id
                && asset.scene_id == plan.scene_id
                && asset.name == name
                && asset.deleted_at.is_none()
        };
        let asset = match assets.iter().find(is_this) {
            // Its scene shows it again.
            Some(asset) => asset.clone(),
            None => Asset {
                id: AssetId::from(generation.booking_id.as_deref().unwrap_or(&found.request_id)),
                project_id,
                scene_id: plan.scene_id.clone(),
                name,
                model_id: found.sidecar.model.clone(),
                request_id: found.request_id.clone(),
                facts: stored.facts,
                bytes: stored.bytes,
                estimate: Some(Usd::ZERO),
                billed: Some(Usd::ZERO),
                created_at: now(),
                deleted_at: None,
            },
        };
        books.attach(&asset).await.map(drop).map_err(written)
    }
}

/// The video of that name, when it has a sidecar of ours and is byte for byte what was paid for.
async fn whole(
    assets: &Arc<dyn AssetStore>,
    is_ours: bool,
    name: &str,
    video: &FinishedVideo,
) -> Result<Option<Found>, Failure> {
    let unreadable = |error: crate::AssetError| unreadable(error.into());
    let Some(text) = assets.sidecar(name).await.map_err(unreadable)? else { return Ok(None) };
    let Some(sidecar) = Sidecar::parse(&text) else { return Ok(None) };
    let Some(request_id) = sidecar.request_id.clone() else { return Ok(None) };
    let Some(opened) = assets.open(name).await.map_err(unreadable)? else { return Ok(None) };
    if opened.bytes != video.bytes || sidecar.video_sha256 != video.content_hash {
        return Ok(None);
    }
    let mut body = opened.body;
    let mut hasher = ContentHasher::default();
    while let Some(piece) = body.try_next().await.map_err(unreadable)? {
        hasher.update(&piece);
    }
    let same = hasher.finish().to_string() == video.content_hash;
    Ok(same.then(|| Found { assets: Arc::clone(assets), is_ours, name: name.to_owned(), sidecar, request_id }))
}

/// A video that was paid for is not paid for again because it cannot be read just now.
fn unreadable(cause: Failure) -> Failure {
    let message = format!("the video that was made for the same request cannot be read: {}", cause.message);
    let advice = format!("{} Or ask for a fresh video, which is paid for.", cause.advice);
    Failure::new(FailureKind::Storage, Recovery::Later, message, advice)
}
