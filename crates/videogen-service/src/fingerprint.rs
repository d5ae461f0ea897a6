//! What tells a request from every other.

use std::collections::BTreeMap;

use fal_upload::{ContentHash, Source};
use serde_json::{Value, json};
use videogen_domain::{Failure, GenerationPlan, ImageInput, PlannedImage};

use crate::{GenerationService, failure, picture};

/// A picture of a plan, ready to be sent.
pub(crate) struct PreparedImage {
    pub(crate) input: ImageInput,
    /// What is uploaded; `None` for a picture that is given by its address.
    pub(crate) source: Option<Source>,
}

impl PreparedImage {
    pub(crate) async fn of(image: &PlannedImage) -> Result<Self, Failure> {
        let input = image.input.clone();
        let source = match picture::source(&input).map_err(|error| failure::from_upload(&error.into()))? {
            Some(source) => Some(picture::prepare(source, image).await?),
            None => None,
        };
        Ok(Self { input, source })
    }

    /// A name that every picture of the same content has. Of a picture that is given by its address that is all there
    /// is to go by.
    async fn name(&self) -> Result<String, Failure> {
        match (&self.source, &self.input) {
            (Some(source), _) => {
                let hash = source.content_hash().await.map_err(|error| failure::from_upload(&error))?;
                Ok(format!("sha256:{hash}"))
            }
            (None, ImageInput::Url(url)) => Ok(url.clone()),
            (None, _) => Err(failure::unsupported_image()),
        }
    }
}

/// The pictures of a plan, ready to be sent.
pub(crate) struct PreparedImages {
    pub(crate) image: PreparedImage,
    pub(crate) end_image: Option<PreparedImage>,
}

impl PreparedImages {
    pub(crate) async fn of(plan: &GenerationPlan) -> Result<Self, Failure> {
        let image = PreparedImage::of(&plan.image).await?;
        let end_image = match &plan.end_image {
            Some(end) => Some(PreparedImage::of(end).await.map_err(of_end_image)?),
            None => None,
        };
        Ok(Self { image, end_image })
    }
}

/// Tells a failure of the picture for the last frame.
pub(crate) fn of_end_image(failure: Failure) -> Failure {
    failure.with_field(Some("end_image".to_owned()))
}

impl GenerationService {
    /// What tells the request of a plan from every other: SHA-256, in lower-case hexadecimal, of who makes the video, the
    /// endpoint and the whole input, in which pictures stand by their content. `None` where no books are kept: nobody
    /// knows then what was made before.
    ///
    /// # Errors
    /// When a picture cannot be read or prepared.
    pub async fn fingerprint(&self, plan: &GenerationPlan) -> Result<Option<String>, Failure> {
        if self.books.is_none() {
            return Ok(None);
        }
        self.fingerprint_with(plan, &PreparedImages::of(plan).await?).await
    }

    pub(crate) async fn fingerprint_with(
        &self,
        plan: &GenerationPlan,
        images: &PreparedImages,
    ) -> Result<Option<String>, Failure> {
        if self.books.is_none() {
            return Ok(None);
        }
        let image = images.image.name().await?;
        let end_image = match &images.end_image {
            Some(end) => Some(end.name().await.map_err(of_end_image)?),
            None => None,
        };
        // In the order of their names, whatever keeps the map.
        let input: BTreeMap<String, Value> = match plan.input(&image, end_image.as_deref()) {
            Value::Object(input) => input.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        let asked = json!([self.config.provider, plan.endpoint_id, input]).to_string();
        Ok(Some(ContentHash::of(asked.as_bytes()).to_string()))
    }
}
