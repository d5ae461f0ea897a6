//! `videogen recover` and `videogen discard`: what becomes of tasks whose program has ended.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

use videogen::{Observability, TaskId, Videogen};

use super::{OutputPath, connect, not_taken_in};
use crate::interrupt::Interrupts;
use crate::outcome::{Outcome, Report};
use crate::render::human;

/// Goes on with all of them, those for the configured place first.
pub(crate) async fn run(config: Option<&Path>, observability: &Observability) -> Vec<Outcome> {
    let (mut outcomes, mut seen) = (Vec::new(), BTreeSet::new());
    let mut next = Some(None);
    while let Some(folder) = next.take() {
        let (videogen, mut interrupts) = match connect(&OutputPath::folder(folder.clone()), config, observability).await
        {
            Ok(connected) => connected,
            Err(outcome) => return vec![outcome],
        };
        seen.insert(videogen.queue().place());
        let went_on = go_on(&videogen, folder, &mut interrupts, &mut outcomes).await;
        let left = videogen.queue().abandoned_places().await.unwrap_or_default();
        videogen.close().await;
        let is_bucket = |place: &String| place.contains("://");
        let others = left.into_iter().filter(|place| !seen.contains(place));
        let (buckets, folders): (Vec<_>, Vec<_>) = others.partition(is_bucket);
        // A place is looked at once, whatever became of its tasks.
        next = folders.into_iter().next().filter(|_| went_on).map(|place| {
            seen.insert(place.clone());
            Some(PathBuf::from(place))
        });
        if next.is_none() {
            let buckets: BTreeSet<_> = buckets.into_iter().collect();
            let told = |place| human::note(&format!("More is left at {place}: run this where that is configured."));
            buckets.iter().for_each(told);
        }
    }
    if outcomes.is_empty() {
        human::note("Nothing is left to go on with.");
    }
    outcomes
}

/// Goes on with every task whose video goes to this place, until Ctrl-C; then `false`.
#[expect(clippy::disallowed_methods, reason = "how long a person has waited is told by the machine's own clock")]
async fn go_on(
    videogen: &Videogen,
    folder: Option<PathBuf>,
    interrupts: &mut Interrupts,
    outcomes: &mut Vec<Outcome>,
) -> bool {
    let (began, queue) = (Instant::now(), videogen.queue());
    let ids = match queue.recover().await {
        Ok(ids) => ids,
        Err(error) => {
            outcomes.push(not_taken_in(error));
            return false;
        }
    };
    let all_settled = async {
        for id in &ids {
            let _ = queue.wait(id, None).await;
        }
    };
    let went_on = tokio::select! {
        () = all_settled => true,
        () = interrupts.next() => false,
    };
    // Whatever runs stands still afterwards, and says so.
    queue.stop().await;
    for id in &ids {
        outcomes.push(match queue.get(id).await {
            Ok(task) => {
                Outcome::Ended(Box::new(Report::new(task, videogen.provider(), folder.clone(), began.elapsed())))
            }
            Err(error) => not_taken_in(error),
        });
    }
    went_on
}

/// Ends a task that stands still, and gives back what was set aside for it.
pub(crate) async fn discard(id: &str, config: Option<&Path>, observability: &Observability) -> Outcome {
    let (videogen, _interrupts) = match connect(&OutputPath::folder(None), config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return outcome,
    };
    let id = TaskId::from(id.to_owned());
    let discarded = videogen.queue().discard(&id).await;
    videogen.close().await;
    match discarded {
        Ok(()) => Outcome::Discarded(id),
        Err(error) => not_taken_in(error),
    }
}
