//! The platform API: prices, estimates, history, bills.

super::capture::captures! {
    /// The price of an endpoint.
    PRICING = answer("platform/pricing.json", Documented, 200);
    /// A client asks what a number of units costs.
    ESTIMATE_BY_UNITS = message("platform/estimate_by_units.json", Documented);
    /// A client asks what a number of calls costs.
    ESTIMATE_BY_CALLS = message("platform/estimate_by_calls.json", Documented);
    /// What they cost in all.
    ESTIMATED = answer("platform/estimated.json", Documented, 200);
    /// The requests of an endpoint, with their inputs and outputs.
    REQUESTS = answer("platform/requests.json", Documented, 200);
    /// What requests were billed.
    BILLING_EVENTS = answer("platform/billing_events.json", Documented, 200);
    /// How the platform API refuses, which is not how the queue does.
    REFUSED = answer("platform/refused.json", Documented, 400);
}
