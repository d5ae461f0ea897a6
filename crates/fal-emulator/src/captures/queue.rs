//! The queue: submit, status in its three states, the forms of a log, the result.

super::capture::captures! {
    /// The answer to a submit.
    SUBMITTED = answer("queue/submitted.json", Captured, 200);
    /// A request that waits.
    IN_QUEUE = answer("queue/in_queue.json", Documented, 202);
    /// A request in progress, where no logs were asked for.
    IN_PROGRESS = answer("queue/in_progress.json", Captured, 202);
    /// A request in progress, with logs.
    IN_PROGRESS_WITH_LOGS = answer("queue/in_progress_with_logs.json", Documented, 202);
    /// A request that ended well.
    COMPLETED = answer("queue/completed.json", Captured, 200);
    /// A request that ended without a result; `error` and `error_type` are there only then.
    COMPLETED_WITH_ERROR = answer("queue/completed_with_error.json", Documented, 200);
    /// The logs of a status as fal's JavaScript client declares them.
    LOGS_WITH_LEVEL = message("queue/logs_with_level.json", Clients);
    /// The logs of a status as a client saw them in 2024: without a level, with labels, and without a time zone.
    LOGS_WITH_LABELS = message("queue/logs_with_labels.json", Captured);
    /// The logs of a status as fal's documentation shows them.
    LOGS_PLAIN = message("queue/logs_plain.json", Documented);
    /// The result of an image-to-video model.
    RESULT = answer("queue/result.json", Documented, 200).with(&[("x-fal-billable-units", "5")]);
    /// A stream of statuses, with one comment that keeps the connection alive.
    STATUS_STREAM = answer("queue/status_stream.txt", Documented, 200);
}
