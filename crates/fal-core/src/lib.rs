#![doc = include_str!("../README.md")]

mod config;
mod credentials;
mod endpoint;
mod handle;
mod api;
mod client;
mod idempotency;
mod transport;
mod retry;
mod call;
mod exchange;
pub mod webhook;
pub mod platform;
mod rescue;
mod wire;
mod error;

pub use api::{Download, FalApi, LogEntry, Output, QueueStatus};
pub use call::{Answer, Authorization, Call};
pub use client::FalClient;
pub use config::{FalConfig, HostClass, Hosts, Timeouts};
pub use credentials::Credentials;
pub use endpoint::EndpointId;
pub use error::{
    ApiError, BodyError, ConfigError, ConnectionError, Error, ErrorKind, FieldError, Recovery, UnconfirmedSubmit,
};
pub use handle::RequestHandle;
pub use idempotency::Idempotency;
pub use rescue::{LostSubmit, Rescue};
pub use retry::{Decision, Outcome, RetryPolicy, Verdict, classify, decide};
pub use transport::{Delivery, HttpTransport, ReqwestTransport, ResponseBody, TransportError};

#[cfg(feature = "mock")]
pub use api::MockFalApi;
#[cfg(feature = "mock")]
pub use transport::MockHttpTransport;
