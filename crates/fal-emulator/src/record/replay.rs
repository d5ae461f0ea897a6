//! The replay: a server that gives recorded answers again, without a network.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::any;
use serde_json::json;

use crate::body;
use crate::error::Error;
use crate::host_class::HostClass;
use crate::pace::Pace;
use crate::record::cleaner::Cleaner;
use crate::record::exchange::{Call, Exchange};
use crate::record::folder::Folder;
use crate::record::incoming::Incoming;
use crate::record::listener::{Listener, Serving};
use crate::record::matching::Wanted;
use crate::record::playback::play;
use crate::record::recorder::FOLDER;
use crate::record::upstreams::Upstreams;
use crate::urls::Urls;

/// A running replay. It stops when it is dropped.
#[derive(Debug)]
#[must_use = "the replay stops when it is dropped"]
pub struct Replay {
    serving: Serving,
    tapes: Arc<Recording>,
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

struct Recording {
    exchanges: Vec<Recorded>,
    /// How often each exchange was given.
    given: Mutex<Vec<usize>>,
    folder: Folder,
    cleaner: Cleaner,
    pace: Pace,
}

struct Recorded {
    exchange: Exchange,
    wanted: Wanted,
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
        let tapes = Arc::new(Recording {
            given: Mutex::new(vec![0; exchanges.len()]),
            exchanges: exchanges.into_iter().map(Recorded::new).collect(),
            folder,
            // A client may know real addresses from elsewhere; they mean the same as ours.
            cleaner: Cleaner::new(&Upstreams::fal().checked()?, listener.address),
            pace: self.pace,
        });
        let serving = listener.serve(Router::new().fallback(any(answer)).with_state(Arc::clone(&tapes)));
        Ok(Replay { serving, tapes })
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
        let given = self.tapes.given();
        let unused = self.tapes.exchanges.iter().zip(given.iter()).filter(|(_, given)| **given == 0);
        unused.map(|(recorded, _)| ExchangeSummary::of(&recorded.exchange)).collect()
    }
}

impl Recorded {
    fn new(exchange: Exchange) -> Self {
        Self { wanted: Wanted::of(&exchange.request), exchange }
    }
}

impl Recording {
    /// The next exchange for a request: each one once in the recorded order, and then the last one again and again.
    fn next(&self, wanted: &Wanted) -> Option<&Exchange> {
        let mut given = self.given();
        let fitting = |index: &usize| self.exchanges[*index].wanted == *wanted;
        let index = (0..self.exchanges.len())
            .filter(fitting)
            .find(|index| given[*index] == 0)
            .or_else(|| (0..self.exchanges.len()).rev().find(fitting))?;
        given[index] += 1;
        Some(&self.exchanges[index].exchange)
    }

    fn given(&self) -> MutexGuard<'_, Vec<usize>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was asked for and not found, and the recorded exchange that is most like it.
    fn not_found(&self, call: &Call, wanted: &Wanted) -> Response {
        let nearest = self.exchanges.iter().max_by_key(|recorded| recorded.wanted.likeness(wanted));
        let nearest = nearest.map(|nearest| {
            json!({
                "sequence": nearest.exchange.sequence,
                "request": asked(&nearest.exchange.request),
                "differs_in": wanted.differences(&nearest.wanted),
            })
        });
        let detail = "No recorded exchange fits this request";
        body::json(StatusCode::NOT_FOUND, &json!({ "detail": detail, "asked": asked(call), "nearest": nearest }))
    }
}

async fn answer(State(recording): State<Arc<Recording>>, request: Request) -> Response {
    let incoming = match Incoming::read(request).await {
        Ok(incoming) => incoming,
        Err(refusal) => return refusal,
    };
    let call = incoming.call("", &recording.cleaner);
    let wanted = Wanted::of(&call);
    match recording.next(&wanted) {
        Some(exchange) => play(exchange, &recording.folder, &recording.cleaner.addresses, recording.pace),
        None => recording.not_found(&call, &wanted),
    }
}

fn asked(call: &Call) -> String {
    format!("{} {} {}", call.method, call.host_class, path_and_query(call))
}

fn path_and_query(call: &Call) -> String {
    if call.query.is_empty() { call.path.clone() } else { format!("{}?{}", call.path, call.query) }
}

impl ExchangeSummary {
    fn of(exchange: &Exchange) -> Self {
        let call = &exchange.request;
        Self {
            sequence: exchange.sequence,
            method: call.method.clone(),
            host_class: call.host_class,
            path_and_query: path_and_query(call),
        }
    }
}

impl fmt::Display for ExchangeSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05} {} {} {}", self.sequence, self.method, self.host_class, self.path_and_query)
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording").field("exchanges", &self.exchanges.len()).finish_non_exhaustive()
    }
}
