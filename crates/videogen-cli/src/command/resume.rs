//! `videogen resume`: picks a request up again that fal has accepted.

use std::path::Path;

use videogen::Observability;

use super::{OutputPath, connect, follow};
use crate::args::ResumeArgs;
use crate::outcome::Outcome;

pub(crate) async fn run(args: &ResumeArgs, config: Option<&Path>, observability: &Observability) -> Outcome {
    let output = OutputPath::of(&args.common);
    let (videogen, mut interrupts) = match connect(&output, config, observability).await {
        Ok(connected) => connected,
        Err(outcome) => return outcome,
    };
    match videogen.queue().adopt(&args.model, &args.request_id, output.file_name).await {
        // Whoever picks a request up wants its video, however long it takes.
        Ok(id) => follow(&videogen, &id, &args.common, &mut interrupts, None).await,
        Err(videogen::queue::Error::Refused(failure)) => Outcome::NotTakenIn(failure),
        Err(error) => Outcome::Unexpected(error.to_string()),
    }
}
