//! What fal says no with: five shapes of bodies, and the words that clients know.

super::capture::captures! {
    /// Shape 1: the fields that a model refused, in fal's own terms.
    FIELDS = answer("refusal/fields.json", Documented, 422).with(&[("x-fal-billable-units", "0"), ("x-fal-retryable", "false")]);
    /// Shape 1 as the library under fal's models writes it: without `url` and `ctx`.
    FIELDS_OF_THE_LIBRARY = answer("refusal/fields_of_the_library.json", Documented, 422);
    /// Shape 1 as an older version of that library wrote it: without `input`, and with kinds that have a dot.
    FIELDS_OF_THE_OLDER_LIBRARY = answer("refusal/fields_of_the_older_library.json", Documented, 422);
    /// Shape 2: a fault of the platform with its kind; here the caller's own start timeout.
    TYPED = answer("refusal/typed.json", Documented, 504)
        .with(&[("x-fal-error-type", "request_timeout"), ("x-fal-request-timeout-type", "user")]);
    /// Shape 3: a text alone; here a result that was asked for before the end.
    TEXT = answer("refusal/text.json", Captured, 400);
    /// Shape 4: too many direct calls at a time.
    CONCURRENCY = answer("refusal/concurrency.json", Captured, 429).with(&[("x-fal-needs-retry", "1")]);
    /// Shape 5: the page of a gateway in front of fal, which has no request id.
    GATEWAY = answer("refusal/gateway.html", Clients, 502);
    /// A request that nobody knows.
    NOT_FOUND = answer("refusal/not_found.json", Captured, 404);
    /// A key that nobody has.
    UNKNOWN_KEY = answer("refusal/unknown_key.json", Captured, 401);
    /// A key that is none.
    MALFORMED_KEY = answer("refusal/malformed_key.json", Captured, 401);
    /// An account without balance.
    EXHAUSTED_BALANCE = answer("refusal/exhausted_balance.json", Captured, 403);
}
