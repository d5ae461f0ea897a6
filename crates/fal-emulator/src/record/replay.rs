//! The replay: a server that gives recorded answers again, without a network.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::Response;
use axum::routing::any;

use crate::error::Error;
use crate::host_class::HostClass;
use crate::pace::Pace;
use crate::record::cleaner::Cleaner;
use crate::record::exchange::Exchange;
use crate::record::folder::Folder;
use crate::record::incoming::Incoming;
use crate::record::listener::{Listener, Serving};
use crate::record::matching::Wanted;
use crate::record::playback::play;
use crate::record::recorder::FOLDER;
use crate::record::repertoire::Repertoire;
use crate::record::upstreams::Upstreams;
use crate::urls::Urls;

/// A running replay. It stops when it is dropped.
#[derive(Debug)]
#[must_use = "the replay stops when it is dropped"]
pub struct Replay {
    serving: Serving,
    stage: Arc<Stage>,
}

/// What a replay is made of; every setting has a default.
///
/// # Defaults
///
/// | setting | default |
/// |---|---|
/// | [`folder`](ReplayBuilder::folder) | `fal-recording` in the working directory |
/// | [`port`](ReplayBuilder::port) | 0: any free port |
/// | [`pace`](ReplayBuilder::pace) | [`Pace::Realistic`] |
#[derive(Debug)]
#[must_use = "call `start`"]
pub struct ReplayBuilder {
    folder: PathBuf,
    port: u16,
    pace: Pace,
}

/// One recorded exchange, without headers and bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExchangeSummary {
    /// The number that the name of its file begins with.
    pub sequence: u32,
    /// The HTTP method, for example `POST`.
    pub method: String,
    /// The host class that was asked.
    pub host_class: HostClass,
    /// Path and query as fal saw them, with stand-ins for secrets.
    pub path_and_query: String,
}

/// What every request needs.
struct Stage {
    repertoire: Repertoire,
    folder: Folder,
    cleaner: Cleaner,
    pace: Pace,
}

impl ReplayBuilder {
    /// The folder that a recorder wrote.
    pub fn folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.folder = folder.into();
        self
    }

    /// The port on 127.0.0.1.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Whether server-sent events come at their recorded times or at once. All other answers come at once.
    pub fn pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Reads and checks the whole recording, starts the replay on the current tokio runtime, and returns as soon as it accepts connections.
    ///
    /// # Errors
    ///
    /// [`Error::Recording`], [`Error::NothingRecorded`], [`Error::Damaged`], [`Error::DamagedBody`] and [`Error::RecordingFormat`] for the
    /// folder and its files, [`Error::Listen`] where the port is taken.
    pub async fn start(self) -> Result<Replay, Error> {
        let path = self.folder.clone();
        let opened = tokio::task::spawn_blocking(move || Folder::open(path)).await;
        let (folder, exchanges) =
            opened.map_err(|error| Error::Recording { path: self.folder, source: error.into() })??;
        let listener = Listener::open(self.port).await?;
        let stage = Arc::new(Stage {
            repertoire: Repertoire::new(exchanges),
            folder,
            // A client may know real addresses from elsewhere; they mean the same as ours.
            cleaner: Cleaner::new(&Upstreams::fal().checked()?, listener.address),
            pace: self.pace,
        });
        let serving = listener.serve(Router::new().fallback(any(answer)).with_state(Arc::clone(&stage)));
        Ok(Replay { serving, stage })
    }
}

impl Replay {
    /// A replay with the [defaults](ReplayBuilder#defaults), to be changed before it starts.
    pub fn builder() -> ReplayBuilder {
        ReplayBuilder { folder: FOLDER.into(), port: 0, pace: Pace::default() }
    }

    /// The base URL of each host class.
    pub fn urls(&self) -> &Urls {
        &self.serving.urls
    }

    /// The exchanges that nobody has asked for yet, in their order.
    pub fn unused(&self) -> Vec<ExchangeSummary> {
        self.stage.repertoire.unused().into_iter().map(ExchangeSummary::of).collect()
    }
}

async fn answer(State(stage): State<Arc<Stage>>, request: Request) -> Response {
    let incoming = match Incoming::read(request).await {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal,
    };
    let call = incoming.call("", &stage.cleaner);
    let wanted = Wanted::of(&call);
    match stage.repertoire.next(&wanted) {
        Some(exchange) => play(exchange, &stage.folder, &stage.cleaner.addresses, stage.pace),
        None => stage.repertoire.not_found(&call, &wanted),
    }
}

impl ExchangeSummary {
    fn of(exchange: &Exchange) -> Self {
        let call = &exchange.request;
        Self {
            sequence: exchange.sequence,
            method: call.method.clone(),
            host_class: call.host_class,
            path_and_query: call.path_and_query(),
        }
    }
}

impl fmt::Display for ExchangeSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05} {} {} {}", self.sequence, self.method, self.host_class, self.path_and_query)
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("repertoire", &self.repertoire).field("pace", &self.pace).finish_non_exhaustive()
    }
}
