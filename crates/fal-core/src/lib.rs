#![doc = include_str!("../README.md")]

mod config;
mod credentials;
mod endpoint;
mod handle;
mod request_options;
mod object_lifecycle;
mod queue_status;
mod cancellation;
mod api;
mod client;
mod direct;
mod download;
mod watch;
mod subscription;
mod idempotency;
mod transport;
mod retry;
mod breaker;
mod call;
mod exchange;
mod events;
pub mod webhook;
pub mod platform;
mod rescue;
mod wire;
mod error;
mod error_type;

pub use api::{Download, FalApi, Output};
pub use breaker::{BreakerChange, BreakerPhase, BreakerPolicy, BreakerStatus, Breakers, Circuit, CircuitOpen};
pub use call::{Answer, Authorization, Call};
pub use cancellation::Cancellation;
pub use client::FalClient;
pub use config::{FalConfig, HostClass, Hosts, Timeouts};
pub use credentials::Credentials;
pub use direct::DirectStream;
pub use endpoint::EndpointId;
pub use error::{
    ApiError, BodyError, ConfigError, ConnectionError, Error, ErrorKind, FieldError, Recovery, UnconfirmedSubmit,
};
pub use error_type::ErrorType;
pub use handle::RequestHandle;
pub use idempotency::Idempotency;
pub use object_lifecycle::{FileAccess, ObjectLifecycle};
pub use queue_status::{LogEntry, QueueStatus, RequestFailure};
pub use request_options::{RequestOptions, ServerRetries};
pub use rescue::{LostSubmit, RequestHistory, Rescue};
pub use retry::{Decision, Outcome, RetryBudget, RetryCount, RetryPolicy, ServerHints, Verdict, classify, decide};
pub use subscription::Subscription;
pub use transport::{
    Delivery, HttpTransport, Proxy, ProxyAddress, ReqwestTransport, ResponseBody, TransportConfig, TransportError,
};
pub use watch::{Watch, WatchMode, WatchOptions};

#[cfg(feature = "mock")]
pub use api::MockFalApi;
#[cfg(feature = "mock")]
pub use transport::MockHttpTransport;
