//! Follows a request until it is done, and fetches its result when it is done.

use fal_core::{ErrorKind, LogEntry, QueueStatus, Watch};
use futures::StreamExt;
use serde_json::Value;
use videogen_domain::{
    Failure, FailureKind, GeneratedVideo, Generation, GenerationEvent, LogLine, Observation, percent_in,
};

use super::submit::handle;
use crate::{GenerationService, failure};

/// A request that is being followed. Its watch tells each line of the log once.
pub(crate) struct Watching {
    request_id: String,
    watch: Watch,
    /// Lines that the generation had when the watch began, and that it will tell again.
    known_lines: usize,
}

impl Watching {
    fn news(&mut self, lines: Vec<LogEntry>) -> Vec<LogLine> {
        let known = self.known_lines.min(lines.len());
        self.known_lines -= known;
        lines.into_iter().skip(known).map(line).collect()
    }
}

impl GenerationService {
    /// Follows the request until there is something new to tell.
    pub(crate) async fn watch(
        &self,
        generation: &Generation,
        watching: &mut Option<Watching>,
    ) -> Result<GenerationEvent, Failure> {
        if let Some(Observation::Done { failed }) = generation.observation {
            return self.result(generation, failed).await;
        }
        let request = handle(generation)?;
        let with_id = |failure: Failure| match failure.kind {
            FailureKind::NotFound => failure::unknown_request(&request.request_id),
            _ => failure.with_request_id(Some(request.request_id.clone())),
        };
        // A request that took the place of another is followed anew.
        let is_this = |watching: &mut Watching| watching.request_id == request.request_id;
        if !watching.as_mut().is_some_and(is_this) {
            *watching = None;
        }
        let watching = watching.get_or_insert_with(|| Watching {
            request_id: request.request_id.clone(),
            watch: self.fal.watch(&request, self.config.watch),
            known_lines: generation.logs.len(),
        });
        loop {
            // A watch that has ended without an end says nothing of the request; its result will.
            let status = watching.watch.next().await.unwrap_or_else(|| Ok(QueueStatus::completed()));
            let status = status.map_err(|error| with_id(failure::from_read(&error)))?;
            let (observation, logs) = observed(status, generation);
            let new_logs = watching.news(logs);
            if generation.observation != Some(observation) || !new_logs.is_empty() {
                return Ok(GenerationEvent::Observed { observation, new_logs });
            }
        }
    }

    /// Fetched as soon as the request is done: fal keeps it for an hour at most.
    async fn result(&self, generation: &Generation, failed: bool) -> Result<GenerationEvent, Failure> {
        let request = handle(generation)?;
        let output = match self.fal.result(&request).await {
            Ok(output) => output,
            Err(error) if error.kind() == ErrorKind::Cancelled => {
                return Ok(GenerationEvent::Cancelled(failure::cancelled(Some(request.request_id))));
            }
            Err(error) => {
                if failure::is_dead_file(&error) {
                    self.forget_uploads(generation).await;
                    // Once: what is uploaded anew is not cached.
                    if generation.uploads().any(|image| image.cached) {
                        return Ok(GenerationEvent::UploadExpired);
                    }
                }
                return Err(failure::from_result(&error, failed).with_request_id(Some(request.request_id)));
            }
        };
        let video = output.payload.get("video").unwrap_or(&Value::Null);
        let Some(url) = video.get("url").and_then(Value::as_str) else {
            return Err(failure::no_video().with_request_id(Some(request.request_id)));
        };
        Ok(GenerationEvent::ResultReceived(GeneratedVideo {
            url: url.to_owned(),
            bytes: video.get("file_size").and_then(Value::as_u64),
            billable_units: output.billable_units,
        }))
    }
}

/// What fal says, with the progress that the newest log line tells, or an older one where the new ones tell none.
fn observed(status: QueueStatus, generation: &Generation) -> (Observation, Vec<LogEntry>) {
    match status {
        QueueStatus::InQueue { position } => (Observation::InQueue { position }, Vec::new()),
        QueueStatus::InProgress { logs } => {
            let before = match generation.observation {
                Some(Observation::InProgress { percent }) => percent,
                _ => None,
            };
            let percent = logs.iter().rev().find_map(|log| percent_in(&log.message)).or(before);
            (Observation::InProgress { percent }, logs)
        }
        QueueStatus::Completed { logs, error, .. } => (Observation::Done { failed: error.is_some() }, logs),
        // A status from a later version of the client says nothing new.
        _ => (generation.observation.unwrap_or(Observation::InProgress { percent: None }), Vec::new()),
    }
}

fn line(entry: LogEntry) -> LogLine {
    let LogEntry { message, timestamp, level, .. } = entry;
    LogLine { message, timestamp, level }
}
