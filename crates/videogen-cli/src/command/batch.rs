//! `videogen batch`: the videos of a file.

use std::path::Path;
use std::time::Instant;

use videogen::domain::BatchPlan;
use videogen::queue::{Batch, OnFailure};
use videogen::{BatchForm, Observability, QueuedTask, Videogen, Violations};

use super::{OutputPath, connect, discard_unsent, not_taken_in};
use crate::args::BatchArgs;
use crate::interrupt::Interrupts;
use crate::outcome::{Outcome, Report};
use crate::render::human;

#[expect(clippy::disallowed_methods, reason = "how long a person has waited is told by the machine's own clock")]
pub(crate) async fn run(args: &BatchArgs, config: Option<&Path>, observability: &Observability) -> Vec<Outcome> {
    let output = OutputPath::folder(args.output.clone());
    let (videogen, mut interrupts) = match connect(&output, config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return vec![outcome],
    };
    let plan = match plan(&videogen, args).await {
        Ok(plan) => plan,
        Err(outcome) => return vec![outcome],
    };
    human::note(&format!("{} videos together: {} estimated.", plan.videos.len(), plan.estimate));
    if args.dry_run {
        return vec![Outcome::Planned { videos: plan.videos, estimate: plan.estimate }];
    }
    let began = Instant::now();
    let on_failure = if args.stop_on_failure { OnFailure::Stop } else { OnFailure::Continue };
    let batch = videogen.queue().batch(plan, on_failure).await;
    let followed = match batch {
        Ok(mut batch) => follow(&mut batch, &mut interrupts).await.map(|()| batch),
        Err(error) => Err(not_taken_in(error)),
    };
    // What was being made stands still now, and says so; a submit that is under way is seen through, whatever has failed.
    videogen.close().await;
    let batch = match followed {
        Ok(batch) => batch,
        Err(outcome) => return vec![outcome],
    };
    let mut outcomes = Vec::new();
    for id in batch.tasks() {
        outcomes.push(match videogen.queue().get(id).await {
            Ok(task) => {
                discard_unsent(&videogen, &task).await;
                let report = Report::new(task, videogen.provider(), args.output.clone(), began.elapsed());
                Outcome::Ended(Box::new(report))
            }
            Err(error) => not_taken_in(error),
        });
    }
    tell(&batch);
    outcomes
}

async fn plan(videogen: &Videogen, args: &BatchArgs) -> Result<BatchPlan, Outcome> {
    let shown = args.file.display();
    let form = BatchForm::of(&args.file)
        .ok_or_else(|| Outcome::Unexpected(format!("{shown} is neither .csv nor .jsonl; nothing was sent")))?;
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| Outcome::Unexpected(format!("{shown} cannot be read: {error}; nothing was sent")))?;
    let folder = args.file.parent().unwrap_or(Path::new(""));
    let refused = |violations: Violations| Outcome::Refused(violations);
    let rows = videogen.read_batch(&text, form, folder).map_err(refused)?;
    videogen.plan_rows(rows, args.max_cost).await.map_err(refused)
}

/// Tells of each video as it is made, until all are settled or Ctrl-C.
async fn follow(batch: &mut Batch, interrupts: &mut Interrupts) -> Result<(), Outcome> {
    loop {
        let settled = tokio::select! {
            settled = batch.next() => settled.map_err(not_taken_in)?,
            () = interrupts.next() => {
                human::note("Stopping.");
                return Ok(());
            }
        };
        let Some((place, task)) = settled else { return Ok(()) };
        let (summary, row) = (batch.summary(), place + 1);
        let done = summary.videos - summary.open();
        human::note(&format!("{done} of {}: row {row} {}.", summary.videos, told(&task)));
    }
}

fn told(task: &QueuedTask) -> String {
    let status = if task.is_held() { "stands still" } else { task.status.name() };
    match (&task.video, &task.failure) {
        (Some(video), _) => format!("{status}, {}", video.location),
        (None, Some(failure)) => format!("{status}: {}", failure.message),
        (None, None) => status.to_owned(),
    }
}

fn tell(batch: &Batch) {
    let summary = batch.summary();
    let counts = [
        (summary.completed, "made"),
        (summary.reused, "of these made before"),
        (summary.failed, "failed"),
        (summary.cancelled, "cancelled"),
        (summary.held, "stand still"),
        (summary.open(), "not finished"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let counts = counts.collect::<Vec<_>>().join(", ");
    human::note(&format!("{} videos: {counts}; {} billed.", summary.videos, summary.billed));
    if summary.completed < summary.videos {
        human::note("Run the same command again to go on; what is made is not paid for again.");
    }
}
