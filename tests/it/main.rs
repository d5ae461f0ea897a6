//! What a service that uses the library does, from request to file, against the emulator.

// A picture goes in, a video comes out: the promise of the front page, and every model and shape.
mod generate;
// A collector is told of every step, in one trace, even when another process goes on.
mod observed;
// The collector.
mod collector;
// The reply to a submit is lost, fal is away, a task is stopped and taken up: one bill each time, or none.
mod keyed;
mod paying_once;
// Every step, every failure, and the same request once more.
mod every_failure;
// Clips in a row.
mod batch;
mod cancel;
mod chain;
// Processes that share the file of tasks.
mod processes;
mod reconcile;
// The same is asked for twice.
mod reuse;
// Puts the parts together for the others.
mod stage;
// Single frames of a real video.
mod frames;
