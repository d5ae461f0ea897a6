//! Posters: kept beside the video, and never in its way.

use std::sync::Arc;

use videogen_domain::GenerationState;
use videogen_service::{
    AssetStore, Frame, FrameError, FrameReader, GenerationService, NoJournal, ServiceConfig, WhichFrame,
};

use crate::stage::Stage;

/// Takes a frame, or says why not.
#[derive(Debug)]
struct Frames {
    fails: bool,
}

#[async_trait::async_trait]
impl FrameReader for Frames {
    async fn frame(&self, assets: &dyn AssetStore, name: &str, which: WhichFrame) -> Result<Frame, FrameError> {
        assert!(assets.open(name).await?.is_some(), "the video is there when its frame is asked for");
        match self.fails {
            true => Err(FrameError::Codec { codec: "AV1".to_owned() }),
            false => Ok(Frame { png: format!("{which:?}").into(), width: 1, height: 1 }),
        }
    }
}

fn service(stage: &Stage, fails: bool, poster: Option<WhichFrame>) -> GenerationService {
    stage.service_told(ServiceConfig::default().with_poster(poster)).with_frames(Arc::new(Frames { fails }))
}

#[tokio::test]
async fn the_frame_that_is_asked_for_is_kept_beside_the_video() {
    for (which, content) in [(WhichFrame::First, "First"), (WhichFrame::Last, "Last")] {
        let stage = Stage::new();
        let planned = stage.planned().await;
        service(&stage, false, Some(which)).run(planned, &NoJournal).await.unwrap();
        assert_eq!(stage.files(), ["out.mp4", "out.mp4.json", "out.mp4.png"]);
        assert_eq!(stage.read("out.mp4.png"), content.as_bytes());
        let sidecar: serde_json::Value = serde_json::from_slice(&stage.read("out.mp4.json")).unwrap();
        assert_eq!(sidecar["poster"], "out.mp4.png");
    }
}

#[tokio::test]
async fn a_poster_that_cannot_be_made_keeps_nobody_from_the_video() {
    for (fails, poster) in [(true, Some(WhichFrame::First)), (false, None)] {
        let stage = Stage::new();
        let planned = stage.planned().await;
        let generation = service(&stage, fails, poster).run(planned, &NoJournal).await.unwrap();
        assert_eq!(generation.state, GenerationState::Completed);
        assert_eq!(stage.files(), ["out.mp4", "out.mp4.json"]);
    }
}
