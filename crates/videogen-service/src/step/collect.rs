//! Downloads the video, checks it while it arrives, and works out what was billed.

use std::sync::{Arc, OnceLock};

use futures::StreamExt;
use videogen_domain::{Deviation, Failure, FailureKind, Generation, GenerationEvent, Recovery, StoredVideo, Usd};

use crate::asset::{AssetError, VideoBody};
use crate::mp4::Mp4Check;
use crate::{GenerationService, Journal, Sidecar, TransferProgress, error_chain, failure};

impl GenerationService {
    /// Brings the video into the store, and its sidecar beside it.
    pub(crate) async fn store(
        &self,
        generation: &Generation,
        journal: &dyn Journal,
    ) -> Result<GenerationEvent, Failure> {
        let with_id = |failure: Failure| failure.with_request_id(generation.request_id().map(str::to_owned));
        let video = generation.video.as_ref().ok_or_else(failure::no_plan)?;
        let download = self.fal.download(&video.url).await.map_err(|error| with_id(failure::from_read(&error)))?;
        let total = download.length.or(video.bytes);
        let mut check = Mp4Check::new(total);
        let mut received = 0;
        let facts = Arc::new(OnceLock::new());
        let told = Arc::clone(&facts);
        let arrived = download.body.map(Some).chain(futures::stream::iter([None])).map(move |piece| match piece {
            Some(Ok(bytes)) => {
                received += bytes.len() as u64;
                check.update(&bytes);
                Ok((bytes, received))
            }
            Some(Err(error)) => Err(AssetError::interrupted(error)),
            None => {
                let whole = check.finish().map(|()| (Default::default(), received)).map_err(AssetError::bad_video);
                // The stream is asked for its end once.
                let _ = told.set(check.facts());
                whole
            }
        });
        let body = arrived.inspect(|piece| {
            if let Ok((_, received)) = piece {
                journal.transferred(TransferProgress::Downloading { received: *received, total });
            }
        });
        let body = VideoBody::new(body.map(|piece| piece.map(|(bytes, _)| bytes)));
        let name = file_name(generation);
        let stored = self.assets.put(&name, body).await.map_err(|error| with_id(failure::from_asset(&error)))?;
        let stored = StoredVideo { facts: facts.get().copied().unwrap_or_default(), ..stored };
        let poster = self.poster(&name).await;
        let sidecar = Sidecar { poster, ..Sidecar::of(generation, &stored, self.billed(generation)) };
        self.assets.put_sidecar(&name, sidecar.text()).await.map_err(|error| with_id(failure::from_asset(&error)))?;
        Ok(GenerationEvent::VideoStored(stored))
    }

    /// Keeps the poster of a video, and says what it is called. A video is worth more than its poster: what cannot be
    /// made is left out.
    pub(super) async fn poster(&self, name: &str) -> Option<String> {
        let (frames, which) = (self.frames.as_ref()?, self.config.poster?);
        let frame = match frames.frame(self.assets.as_ref(), name, which).await {
            Ok(frame) => frame,
            Err(error) => {
                tracing::warn!(error = error_chain(&error), name, "the video has no poster");
                return None;
            }
        };
        match self.assets.put_poster(name, frame.png).await {
            Ok(poster) => Some(poster.name),
            Err(error) => {
                tracing::warn!(error = error_chain(&error), name, "the poster cannot be kept");
                None
            }
        }
    }

    /// What was billed is what fal counted, at the model's unit price.
    pub(crate) async fn settle(&self, generation: &Generation) -> Result<GenerationEvent, Failure> {
        self.settle_books(generation).await?;
        let billed = self.billed(generation);
        let tolerance = self.config.bill_tolerance;
        let deviation = billed.and_then(|billed| Deviation::beyond(tolerance, generation.estimate(), billed));
        if let Some(deviation) = deviation {
            tracing::warn!(model = generation.model_id, request_id = generation.request_id(), "{deviation}");
        }
        Ok(GenerationEvent::Settled { billed, deviation })
    }

    pub(super) fn billed(&self, generation: &Generation) -> Option<Usd> {
        let units = generation.video.as_ref()?.billable_units?;
        self.models.get(&generation.endpoint_id).ok()?.billed(units)
    }
}

/// What the video's file is called.
pub(super) fn file_name(generation: &Generation) -> String {
    let by_request = || format!("{}.mp4", generation.request_id().unwrap_or("video"));
    generation.file_name.clone().unwrap_or_else(by_request)
}

impl AssetError {
    fn interrupted(error: fal_core::TransportError) -> Self {
        Self::Video(Failure::new(
            FailureKind::Interrupted,
            Recovery::Later,
            format!("the download of the video broke off: {}", error_chain(&error)),
            "The video is paid for and still at fal: pick the request up again by its id.",
        ))
    }

    fn bad_video(reason: String) -> Self {
        Self::Video(Failure::new(
            FailureKind::BadVideo,
            Recovery::Later,
            format!("what arrived is not the whole video: {reason}"),
            "The video is paid for and may still be at fal: pick the request up again by its id.",
        ))
    }
}
