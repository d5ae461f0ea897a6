//! The program as a user runs it, against the emulator.

// The front page's command, the second run, one JSON object, no file lost.
mod generate;
// Everything that can be wrong with a request or its surroundings: one plain message and a documented exit code.
mod bad_input;
mod batch;
// Ctrl-C, and the command that it prints.
mod interrupt;
// Clips in a row.
mod cancel;
mod chain;
// SIGKILL at any moment, and what the next program makes of it.
mod killed;
// What is set, and where it comes from.
mod config;
// Films, and what they have cost.
mod project;
// Finished videos: listed, copied, deleted.
mod assets;
// The time for which a video is waited.
mod timeout;
mod watch;
// The emulator as a command of its own.
mod emulator;
// Runs the program.
mod program;
