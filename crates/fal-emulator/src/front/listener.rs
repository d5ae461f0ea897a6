//! The port: opened, and every connection to it accepted and ended with the emulator.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::front::connection::Service;
use crate::state_dir::StateDir;

/// How often, and with what pause, the port of the last time is tried: its former owner may just be ending.
const PORT_TRIES: u32 = 50;
const PORT_PAUSE: Duration = Duration::from_millis(20);
/// Connections that may wait to be accepted. Beyond it the system drops the newest, and their clients lose a second.
const BACKLOG: u32 = 4096;
/// The pause after a failed accept, as when all file descriptors are in use: the open connections may end meanwhile.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// An open port and its address.
pub(crate) struct Listener {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// Opens the port; with 0, the one of the last time or any free one.
pub(crate) async fn listen(port: u16, state: &StateDir) -> Result<Listener, Error> {
    let fail = |source| Error::Listen { port, source };
    let again = if port == 0 { state.last_port() } else { None };
    let listener = match again {
        Some(last) => match bind_patiently(last).await {
            Some(listener) => listener,
            None => bind(0).map_err(fail)?,
        },
        None => bind(port).map_err(fail)?,
    };
    let address = listener.local_addr().map_err(fail)?;
    state.remember_port(address.port())?;
    Ok(Listener { listener, address })
}

fn bind(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // On Windows this would let two emulators share a port; elsewhere it lets one follow another at once.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(BACKLOG)
}

async fn bind_patiently(port: u16) -> Option<TcpListener> {
    for _ in 0..PORT_TRIES {
        match bind(port) {
            Ok(listener) => return Some(listener),
            Err(_) => tokio::time::sleep(PORT_PAUSE).await,
        }
    }
    None
}

/// What serves the port. Dropping it ends every connection, at some time; [`end`](Self::end) waits until they have ended.
#[derive(Debug)]
pub(crate) struct Serving {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Serving {
    /// Drops every connection, and returns when port and connections are closed.
    pub(crate) async fn end(&mut self) {
        self.stop.cancel();
        // It cannot fail but by a panic, after which nothing is left to wait for.
        let _ = (&mut self.task).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Listener {
    /// Serves until it is told to end.
    pub(crate) fn spawn(self, routes: Router, tls: Option<TlsAcceptor>) -> Serving {
        let service = Service { routes, tls };
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    () = stopped.cancelled() => break,
                    accepted = self.listener.accept() => match accepted {
                        Ok((stream, _)) => { connections.spawn(service.clone().serve(stream)); }
                        Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
            drop(self.listener);
            connections.shutdown().await;
        });
        Serving { stop, task }
    }
}
