//! The recorder: a server in front of the real hosts that writes down what passes.

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::routing::any;

use crate::error::Error;
use crate::record::cleaner::Cleaner;
use crate::record::desk::Desk;
use crate::record::folder::Folder;
use crate::record::hosts::Hosts;
use crate::record::listener::{Listener, Serving};
use crate::record::proxy::{Proxy, forward};
use crate::record::upstreams::Upstreams;
use crate::urls::Urls;

/// Where a recording is, unless another folder is named.
pub(super) const FOLDER: &str = "fal-recording";

/// A running recorder. It stops when it is dropped; [`stop`](Recorder::stop) also waits for the last file.
///
/// Every request goes to the real host, once, with the key that the client sent, and **costs what it costs there**.
#[derive(Debug)]
#[must_use = "the recorder stops when it is dropped"]
pub struct Recorder {
    serving: Serving,
    desk: Arc<Desk>,
}

/// What a recorder is made of; every setting has a default.
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | [`upstream`](RecorderBuilder::upstream) | [`Upstreams::fal`] |
/// | [`folder`](RecorderBuilder::folder) | `fal-recording` in the working directory |
/// | [`port`](RecorderBuilder::port) | 0: any free port |
#[derive(Debug)]
#[must_use = "call `start`"]
pub struct RecorderBuilder {
    upstream: Upstreams,
    folder: PathBuf,
    port: u16,
}

impl RecorderBuilder {
    /// The hosts to record.
    pub fn upstream(mut self, upstream: Upstreams) -> Self {
        self.upstream = upstream;
        self
    }

    /// The folder to write to, which is created where it is missing and must not hold a recording yet.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// The port on 127.0.0.1.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Starts the recorder on the current tokio runtime and returns as soon as it accepts connections.
    ///
    /// # Errors
    ///
    /// [`Error::Upstream`] for a URL that no key may be sent to, [`Error::NotEmpty`] and [`Error::Recording`] for the folder,
    /// [`Error::Listen`] where the port is taken, [`Error::Client`] where this machine cannot make TLS connections.
    pub async fn start(self) -> Result<Recorder, Error> {
        let hosts = self.upstream.checked()?;
        let folder = Folder::create(self.folder)?;
        let listener = Listener::open(self.port).await?;
        let desk = Arc::new(Desk::new(folder, Cleaner::new(&hosts, listener.address)));
        let proxy = Arc::new(Proxy { hosts: Hosts::new(hosts)?, desk: Arc::clone(&desk) });
        let serving = listener.serve(Router::new().fallback(any(forward)).with_state(proxy));
        Ok(Recorder { serving, desk })
    }
}

impl Recorder {
    /// A recorder with the [defaults](RecorderBuilder#defaults), to be changed before it starts.
    pub fn builder() -> RecorderBuilder {
        RecorderBuilder { upstream: Upstreams::fal(), folder: FOLDER.into(), port: 0 }
    }

    /// The base URL of each host class. A further host of the CDN is under [`Urls::cdn`], as `/~` and its name.
    pub fn urls(&self) -> &Urls {
        &self.serving.urls
    }

    /// How many exchanges are on the disk so far.
    pub fn recorded(&self) -> usize {
        self.desk.written()
    }

    /// Closes all connections and waits until each exchange is on the disk, those that this broke off included, as cut. Gives their number.
    ///
    /// # Errors
    ///
    /// [`Error::Recording`], where an exchange could not be written; its client had its answer nevertheless.
    pub async fn stop(mut self) -> Result<usize, Error> {
        self.serving.stop().await;
        self.desk.clear().await?;
        Ok(self.recorded())
    }
}
