//! The `videogen` program.
fn main() {}
