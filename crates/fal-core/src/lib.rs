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
mod breaker;
mod call;
mod exchange;
pub mod webhook;
pub mod platform;
mod rescue;
mod wire;
mod error;

pub use api::{Download, FalApi, LogEntry, Output, QueueStatus};
pub use breaker::{BreakerChange, BreakerPhase, BreakerPolicy, BreakerStatus, Breakers, Circuit, CircuitOpen};
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
pub use retry::{Decision, Outcome, RetryBudget, RetryPolicy, ServerHints, Verdict, classify, decide};
pub use transport::{
    Delivery, HttpTransport, Proxy, ProxyAddress, ReqwestTransport, ResponseBody, TransportConfig, TransportError,
};

#[cfg(feature = "mock")]
pub use api::MockFalApi;
#[cfg(feature = "mock")]
pub use transport::MockHttpTransport;
