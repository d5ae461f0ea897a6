//! `videogen generate`: a still image goes in, a video comes out.

use std::path::Path;

use videogen::domain::{ProjectId, SceneId};
use videogen::{GenerationRequest, ImageInput, Observability, Videogen};

use super::{OutputPath, announce, connect, follow, not_taken_in};
use crate::args::{GenerateArgs, Switch, VideoArgs};
use crate::outcome::Outcome;
use crate::render::human;

pub(crate) async fn run(args: &GenerateArgs, config: Option<&Path>, observability: &Observability) -> Outcome {
    let output = OutputPath::of(&args.common);
    let (videogen, mut interrupts) = match connect(&output, config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return outcome,
    };
    let plan = match videogen.plan(&request(&videogen, args, &output)).await {
        Ok(plan) => plan,
        Err(violations) => return Outcome::Refused(violations),
    };
    for notice in &plan.notices {
        human::note(&format!("Note: {notice}."));
    }
    let queue = videogen.queue();
    let left = queue.abandoned_places().await.unwrap_or_default().len();
    if left > 0 {
        let tasks = if left == 1 { "1 task".to_owned() } else { format!("{left} tasks") };
        human::note(&format!("{tasks} of a program that has ended can go on: `videogen recover`."));
    }
    let id = match queue.submit_plan(plan).await {
        Ok(id) => id,
        Err(error) => return not_taken_in(error),
    };
    if let Ok(task) = queue.get(&id).await {
        human::note(&announce(&task));
    }
    let patience = videogen.config().generation_timeout;
    follow(&videogen, &id, &args.common, &mut interrupts, Some(patience)).await
}

fn request(videogen: &Videogen, args: &GenerateArgs, output: &OutputPath) -> GenerationRequest {
    let mut request = asked(videogen, &args.image, args.prompt.as_deref().unwrap_or_default(), &args.video, output);
    request.end_image = args.end_image.as_deref().map(ImageInput::parse);
    request.scene_id = args.scene.as_deref().map(SceneId::from);
    request
}

/// What is asked for, but for what a single video alone may have.
pub(super) fn asked(
    videogen: &Videogen,
    image: &str,
    prompt: &str,
    args: &VideoArgs,
    output: &OutputPath,
) -> GenerationRequest {
    let mut request = videogen.request(ImageInput::parse(image), prompt);
    request.model = args.model.clone().unwrap_or(request.model);
    request.fallback_models = args.fallbacks.clone();
    request.duration_seconds = args.duration;
    request.aspect_ratio = args.aspect_ratio.clone();
    request.platform = args.platform;
    request.fit = args.fit.into();
    request.resolution = args.resolution.clone();
    request.audio = args.audio.map(|switch| switch == Switch::On);
    request.negative_prompt = args.negative_prompt.clone();
    request.parameters = args.params.iter().cloned().collect();
    request.unchecked_parameters = args.unchecked_params.iter().cloned().collect();
    request.max_cost = args.max_cost;
    request.project_id = args.project.as_deref().map(ProjectId::from);
    request.file_name = output.file_name.clone();
    request.fresh = args.fresh;
    request
}
