#![doc = include_str!("../README.md")]

mod server;
mod token;
mod routes;
mod guard;
mod metrics;
mod request;
mod task;
mod video;
mod price;
mod problem;
mod view;
mod error;
mod events;

pub use error::Error;
pub use server::{Server, ServerConfig};
pub use token::Token;
