//! Brings the pictures to where fal can read them.

use fal_upload::Progress;
use videogen_domain::{Failure, Generation, GenerationEvent, ImageInput, UploadedImage};

use crate::fingerprint::{PreparedImage, PreparedImages, of_end_image};
use crate::{GenerationService, Journal, TransferProgress, failure};

impl GenerationService {
    /// Makes sure first that the video can be stored, it would be paid for in vain otherwise; and that it has not been
    /// paid for already.
    pub(crate) async fn upload(
        &self,
        generation: &Generation,
        journal: &dyn Journal,
    ) -> Result<GenerationEvent, Failure> {
        let plan = generation.plan.as_ref().ok_or_else(failure::no_plan)?;
        self.assets.check(plan.file_name.as_deref()).await.map_err(|error| failure::from_asset(&error))?;
        let images = PreparedImages::of(plan).await?;
        let fingerprint = self.fingerprint_with(plan, &images).await?;
        if let Some(fingerprint) = &fingerprint
            && !plan.fresh
            && let Some(reused) = self.reuse(generation, fingerprint).await?
        {
            return Ok(GenerationEvent::Reused(reused));
        }
        let image = self.upload_image(&images.image, journal).await?;
        let end_image = match &images.end_image {
            Some(end) => Some(self.upload_image(end, journal).await.map_err(of_end_image)?),
            None => None,
        };
        Ok(GenerationEvent::ImagesUploaded { image, end_image, fingerprint })
    }

    async fn upload_image(&self, image: &PreparedImage, journal: &dyn Journal) -> Result<UploadedImage, Failure> {
        let Some(source) = &image.source else {
            let ImageInput::Url(url) = &image.input else { return Err(failure::unsupported_image()) };
            return Ok(UploadedImage { url: url.clone(), content_hash: None, cached: false });
        };
        journal.transferred(TransferProgress::Uploading);
        let uploaded =
            self.uploader.upload(source, &Progress::none()).await.map_err(|error| failure::from_upload(&error))?;
        Ok(UploadedImage {
            url: uploaded.url,
            content_hash: uploaded.content_hash.map(|hash| hash.to_string()),
            cached: uploaded.cached,
        })
    }

    /// Forgets uploads that fal could not read, so that the next generation uploads them anew.
    pub(super) async fn forget_uploads(&self, generation: &Generation) {
        let Some(plan) = &generation.plan else { return };
        let Ok(images) = PreparedImages::of(plan).await else { return };
        for source in [Some(images.image), images.end_image].into_iter().flatten().filter_map(|image| image.source) {
            if let Err(error) = self.uploader.forget(&source).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "the dead upload could not be forgotten");
            }
        }
    }
}
