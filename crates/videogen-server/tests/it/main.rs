//! The server as callers see it, over real HTTP, against an emulator of fal.

mod access;
mod bodies;
mod cancelling;
mod events;
mod keyed;
mod mistakes;
mod pictures;
mod prices;
mod program;
mod stage;
mod video;
