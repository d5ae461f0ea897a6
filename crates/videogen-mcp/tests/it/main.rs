//! The server as clients see it, over its real protocol, against an emulator of fal.

mod confinement;
mod mistakes;
mod program;
mod prices;
mod protocol;
mod schema;
mod stage;
mod video;
mod waiting;
