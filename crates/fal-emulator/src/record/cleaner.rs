//! Texts on their way into a recording: without secrets, and with placeholders for the addresses of hosts.

use std::net::SocketAddr;

use axum::http::HeaderMap;

use crate::record::addresses::Addresses;
use crate::record::scrub::Scrubber;
use crate::record::upstreams::Upstream;

/// Cleans what is to be written, or to be compared with what was written.
pub(super) struct Cleaner {
    pub(super) addresses: Addresses,
    scrubber: Scrubber,
}

impl Cleaner {
    pub(super) fn new(hosts: &[Upstream], own: SocketAddr) -> Self {
        Self { addresses: Addresses::new(hosts, own), scrubber: Scrubber::default() }
    }

    /// Takes note of every secret in the headers.
    pub(super) fn learn(&self, headers: &HeaderMap) {
        self.scrubber.learn(headers);
    }

    /// Takes note of a value that only its place shows to be a secret.
    pub(super) fn learn_secret(&self, secret: &str) {
        self.scrubber.stand_in(secret);
    }

    /// A whole text, JSON or not.
    pub(super) fn text(&self, text: &str) -> String {
        self.addresses.to_placeholder(&self.scrubber.text(text))
    }

    /// The start of a text, which may end inside of a secret.
    pub(super) fn cut_text(&self, text: &str) -> String {
        self.addresses.to_placeholder(&self.scrubber.cut_text(text))
    }

    pub(super) fn header(&self, name: &str, value: &str) -> String {
        self.addresses.to_placeholder(&self.scrubber.header(name, value))
    }

    pub(super) fn query(&self, query: &str) -> String {
        self.addresses.in_query(&self.scrubber.query(query), Addresses::to_placeholder)
    }

    /// Bytes that are no text: they stay as they are, but for a known secret in them.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        self.scrubber.bytes(bytes)
    }
}
