//! Looks how far a request is, and fetches its result when it is done.

use fal_core::{LogEntry, QueueStatus};
use serde_json::Value;
use tokio::time::sleep;
use videogen_domain::{
    Failure, FailureKind, GeneratedVideo, Generation, GenerationEvent, LogLine, Observation, percent_in,
};

use super::submit::handle;
use crate::{GenerationService, failure};

impl GenerationService {
    /// Looks again and again until there is something new to tell.
    pub(crate) async fn watch(&self, generation: &Generation, looks: &mut u32) -> Result<GenerationEvent, Failure> {
        if generation.observation == Some(Observation::Done) {
            return self.result(generation).await;
        }
        let request = handle(generation)?;
        let with_id = |failure: Failure| match failure.kind {
            FailureKind::NotFound => failure::unknown_request(&request.request_id),
            _ => failure.with_request_id(Some(request.request_id.clone())),
        };
        loop {
            sleep(self.config.watch.delay(*looks)).await;
            *looks = looks.saturating_add(1);
            let status = self.fal.status(&request).await.map_err(|error| with_id(failure::from_read(&error)))?;
            let (observation, logs) = observed(status, generation);
            let new_logs: Vec<LogLine> = logs.into_iter().skip(generation.logs.len()).map(line).collect();
            if generation.observation != Some(observation) || !new_logs.is_empty() {
                return Ok(GenerationEvent::Observed { observation, new_logs });
            }
        }
    }

    /// Fetched as soon as the request is done: fal keeps it for an hour at most.
    async fn result(&self, generation: &Generation) -> Result<GenerationEvent, Failure> {
        let request = handle(generation)?;
        let output = match self.fal.result(&request).await {
            Ok(output) => output,
            Err(error) => {
                if failure::is_dead_file(&error) {
                    self.forget_uploads(generation).await;
                    // Once: what is uploaded anew is not cached.
                    if generation.uploads().any(|image| image.cached) {
                        return Ok(GenerationEvent::UploadExpired);
                    }
                }
                return Err(failure::from_result(&error).with_request_id(Some(request.request_id)));
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

/// What fal says, with the progress that the newest log line tells; fal's own retries may empty the log again.
fn observed(status: QueueStatus, generation: &Generation) -> (Observation, Vec<LogEntry>) {
    match status {
        QueueStatus::InQueue { position } => (Observation::InQueue { position }, Vec::new()),
        QueueStatus::InProgress { logs } => {
            let percent = logs.iter().rev().find_map(|log| percent_in(&log.message));
            (Observation::InProgress { percent }, logs)
        }
        QueueStatus::Completed { logs, .. } => (Observation::Done, logs),
        // A status from a later version of the client says nothing new.
        _ => (generation.observation.unwrap_or(Observation::InProgress { percent: None }), Vec::new()),
    }
}

fn line(entry: LogEntry) -> LogLine {
    let LogEntry { message, timestamp, level, .. } = entry;
    LogLine { message, timestamp, level }
}
