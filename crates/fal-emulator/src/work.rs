//! The work on one request: its input is checked, its pictures are loaded, its video is rendered and stored.

use serde_json::Value;

use crate::catalogue;
use crate::files::FileRecord;
use crate::image_source;
use crate::input;
use crate::job::Job;
use crate::model::{Kind, Model};
use crate::outcome::Outcome;
use crate::pace::Pace;
use crate::problem::{self, Problem};
use crate::render::{self, Order, Picture, Stopped};
use crate::shared::Shared;

/// Progress is logged each time this many percent are done.
pub(crate) const PROGRESS_STEP: usize = 5;

/// The kind and the text of fal's answer where a picture cannot be had.
const NOT_DOWNLOADED: (&str, &str) = ("file_download_error", "The file could not be downloaded");

/// The model, or what is wrong with the input, pictures aside.
pub(crate) fn check(job: &Job) -> Result<&'static Model, Outcome> {
    let model = catalogue::find(&job.endpoint_id).ok_or_else(|| Outcome::internal("The endpoint is gone"))?;
    let mut problems = input::problems(model, &job.input);
    if job.fate.sources_expired {
        let (kind, message) = NOT_DOWNLOADED;
        let gone = |(name, url): (&str, &str)| Problem::new(name, kind, message, &url.into());
        problems.extend(picture_urls(model, &job.input).map(gone));
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
        Ok(video) => store(shared, &video),
        Err(Stopped::Asked) => Outcome::Cancelled,
        Err(Stopped::Broken(message)) => Outcome::internal(&message),
    }
}

/// Loads every picture that the input names; the first one is the video's.
fn load_pictures(shared: &Shared, model: &Model, input: &Value) -> Result<Picture, Vec<Problem>> {
    let (mut first, mut problems) = (None, Vec::new());
    for (name, url) in picture_urls(model, input) {
        match load(shared, url) {
            Ok(picture) => {
                first.get_or_insert(picture);
            }
            Err((kind, message)) => problems.push(Problem::new(name, kind, message, &url.into())),
        }
    }
    match first {
        Some(picture) if problems.is_empty() => Ok(picture),
        None if problems.is_empty() => Err(vec![Problem::new("image_url", "missing", "Field required", input)]),
        _ => Err(problems),
    }
}

fn picture_urls<'a>(model: &'a Model, input: &'a Value) -> impl Iterator<Item = (&'a str, &'a str)> {
    let fields = model.fields.iter().filter(|field| matches!(field.kind, Kind::Picture { .. }));
    fields.filter_map(|field| Some((field.name, input.get(field.name)?.as_str()?)))
}

fn load(shared: &Shared, url: &str) -> Result<Picture, (&'static str, &'static str)> {
    let bytes = image_source::load(url, &shared.files).ok_or(NOT_DOWNLOADED)?;
    Picture::decode(&bytes).map_err(|_| ("image_load_error", "The file could not be read as an image"))
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

fn store(shared: &Shared, video: &[u8]) -> Outcome {
    match shared.files.put(FileRecord::fresh("output.mp4", "video/mp4"), video) {
        Ok(file) => Outcome::Video { file_id: file.id },
        Err(_) => Outcome::internal("The video could not be stored"),
    }
}

fn refused(problems: &[Problem]) -> Outcome {
    Outcome::Invalid { body: problem::body(problems) }
}
