//! Brings the picture to where fal can read it.

use fal_upload::{Progress, Source};
use videogen_domain::{Failure, Generation, GenerationEvent, GenerationPlan, ImageInput, UploadedImage};

use crate::{GenerationService, Journal, TransferProgress, failure, picture};

impl GenerationService {
    /// Makes sure first that the video can be stored: it would be paid for in vain otherwise.
    pub(super) async fn upload_image(
        &self,
        plan: &GenerationPlan,
        journal: &dyn Journal,
    ) -> Result<UploadedImage, Failure> {
        self.assets.check(plan.file_name.as_deref()).await.map_err(|error| failure::from_asset(&error))?;
        let Some(source) = prepared(plan).await? else {
            let ImageInput::Url(url) = &plan.image else { return Err(failure::unsupported_image()) };
            return Ok(UploadedImage { url: url.clone(), content_hash: None, cached: false });
        };
        journal.transferred(TransferProgress::Uploading);
        let uploaded =
            self.uploader.upload(&source, &Progress::none()).await.map_err(|error| failure::from_upload(&error))?;
        Ok(UploadedImage {
            url: uploaded.url,
            content_hash: uploaded.content_hash.map(|hash| hash.to_string()),
            cached: uploaded.cached,
        })
    }

    pub(crate) async fn upload(
        &self,
        generation: &Generation,
        journal: &dyn Journal,
    ) -> Result<GenerationEvent, Failure> {
        let plan = generation.plan.as_ref().ok_or_else(failure::no_plan)?;
        self.upload_image(plan, journal).await.map(GenerationEvent::ImageUploaded)
    }

    /// Forgets an upload that fal could not read, so that the next generation uploads it anew.
    pub(super) async fn forget_upload(&self, generation: &Generation) {
        let Some(plan) = &generation.plan else { return };
        if let Ok(Some(source)) = prepared(plan).await
            && let Err(error) = self.uploader.forget(&source).await
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the dead upload could not be forgotten");
        }
    }
}

/// The bytes to upload; `None` for a picture that is given by its address.
async fn prepared(plan: &GenerationPlan) -> Result<Option<Source>, Failure> {
    let Some(source) = picture::source(&plan.image) else { return Ok(None) };
    match plan.reshape {
        Some((ratio, fit)) => picture::reshape(source, ratio, fit).await.map(Some),
        None => Ok(Some(source)),
    }
}
