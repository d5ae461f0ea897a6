//! The way to the real hosts: each request is sent once, to a host that was named, and never again.

use std::time::Duration;

use axum::http::{HeaderValue, header};
use bytes::Bytes;
use reqwest::Client;
use reqwest::redirect::Policy;

use crate::error::Error;
use crate::record::addresses::Addresses;
use crate::record::headers;
use crate::record::incoming::Incoming;
use crate::record::upstreams::{Upstream, target};

/// The longest wait for a connection to a host. How long an answer may take is the client's affair.
const CONNECT: Duration = Duration::from_secs(10);

/// The hosts and the HTTP clients that reach them.
pub(super) struct Hosts {
    hosts: Vec<Upstream>,
    /// For real hosts, which may be behind the system's proxy.
    outside: Client,
    /// For those on this machine.
    loopback: Client,
}

impl Hosts {
    pub(super) fn new(hosts: Vec<Upstream>) -> Result<Self, Error> {
        let builder = || {
            Client::builder()
                .connect_timeout(CONNECT)
                .redirect(Policy::none())
                // Not even where HTTP/2 would allow it: each submit costs money.
                .retry(reqwest::retry::never())
        };
        let fail = |source: reqwest::Error| Error::Client { source: source.into() };
        let loopback = builder().no_proxy().build().map_err(fail)?;
        Ok(Self { hosts, outside: builder().build().map_err(fail)?, loopback })
    }

    /// The host that a request is for, and the path there.
    pub(super) fn find<'a>(&'a self, incoming: &'a Incoming) -> Option<(&'a Upstream, &'a str)> {
        target(&self.hosts, incoming.host_class, &incoming.path)
    }

    /// Sends a request on, with real addresses in it.
    pub(super) async fn send(
        &self,
        (host, path): (&Upstream, &str),
        incoming: &Incoming,
        addresses: &Addresses,
    ) -> reqwest::Result<reqwest::Response> {
        let mut url = format!("{}{path}", host.base);
        if !incoming.query.is_empty() {
            url = format!("{url}?{}", addresses.in_query(&incoming.query, Addresses::to_real));
        }
        let body = match std::str::from_utf8(&incoming.body) {
            Ok(text) if headers::is_json(&incoming.headers) => Bytes::from(addresses.to_real(text)),
            _ => incoming.body.clone(),
        };
        let mut headers = headers::for_host(&incoming.headers, host.takes_credentials);
        // Without a body, hyper would leave out even the length 0 that some hosts insist on.
        if body.is_empty() && incoming.headers.contains_key(header::CONTENT_LENGTH) {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        let client = if host.is_loopback { &self.loopback } else { &self.outside };
        client.request(incoming.method.clone(), url).headers(headers).body(body).send().await
    }
}
