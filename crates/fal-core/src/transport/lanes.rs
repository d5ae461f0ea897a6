//! HTTP clients side by side, so that no connection has more calls than a server allows.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use url::Origin;

use crate::Error;

/// So many calls to a host share an HTTP/2 connection. A client puts all its calls on one, and those beyond what the
/// server allows, usually 100 to 256, wait inside it for minutes, where nothing shows that they were not sent.
const CALLS: usize = 100;

/// What a client speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaks {
    /// What the host offers.
    Anything,
    /// HTTP/2 alone, to hosts that are known to: calls that come at once then share the connection that the first makes.
    Http2,
}

/// Clients, each with its own connections. The first one is for every host; where a host speaks HTTP/2 and has many
/// calls, others join it. HTTP/1.1 needs none: each call has a connection of its own.
pub(super) struct Lanes<C> {
    state: Arc<Mutex<State<C>>>,
    build: Box<dyn Fn(Speaks) -> Result<C, Error> + Send + Sync>,
}

struct State<C> {
    clients: Vec<C>,
    hosts: HashMap<Origin, Host>,
}

#[derive(Default)]
struct Host {
    speaks_http2: bool,
    /// The calls under way in each lane.
    calls: Vec<usize>,
}

impl<C: Clone> Lanes<C> {
    /// With one client, so that what is wrong with the settings shows at once.
    pub(super) fn new(build: impl Fn(Speaks) -> Result<C, Error> + Send + Sync + 'static) -> Result<Self, Error> {
        let state = State { clients: vec![build(Speaks::Anything)?], hosts: HashMap::new() };
        Ok(Self { state: Arc::new(Mutex::new(state)), build: Box::new(build) })
    }

    /// The client for another call to a host, and its place there, to be kept as long as the call is under way.
    pub(super) fn enter(&self, host: Origin) -> Result<(C, Place<C>), Error> {
        let mut state = lock(&self.state);
        let State { clients, hosts } = &mut *state;
        let known = hosts.entry(host.clone()).or_default();
        let lane = known.free_lane();
        if lane == clients.len() {
            clients.push((self.build)(Speaks::Http2)?);
        }
        known.calls.resize(known.calls.len().max(lane + 1), 0);
        known.calls[lane] += 1;
        Ok((clients[lane].clone(), Place { state: Arc::clone(&self.state), host, lane }))
    }
}

impl Host {
    fn free_lane(&self) -> usize {
        let free = self.calls.iter().position(|calls| !self.speaks_http2 || *calls < CALLS);
        free.unwrap_or(self.calls.len())
    }
}

/// A call's place in a lane, until it is dropped.
pub(super) struct Place<C> {
    state: Arc<Mutex<State<C>>>,
    host: Origin,
    lane: usize,
}

impl<C> Place<C> {
    /// Takes note of what the host speaks.
    pub(super) fn answered_in(&self, version: http::Version) {
        if let Some(host) = lock(&self.state).hosts.get_mut(&self.host) {
            host.speaks_http2 = version == http::Version::HTTP_2;
        }
    }
}

impl<C> Drop for Place<C> {
    fn drop(&mut self) {
        if let Some(host) = lock(&self.state).hosts.get_mut(&self.host) {
            host.calls[self.lane] -= 1;
        }
    }
}

fn lock<C>(state: &Mutex<State<C>>) -> MutexGuard<'_, State<C>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C> fmt::Debug for Lanes<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes").field("clients", &lock(&self.state).clients.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::Version;
    use url::Url;

    use super::*;

    /// Each client is its number, and what it speaks.
    type Client = (usize, Speaks);

    fn lanes() -> Lanes<Client> {
        let built = Mutex::new(0..);
        Lanes::new(move |speaks| Ok((built.lock().unwrap().next().unwrap(), speaks))).unwrap()
    }

    fn host(name: &str) -> Origin {
        Url::parse(&format!("https://{name}")).unwrap().origin()
    }

    /// So many calls to a host that has answered before.
    fn calls(lanes: &Lanes<Client>, version: Version, count: usize) -> Vec<(Client, Place<Client>)> {
        lanes.enter(host("a")).unwrap().1.answered_in(version);
        (0..count).map(|_| lanes.enter(host("a")).unwrap()).collect()
    }

    #[test]
    fn a_hundred_calls_share_an_http2_connection() {
        let lanes = lanes();
        let calls = calls(&lanes, Version::HTTP_2, 250);
        let used = |client| calls.iter().filter(|(used, _)| *used == client).count();
        let clients = [(0, Speaks::Anything), (1, Speaks::Http2), (2, Speaks::Http2)];
        assert_eq!(clients.map(used), [100, 100, 50]);
        // Another host has connections of its own.
        assert_eq!(lanes.enter(host("b")).unwrap().0.0, 0);
    }

    #[test]
    fn other_hosts_have_one_client_for_all_calls() {
        for version in [Version::HTTP_11, Version::HTTP_10] {
            assert!(calls(&lanes(), version, 250).iter().all(|((number, _), _)| *number == 0));
        }
        let unknown = lanes();
        let places: Vec<_> = (0..250).map(|_| unknown.enter(host("a")).unwrap()).collect();
        assert!(places.iter().all(|((number, _), _)| *number == 0));
    }

    #[test]
    fn a_place_that_is_free_again_is_taken_first() {
        let lanes = lanes();
        let mut calls = calls(&lanes, Version::HTTP_2, 150);
        calls.remove(7);
        assert_eq!(lanes.enter(host("a")).unwrap().0.0, 0);
        drop(calls);
        assert_eq!(lanes.enter(host("a")).unwrap().0.0, 0);
    }
}
