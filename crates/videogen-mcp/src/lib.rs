#![doc = include_str!("../README.md")]

mod server;
mod handler;
mod tool;
mod schema;
mod reply;
mod view;
mod end_of_input;
mod error;

pub use error::Error;
pub use server::McpServer;
