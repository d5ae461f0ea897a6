//! Plans chains, and takes the picture with which a clip goes on.

use videogen_domain::{ChainPlan, ChainRequest, Failure, FailureKind, ImageInput, Recovery, StoredVideo, Violations};

use crate::{GenerationService, WhichFrame};

impl GenerationService {
    /// Checks and prices every clip of a chain before the first is made; for the pictures of the later ones the first
    /// stands in.
    ///
    /// # Errors
    /// Every mistake at once; those of later clips as `further[0].motion_prompt`.
    pub async fn plan_chain(&self, request: &ChainRequest) -> Result<ChainPlan, Violations> {
        let mut clips = Vec::new();
        for clip in request.requests() {
            clips.push(self.plan(&clip).await);
        }
        request.planned(clips)
    }

    /// The last frame of a video that is kept, as the picture of the next one. The same video gives the same bytes.
    ///
    /// # Errors
    /// When the service has no frames, or the frame cannot be taken; nothing is lost, and the video can be taken as it is.
    pub async fn last_frame(&self, video: &StoredVideo) -> Result<ImageInput, Failure> {
        let Some(frames) = &self.frames else {
            let message = "this program was built without a reader of frames";
            let advice = "Build it with the feature `frames`.";
            return Err(Failure::new(FailureKind::Configuration, Recovery::Never, message, advice));
        };
        let name = video.location.rsplit(['/', std::path::MAIN_SEPARATOR]).next().unwrap_or(&video.location);
        let frame = frames.frame(self.assets.as_ref(), name, WhichFrame::Last).await.map_err(Failure::from)?;
        Ok(ImageInput::Bytes { name: "last-frame.png".to_owned(), bytes: frame.png })
    }
}
