//! HTTP by reqwest: the only file that names it.

use bytes::Bytes;
use futures::TryStreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use url::Url;

use super::{Delivery, HttpTransport, Proxy, ResponseBody, TransportConfig, TransportError};
use crate::config::is_loopback;
use crate::{ConfigError, Error, Timeouts};

/// HTTP by reqwest with rustls: pooled connections, HTTP/2 where the server offers it.
#[derive(Debug, Clone)]
pub struct ReqwestTransport {
    client: Client,
    // A proxy cannot reach this machine's own loopback addresses.
    loopback: Client,
}

impl ReqwestTransport {
    /// A transport with its own pool of connections.
    ///
    /// # Errors
    /// [`Error::Config`] when the machine's TLS certificates or proxy settings cannot be used.
    pub fn new(timeouts: Timeouts, config: &TransportConfig) -> Result<Self, Error> {
        let build = |builder: ClientBuilder| {
            builder.build().map_err(|error| {
                Error::Config(ConfigError::new("HTTP", "cannot be set up on this machine").with_source(error))
            })
        };
        let loopback = build(builder(timeouts, config).no_proxy())?;
        Ok(Self { client: build(through(&config.proxy, builder(timeouts, config))?)?, loopback })
    }
}

fn builder(timeouts: Timeouts, config: &TransportConfig) -> ClientBuilder {
    Client::builder()
        .user_agent(&config.user_agent)
        .connect_timeout(timeouts.connect)
        .pool_max_idle_per_host(config.idle_connections)
        .pool_idle_timeout(config.idle_for)
        .redirect(Policy::none())
        // Whether to send again is decided in one place, and that is not here. What is left is the pool's own: a
        // connection that dies before it was given any of the request is replaced.
        .retry(reqwest::retry::never())
}

fn through(proxy: &Proxy, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    Ok(match proxy {
        Proxy::None => builder.no_proxy(),
        Proxy::Environment => builder,
        Proxy::At(address) => {
            // What reqwest says of it could repeat the password.
            let proxy = reqwest::Proxy::all(address.url().clone())
                .map_err(|_| ConfigError::new("the address of the proxy", "cannot be used"))?;
            builder.proxy(proxy)
        }
    })
}

#[async_trait::async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<ResponseBody>, TransportError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| TransportError::new(Delivery::NotSent, "the address is malformed").with_source(error))?;
        let client = if is_loopback(&url) { &self.loopback } else { &self.client };
        let answer =
            client.request(parts.method, url).headers(parts.headers).body(body).send().await.map_err(failure)?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        response
            .body(ResponseBody::new(answer.bytes_stream().map_err(failure)))
            .map_err(|error| TransportError::new(Delivery::Unknown, "the answer is malformed").with_source(error))
    }
}

/// A failed connection is the only proof that nothing was sent: a connection that was closed, or a body that was cut,
/// may have brought the whole request.
fn failure(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let (delivery, message) = if error.is_connect() && error.is_timeout() {
        (Delivery::NotSent, "no connection in time")
    } else if error.is_connect() {
        (Delivery::NotSent, "no connection")
    } else if error.is_timeout() {
        (Delivery::Unknown, "no answer in time")
    } else {
        (Delivery::Unknown, "the connection broke")
    };
    TransportError::new(delivery, message).with_source(root_cause(&error))
}

/// What the system said; the layers between only repeat that a request failed.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
