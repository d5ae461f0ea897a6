//! The listener of a recorder or a replay, and all its connections, which end with it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use crate::error::Error;
use crate::front::Service;
use crate::urls::Urls;

/// How long to wait where there is no room for one more connection.
const PAUSE: Duration = Duration::from_millis(20);

/// An open port on 127.0.0.1.
pub(super) struct Listener {
    listener: TcpListener,
    pub(super) address: SocketAddr,
}

/// Connections being served, until this is dropped.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) urls: Urls,
    task: JoinHandle<()>,
}

impl Listener {
    /// Opens the port; with 0, any free one.
    pub(super) async fn open(port: u16) -> Result<Self, Error> {
        let fail = |source| Error::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        Ok(Self { listener, address })
    }

    pub(super) fn serve(self, routes: Router) -> Serving {
        let urls = Urls::at(self.address, false);
        let service = Service { routes, tls: None };
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                tokio::select! {
                    accepted = self.listener.accept() => match accepted {
                        Ok((stream, _)) => { connections.spawn(service.clone().serve(stream)); }
                        Err(_) => tokio::time::sleep(PAUSE).await,
                    },
                    Some(_) = connections.join_next() => {}
                }
            }
        });
        Serving { urls, task }
    }
}

impl Serving {
    /// Closes the port and every connection.
    pub(super) async fn stop(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}
