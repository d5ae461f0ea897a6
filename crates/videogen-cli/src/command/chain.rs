//! `videogen chain`: clips in a row.

use std::path::Path;
use std::time::Instant;

use videogen::domain::{ChainLink, ChainPlan, ChainRequest};
use videogen::{Observability, TaskId, Videogen};

use super::generate::asked;
use super::{OutputPath, connect, discard_unsent, not_taken_in, show_until_settled};
use crate::args::ChainArgs;
use crate::interrupt::Interrupts;
use crate::outcome::{Outcome, Report};
use crate::render::human;
use crate::render::progress::ProgressBar;

pub(crate) async fn run(args: &ChainArgs, config: Option<&Path>, observability: &Observability) -> Vec<Outcome> {
    let output = OutputPath::of(&args.common);
    let (videogen, mut interrupts) = match connect(&output, config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return vec![outcome],
    };
    let plan = match videogen.plan_chain(&request(&videogen, args, &output)).await {
        Ok(plan) => plan,
        Err(violations) => return vec![Outcome::Refused(violations)],
    };
    announce(&plan);
    if args.dry_run {
        return vec![Outcome::Planned { videos: plan.clips, estimate: plan.estimate }];
    }
    let mut outcomes = Vec::new();
    let begun = make(&videogen, plan.clone(), &output, &mut interrupts, &mut outcomes).await;
    // What was being made stands still now, and says so.
    videogen.close().await;
    if let Some((id, began)) = begun {
        outcomes.push(ended(&videogen, &id, &output, began).await);
    }
    let made = outcomes.iter().filter(|outcome| outcome.is_completed()).count();
    if made < plan.clips.len() {
        human::note(&format!(
            "{made} of {} clips are made. Run the same command again to go on; what is made is not paid for again.",
            plan.clips.len()
        ));
    }
    outcomes
}

fn request(videogen: &Videogen, args: &ChainArgs, output: &OutputPath) -> ChainRequest {
    let mut prompts = args.prompts.iter();
    let first = prompts.next().map(String::as_str).unwrap_or_default();
    let first = ChainRequest::new(asked(videogen, &args.image, first, &args.video, output));
    prompts.fold(first, |chain, prompt| chain.with_link(ChainLink::new(prompt)))
}

/// What it costs, before anything is paid.
fn announce(plan: &ChainPlan) {
    for (index, clip) in plan.clips.iter().enumerate() {
        let length = clip.duration_seconds.map_or_else(String::new, |seconds| format!(", {seconds} s"));
        human::note(&format!("Clip {}: {}{length}: {} estimated.", index + 1, clip.model_id, clip.estimate));
    }
    human::note(&format!("{} clips together: {} estimated.", plan.clips.len(), plan.estimate));
}

/// Makes one clip after the other, until one is not made or Ctrl-C; then the one that is still under way is returned.
#[expect(clippy::disallowed_methods, reason = "how long a person has waited is told by the machine's own clock")]
async fn make(
    videogen: &Videogen,
    plan: ChainPlan,
    output: &OutputPath,
    interrupts: &mut Interrupts,
    outcomes: &mut Vec<Outcome>,
) -> Option<(TaskId, Instant)> {
    let count = plan.clips.len();
    let mut chain = videogen.queue().chain(plan);
    loop {
        let began = Instant::now();
        let id = match chain.begin_next().await {
            Ok(Some(id)) => id,
            Ok(None) => return None,
            Err(error) => {
                outcomes.push(not_taken_in(error));
                return None;
            }
        };
        human::note(&format!("Clip {} of {count}.", outcomes.len() + 1));
        let mut watch = match videogen.queue().watch(&id).await {
            Ok(watch) => watch,
            Err(error) => {
                outcomes.push(not_taken_in(error));
                return None;
            }
        };
        let bar = ProgressBar::new(watch.now().request_id.is_some());
        let is_interrupted = tokio::select! {
            () = show_until_settled(&mut watch, &bar) => false,
            () = interrupts.next() => true,
        };
        bar.clear();
        if is_interrupted {
            human::note("Stopping.");
            return Some((id, began));
        }
        outcomes.push(ended(videogen, &id, output, began).await);
    }
}

async fn ended(videogen: &Videogen, id: &TaskId, output: &OutputPath, began: Instant) -> Outcome {
    match videogen.queue().get(id).await {
        Ok(task) => {
            discard_unsent(videogen, &task).await;
            let folder = output.folder.clone().filter(|folder| !folder.as_os_str().is_empty());
            Outcome::Ended(Box::new(Report::new(task, videogen.provider(), folder, began.elapsed())))
        }
        Err(error) => not_taken_in(error),
    }
}
