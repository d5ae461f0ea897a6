//! `videogen resume`: picks a request up again that fal has accepted.

use std::path::Path;

use videogen::{Observability, TaskId};

use super::{OutputPath, connect, follow, not_taken_in};
use crate::args::ResumeArgs;
use crate::outcome::Outcome;

pub(crate) async fn run(args: &ResumeArgs, config: Option<&Path>, observability: &Observability) -> Outcome {
    let output = OutputPath::of(&args.common);
    let (videogen, mut interrupts) = match connect(&output, config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return outcome,
    };
    let queue = videogen.queue();
    let picked_up = match (&args.task, &args.model) {
        (Some(task), _) => {
            let id = TaskId::from(task.clone());
            queue.confirm(&id, &args.request_id).await.map(|()| id)
        }
        (None, model) => {
            let model = model.as_deref().unwrap_or_default();
            queue.adopt(model, &args.request_id, output.file_name).await
        }
    };
    match picked_up {
        // Whoever picks a request up wants its video, however long it takes.
        Ok(id) => follow(&videogen, &id, &args.common, &mut interrupts, None).await,
        Err(error) => not_taken_in(error),
    }
}
