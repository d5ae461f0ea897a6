//! One file for each command, thin; what they share is below.

pub(crate) mod assets;
pub(crate) mod batch;
pub(crate) mod cancel;
pub(crate) mod chain;
pub(crate) mod config;
pub(crate) mod emulator;
pub(crate) mod generate;
pub(crate) mod project;
pub(crate) mod recover;
pub(crate) mod resume;
pub(crate) mod tasks;
pub(crate) mod watch;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use videogen::domain::{GenerationState, Recovery};
use videogen::error_chain;
use videogen::queue::TaskWatch;
use videogen::{ConfigSources, Failure, FailureKind, Observability, Provider, QueuedTask, TaskId, Videogen};

use crate::args::CommonArgs;
use crate::interrupt::Interrupts;
use crate::outcome::{Outcome, Report};
use crate::render::progress::ProgressBar;

/// The folder and the file name of the output path; no name where it ends like a folder.
struct OutputPath {
    /// `None`: the configured one.
    folder: Option<PathBuf>,
    file_name: Option<String>,
}

impl OutputPath {
    fn folder(folder: Option<PathBuf>) -> Self {
        Self { folder, file_name: None }
    }

    fn of(common: &CommonArgs) -> Self {
        let Some(output) = &common.output else { return Self { folder: None, file_name: None } };
        let ends_like_a_folder = output.as_os_str().to_string_lossy().ends_with(std::path::MAIN_SEPARATOR);
        if ends_like_a_folder || output.is_dir() {
            return Self { folder: Some(output.clone()), file_name: None };
        }
        let folder = output.parent().unwrap_or(Path::new("")).to_owned();
        Self { folder: Some(folder), file_name: output.file_name().map(|name| name.to_string_lossy().into_owned()) }
    }
}

/// Where settings come from: this file, or the one that is found.
fn sources(config: Option<&Path>) -> ConfigSources {
    let sources = ConfigSources::of_process();
    match config {
        Some(file) => sources.with_file(file),
        None => sources,
    }
}

/// Puts the parts together, says so when no money can be spent, and listens for Ctrl-C from here on.
async fn connect(
    output: &OutputPath,
    config: Option<&Path>,
    observability: &Observability,
) -> Result<(Videogen, Interrupts), Outcome> {
    let interrupts = Interrupts::listen().map_err(|error| Outcome::Unexpected(error.to_string()))?;
    let builder = Videogen::builder().sources(sources(config)).observability(observability.clone());
    let builder = match &output.folder {
        Some(folder) => builder.output_folder(folder),
        None => builder,
    };
    let videogen = builder.build().await.map_err(Outcome::NotSetUp)?;
    if matches!(videogen.provider(), Provider::BuiltInEmulator { .. }) {
        crate::render::human::note("FAL_KEY is not set: running against the built-in emulator, at no cost.");
    }
    Ok((videogen, interrupts))
}

/// Why a task is followed no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It has ended, or stands still.
    Settled,
    /// Ctrl-C.
    Interrupted,
    /// It was waited for so long.
    TimeIsOver(Duration),
}

/// Follows a task to its end, until Ctrl-C, or for so long. Without `patience` as long as it takes.
#[expect(clippy::disallowed_methods, reason = "how long a person has waited is told by the machine's own clock")]
async fn follow(
    videogen: &Videogen,
    id: &TaskId,
    common: &CommonArgs,
    interrupts: &mut Interrupts,
    patience: Option<Duration>,
) -> Outcome {
    let began = Instant::now();
    let mut watch = match videogen.queue().watch(id).await {
        Ok(watch) => watch,
        Err(error) => return Outcome::Unexpected(error.to_string()),
    };
    let bar = ProgressBar::new(watch.now().request_id.is_some());
    let end = tokio::select! {
        () = show_until_settled(&mut watch, &bar) => End::Settled,
        () = interrupts.next() => End::Interrupted,
        waited = over(patience) => End::TimeIsOver(waited),
    };
    if end != End::Settled {
        let again = if end == End::Interrupted { " again" } else { "" };
        bar.say(&format!("Stopping. Press Ctrl-C{again} to end at once."));
    }
    tokio::select! {
        () = videogen.close() => {}
        () = interrupts.next() => {}
    }
    bar.clear();
    let mut task = watch.now();
    discard_unsent(videogen, &task).await;
    if !task.is_settled() {
        task.failure = Some(ended_at_once(task.state));
    }
    let report = Report::new(task, videogen.provider(), common.output.clone(), began.elapsed());
    match end {
        // It may have come to its end by itself, or not be known to be accepted, while it was being stopped.
        End::TimeIsOver(waited) if report.is_stopped() => Outcome::TimeIsOver(Box::new(report), waited),
        _ => Outcome::Ended(Box::new(report)),
    }
}

/// Whoever is told that nothing was paid is not to pay for it when `recover` finds it.
async fn discard_unsent(videogen: &Videogen, task: &QueuedTask) {
    if task.is_held()
        && matches!(task.state, GenerationState::Planned | GenerationState::Ready)
        && let Err(error) = videogen.queue().discard(&task.id).await
    {
        crate::render::human::note(&format!("The task {} can still be found by `videogen recover`: {error}.", task.id));
    }
}

/// Shows how far a task is until it has ended or stands still.
async fn show_until_settled(watch: &mut TaskWatch, bar: &ProgressBar) {
    let mut task = watch.now();
    while !task.is_settled() {
        bar.show(&task);
        match watch.changed().await {
            Some(changed) => task = changed,
            None => return,
        }
    }
}

/// Until that time is over, which it returns; never, where there is none.
async fn over(patience: Option<Duration>) -> Duration {
    match patience {
        Some(patience) => {
            tokio::time::sleep(patience).await;
            patience
        }
        None => std::future::pending().await,
    }
}

/// What a second Ctrl-C leaves: a submit that was not seen through may have been accepted.
fn ended_at_once(state: GenerationState) -> Failure {
    match state {
        GenerationState::Submitting => Failure::new(
            FailureKind::Unconfirmed,
            Recovery::Reconcile,
            "it was ended in the middle of a submit, so it is not known whether fal accepted the request",
            "Look at https://fal.ai/dashboard/requests whether it is there before you send it again.",
        ),
        _ => Failure::new(FailureKind::Stopped, Recovery::Later, "ended by Ctrl-C", "Start it again, or pick it up."),
    }
}

/// Why a request is not taken in.
fn not_taken_in(error: videogen::queue::Error) -> Outcome {
    use videogen::queue::Error;
    match error {
        Error::Refused(failure) => Outcome::NotTakenIn(failure),
        Error::Invalid(violations) => Outcome::Refused(violations),
        Error::Store(error) => {
            let failure = Failure::new(FailureKind::Record, Recovery::Later, error_chain(&error), error.advice());
            Outcome::NotTakenIn(failure)
        }
        error => Outcome::Unexpected(error.to_string()),
    }
}

/// The price, before anything is paid.
fn announce(task: &QueuedTask) -> String {
    let length = task.duration_seconds.map_or_else(String::new, |seconds| format!(", {seconds} s"));
    format!("{}{length}: {} estimated.", task.model_id, task.estimate)
}
