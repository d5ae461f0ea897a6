//! What a service that uses the library does, from request to file, against the emulator.

// A picture goes in, a video comes out: the promise of the front page, and every model and shape.
mod generate;
// The reply to a submit is lost, fal is away, a task is stopped and taken up: one bill each time, or none.
mod paying_once;
// Puts the parts together for the others.
mod stage;
