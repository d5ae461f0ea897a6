//! The queue over a fal that does what a test tells it to.

// Tasks from submit to end, waiting, watching, limits.
mod tasks;
// What stands still, what goes on, and what is never sent twice.
mod holding;
// A fal that a test holds by the hand.
mod scripted_fal;
