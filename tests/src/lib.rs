//! What the tests of several crates share: a decoder for the videos that come out.

pub mod film;
