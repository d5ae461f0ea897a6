//! One generation after the other, with fal and its uploads played by scripts and everything else real.

/// fal and its uploads, played by scripts that count what they are asked.
mod stage;
/// Journals that keep, refuse or never answer.
mod inline;
mod journals;
/// Answers and errors of fal, made by the real client from what fal sends.
mod answers;
/// Small MP4 files and pictures.
mod media;

/// A generation without trouble: its events, its files, its bill.
mod fallbacks;
mod happy;
/// The journal refuses the n-th event, for every n.
mod unkept;
/// The process dies at the n-th event, for every n.
mod crashes;
/// What a submit may bring instead of an acceptance.
mod submits;
/// What may go wrong once the video is paid for.
mod paid;
/// Videos that do not arrive whole, and places that cannot be used.
mod storing;
/// Plans: every mistake at once, and nothing sent.
mod plans;
/// What is done to the picture before it is uploaded.
mod pictures;
/// Asked to stop.
mod stopping;
/// What is reserved, spent and kept.
mod books;
/// Posters: kept beside the video, and never in its way.
mod posters;
/// Finished videos: listed, read, deleted.
mod library;
/// What every asset store keeps to: a folder, memory, an S3 server.
mod conformance;
