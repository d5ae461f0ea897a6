//! What the wish to cancel is answered with; an unknown id is [`NOT_FOUND`](super::refusal::NOT_FOUND).

super::capture::captures! {
    /// Taken; the request may end well all the same.
    REQUESTED = answer("cancel/requested.json", Documented, 202);
    /// Taken out of the queue. The status code is not documented.
    REMOVED = answer("cancel/removed.json", Documented, 200);
    /// The request had ended.
    TOO_LATE = answer("cancel/too_late.json", Documented, 400);
}
