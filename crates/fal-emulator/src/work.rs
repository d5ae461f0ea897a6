//! The work on one request: its input is checked, its pictures are loaded, its video is rendered and stored.

use serde_json::Value;

use crate::image_source;
use crate::job::Job;
use crate::models::{self, Model, NamedPicture};
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::problem::{self, Location, Problem};
use crate::render::{self, Order, Picture, Stopped};
use crate::shared::Shared;

/// Progress is logged each time this many percent are done.
pub(crate) const PROGRESS_STEP: usize = 5;

/// The model, or what is wrong with the input, pictures aside.
pub(crate) fn check(job: &Job) -> Result<&'static Model, Outcome> {
    let model = models::find(&job.endpoint_id).ok_or_else(|| Outcome::internal("The endpoint is gone"))?;
    let mut problems = model.problems(&job.input);
    if job.fate.sources_expired {
        problems.extend(model.pictures(&job.input).iter().map(not_downloaded));
    }
    if problems.is_empty() { Ok(model) } else { Err(refused(&problems)) }
}

/// Makes the video. Blocks for as long as that takes.
pub(crate) fn render(shared: &Shared, job: &Job, model: &Model) -> Outcome {
    let picture = match load_pictures(shared, model, &job.input) {
        Ok(picture) => picture,
        Err(problems) => return refused(&problems),
    };
    let order = order(model, job, &picture, shared.settings.pace);
    let progress = |done: usize| shared.board.log(&job.id, format!("Rendering: {done}%"));
    match render::render(&picture, &order, PROGRESS_STEP, &progress, &job.stop) {
        Ok(video) => store(shared, job, &video),
        Err(Stopped::Asked) => Outcome::Cancelled,
        Err(Stopped::Broken(message)) => Outcome::internal(&message),
    }
}

/// Loads every picture that the input names; the first one is the video's.
fn load_pictures(shared: &Shared, model: &Model, input: &Value) -> Result<Picture, Vec<Problem>> {
    let (mut first, mut problems) = (None, Vec::new());
    for named in model.pictures(input) {
        match load(shared, &named) {
            Ok(picture) => {
                first.get_or_insert(picture);
            }
            Err(problem) => problems.push(problem),
        }
    }
    match first {
        Some(picture) if problems.is_empty() => Ok(picture),
        None if problems.is_empty() => {
            let start = Location::default().join(model.video.start.as_str());
            Err(vec![Problem::new(&start, "missing", "Field required", input)])
        }
        _ => Err(problems),
    }
}

#[expect(clippy::result_large_err, reason = "the caller collects the errors")]
fn load(shared: &Shared, named: &NamedPicture<'_>) -> Result<Picture, Problem> {
    let bytes = image_source::load(named.url, &shared.files).ok_or_else(|| not_downloaded(named))?;
    let picture = Picture::decode(&bytes)
        .map_err(|_| named.problem("image_load_error", "The file could not be read as an image"))?;
    named.beyond_limits(bytes.len(), picture.size()).map_or(Ok(picture), Err)
}

fn not_downloaded(named: &NamedPicture<'_>) -> Problem {
    named.problem("file_download_error", "The file could not be downloaded")
}

fn order(model: &Model, job: &Job, picture: &Picture, pace: Pace) -> Order {
    let input = &job.input;
    Order {
        prompt: input.get("prompt").and_then(Value::as_str).unwrap_or_default().to_owned(),
        seconds: job.fate.wrong_length.unwrap_or_else(|| model.seconds(input)),
        size: render::size(
            model.aspect_ratio(input).unwrap_or_else(|| picture.aspect_ratio()),
            model.short_side(input),
            pace.long_side(),
        ),
    }
}

fn store(shared: &Shared, job: &Job, video: &[u8]) -> Outcome {
    match shared.files.put_video(video, &job.options.lifecycle) {
        Ok(file) => Outcome::Video { file_id: file.id },
        Err(_) => Outcome::internal("The video could not be stored"),
    }
}

fn refused(problems: &[Problem]) -> Outcome {
    Outcome::Invalid { body: problem::body(problems) }
}
