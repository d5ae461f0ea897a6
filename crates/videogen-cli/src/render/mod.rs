//! What the user sees: lines for a person, one object for a program, a bar while waiting.

pub(crate) mod assets;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod progress;
pub(crate) mod project;
pub(crate) mod settings;
pub(crate) mod tasks;
