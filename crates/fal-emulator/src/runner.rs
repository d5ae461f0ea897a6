//! Takes a request through the queue, renders its video, and records how it ended.

use std::sync::Arc;

use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::catalogue;
use crate::image_source;
use crate::input;
use crate::job::{Job, Outcome};
use crate::model::{Kind, Model};
use crate::pace::Pace;
use crate::problem::{self, Problem};
use crate::render::{self, Order, Picture, Stopped};
use crate::shared::{Shared, SharedState};
use crate::storage::Lifecycle;

/// Progress is logged each time this many percent are done.
const PROGRESS_STEP: usize = 5;

/// Starts again what a former run accepted and did not finish.
pub(crate) fn take_up(shared: &SharedState) {
    for id in shared.board.unfinished() {
        shared.board.update(&id, |job| job.logs.clear());
        start(shared, id);
    }
}

/// Sets an accepted request going.
pub(crate) fn start(shared: &SharedState, id: String) {
    shared.spawn(run(Arc::clone(shared), id));
}

async fn run(shared: SharedState, id: String) {
    wait_visibly(&shared, &id).await;
    let Ok(_permit) = shared.renderers.acquire().await else { return };
    let Some(job) = shared.board.begin(&id) else { return };
    let begun = Instant::now();
    let worker = Arc::clone(&shared);
    let outcome = tokio::task::spawn_blocking(move || work(&worker, &job)).await;
    let outcome = outcome.unwrap_or_else(|_| failed("The renderer broke off"));
    let seconds = begun.elapsed().as_secs_f64();
    let board = Arc::clone(&shared.board);
    // Where the record cannot be written, the request is taken up again by the next start.
    let _ = tokio::task::spawn_blocking(move || board.complete(&id, outcome, seconds)).await;
}

/// Counts the shown queue position down.
async fn wait_visibly(shared: &Shared, id: &str) {
    let (positions, each) = shared.pace.queue_positions();
    for position in positions {
        shared.board.update(id, |job| job.shown_position = *position);
        sleep(each).await;
    }
}

/// Checks the input and makes the video. Blocks for as long as that takes.
fn work(shared: &Shared, job: &Job) -> Outcome {
    let Some(model) = catalogue::find(&job.endpoint_id) else { return failed("The endpoint is gone") };
    let problems = input::problems(model, &job.input);
    if !problems.is_empty() {
        return refused(&problems);
    }
    let picture = match pictures(shared, model, &job.input) {
        Ok(picture) => picture,
        Err(problems) => return refused(&problems),
    };
    let order = order(model, &job.input, &picture, shared.pace);
    let progress = |done: usize| shared.board.update(&job.id, |job| job.log(format!("Rendering: {done}%")));
    match render::render(&picture, &order, PROGRESS_STEP, &progress, &job.stop) {
        Ok(video) => keep(shared, &video),
        Err(Stopped::Asked) => Outcome::Cancelled,
        Err(Stopped::Broken(message)) => failed(&message),
    }
}

/// Loads every picture that the input names; the first one is the video's.
fn pictures(shared: &Shared, model: &Model, input: &Value) -> Result<Picture, Vec<Problem>> {
    let (mut first, mut problems) = (None, Vec::new());
    for field in model.fields.iter().filter(|field| matches!(field.kind, Kind::Picture { .. })) {
        let Some(url) = input.get(field.name).and_then(Value::as_str) else { continue };
        match load(shared, url) {
            Ok(picture) => {
                first.get_or_insert(picture);
            }
            Err((kind, message)) => problems.push(Problem::new(field.name, kind, message, &url.into())),
        }
    }
    match first {
        Some(picture) if problems.is_empty() => Ok(picture),
        None if problems.is_empty() => Err(vec![Problem::new("image_url", "missing", "Field required", input)]),
        _ => Err(problems),
    }
}

fn load(shared: &Shared, url: &str) -> Result<Picture, (&'static str, &'static str)> {
    let bytes =
        image_source::load(url, &shared.files).ok_or(("file_download_error", "The file could not be downloaded"))?;
    Picture::decode(&bytes).map_err(|_| ("image_load_error", "The file could not be read as an image"))
}

fn order(model: &Model, input: &Value, picture: &Picture, pace: Pace) -> Order {
    Order {
        prompt: input.get("prompt").and_then(Value::as_str).unwrap_or_default().to_owned(),
        seconds: model.seconds(input),
        size: render::size(
            model.aspect_ratio(input).unwrap_or_else(|| picture.aspect_ratio()),
            model.short_side(input),
            pace.long_side(),
        ),
    }
}

fn keep(shared: &Shared, video: &[u8]) -> Outcome {
    match shared.files.put_video(video, &Lifecycle::default()) {
        Ok(file) => Outcome::Video { file_id: file.id },
        Err(_) => failed("The video could not be stored"),
    }
}

fn refused(problems: &[Problem]) -> Outcome {
    Outcome::Invalid { body: problem::body(problems) }
}

fn failed(message: &str) -> Outcome {
    Outcome::Failed { message: message.to_owned() }
}
