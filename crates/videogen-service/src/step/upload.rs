//! Brings the pictures to where fal can read them.

use fal_upload::{Progress, Source};
use videogen_domain::{Failure, Generation, GenerationEvent, ImageInput, PlannedImage, UploadedImage};

use crate::{GenerationService, Journal, TransferProgress, failure, picture};

impl GenerationService {
    /// Makes sure first that the video can be stored: it would be paid for in vain otherwise.
    pub(crate) async fn upload(
        &self,
        generation: &Generation,
        journal: &dyn Journal,
    ) -> Result<GenerationEvent, Failure> {
        let plan = generation.plan.as_ref().ok_or_else(failure::no_plan)?;
        self.assets.check(plan.file_name.as_deref()).await.map_err(|error| failure::from_asset(&error))?;
        let image = self.upload_image(&plan.image, journal).await?;
        let end_image = match &plan.end_image {
            Some(end) => {
                let uploaded = self.upload_image(end, journal).await;
                Some(uploaded.map_err(|failure| failure.with_field(Some("end_image".to_owned())))?)
            }
            None => None,
        };
        Ok(GenerationEvent::ImagesUploaded { image, end_image })
    }

    async fn upload_image(&self, image: &PlannedImage, journal: &dyn Journal) -> Result<UploadedImage, Failure> {
        let Some(source) = prepared(image).await? else {
            let ImageInput::Url(url) = &image.input else { return Err(failure::unsupported_image()) };
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

    /// Forgets uploads that fal could not read, so that the next generation uploads them anew.
    pub(super) async fn forget_uploads(&self, generation: &Generation) {
        let Some(plan) = &generation.plan else { return };
        for image in [&plan.image].into_iter().chain(&plan.end_image) {
            if let Ok(Some(source)) = prepared(image).await
                && let Err(error) = self.uploader.forget(&source).await
            {
                tracing::warn!(error = &error as &dyn std::error::Error, "the dead upload could not be forgotten");
            }
        }
    }
}

/// The bytes to upload; `None` for a picture that is given by its address.
async fn prepared(image: &PlannedImage) -> Result<Option<Source>, Failure> {
    match picture::source(&image.input).map_err(|error| failure::from_upload(&error.into()))? {
        Some(source) => picture::prepare(source, image).await.map(Some),
        None => Ok(None),
    }
}
