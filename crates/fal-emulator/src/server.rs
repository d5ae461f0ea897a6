//! The listener, the table of paths, and the connections, all of which end with the emulator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::{AbortHandle, JoinSet};

use crate::connection::serve;
use crate::error::Error;
use crate::shared::SharedState;
use crate::state_dir::StateDir;
use crate::{body, cdn, page, queue, request_log, rest, run, webhook};

/// How often, and with what pause, the port of the last time is tried: its former owner may just be ending.
const PORT_TRIES: u32 = 50;
const PORT_PAUSE: Duration = Duration::from_millis(20);

/// An open listener and its address.
pub(crate) struct Listening {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// Opens the port; with 0, the one of the last time or any free one.
pub(crate) async fn listen(port: u16, state: &StateDir) -> Result<Listening, Error> {
    let fail = |source| Error::Listen { port, source };
    let again = if port == 0 { state.last_port() } else { None };
    let listener = match again {
        Some(last) => match bind_patiently(last).await {
            Some(listener) => listener,
            None => bind(0).await.map_err(fail)?,
        },
        None => bind(port).await.map_err(fail)?,
    };
    let address = listener.local_addr().map_err(fail)?;
    state.remember_port(address.port())?;
    Ok(Listening { listener, address })
}

async fn bind(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
}

async fn bind_patiently(port: u16) -> Option<TcpListener> {
    for _ in 0..PORT_TRIES {
        match bind(port).await {
            Ok(listener) => return Some(listener),
            Err(_) => tokio::time::sleep(PORT_PAUSE).await,
        }
    }
    None
}

/// Serves until the handle is aborted; then every connection is cut.
pub(crate) fn spawn(listening: Listening, shared: SharedState) -> AbortHandle {
    let routes = routes(shared);
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listening.listener.accept() => match accepted {
                    Ok((stream, _)) => { connections.spawn(serve(stream, routes.clone())); }
                    // Out of file descriptors, most likely: give the open connections a moment to end.
                    Err(_) => tokio::time::sleep(PORT_PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    })
    .abort_handle()
}

fn routes(shared: SharedState) -> Router {
    Router::new()
        .route("/queue/{*path}", get(queue::get).post(queue::submit).put(queue::cancel))
        .route("/run/{*path}", post(run::run))
        .route("/rest/.well-known/jwks.json", get(webhook::jwks))
        .route("/rest/storage/auth/token", post(rest::token))
        .route("/rest/storage/upload/initiate", post(rest::initiate))
        .route("/cdn/files/upload", post(cdn::upload))
        .route("/cdn/files/b/{id}/{name}", get(cdn::download).put(cdn::put))
        .merge(page::routes())
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(&shared), request_log::record))
        .with_state(shared)
}

async fn unknown() -> Response {
    body::detail(StatusCode::NOT_FOUND, "Not Found")
}
