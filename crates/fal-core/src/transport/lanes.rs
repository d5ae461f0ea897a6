//! HTTP clients side by side, so that no connection has more calls than a server allows.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};
use tokio::time::timeout;
use url::Origin;

use crate::Error;

/// So many calls to a host share an HTTP/2 connection. A client puts all its calls on one, and those beyond what the
/// server allows, usually 100 to 256, wait inside it for minutes, where nothing shows that they were not sent.
const CALLS: usize = 100;

/// So long the first call to a host has it for itself. What it speaks is known with the first answer; before that every
/// call makes a connection of its own, of which HTTP/2 needs one.
const ALONE: Duration = Duration::from_secs(1);

/// So many hosts are remembered; beyond that, those that nobody calls just then are forgotten.
const HOSTS: usize = 1_000;

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
    /// Not known before the first answer.
    speaks_http2: Option<bool>,
    /// Held by the call that finds out.
    first_call: Arc<AsyncMutex<()>>,
    /// The calls under way in each lane.
    calls: Vec<usize>,
}

impl<C: Clone> Lanes<C> {
    /// With one client, so that what is wrong with the settings shows at once.
    pub(super) fn new(build: impl Fn(Speaks) -> Result<C, Error> + Send + Sync + 'static) -> Result<Self, Error> {
        let state = State { clients: vec![build(Speaks::Anything)?], hosts: HashMap::new() };
        Ok(Self { state: Arc::new(Mutex::new(state)), build: Box::new(build) })
    }

    /// The client for another call to a host, and its place there, to be kept as long as the call is under way. Waits a
    /// moment while the first call to the host is made.
    pub(super) async fn enter(&self, host: Origin) -> Result<(C, Place<C>), Error> {
        let alone = match self.first_call(&host) {
            Some(first_call) => timeout(ALONE, first_call.lock_owned()).await.ok(),
            None => None,
        };
        // Another one may have found out in the meantime.
        let alone = alone.filter(|_| self.first_call(&host).is_some());
        self.place(host, alone)
    }

    /// To be held while the first answer of a host is awaited; `None` once there was one.
    fn first_call(&self, host: &Origin) -> Option<Arc<AsyncMutex<()>>> {
        let mut state = lock(&self.state);
        if HOSTS <= state.hosts.len() {
            state.hosts.retain(|_, host| host.calls.iter().any(|calls| 0 < *calls));
        }
        let known = state.hosts.entry(host.clone()).or_default();
        known.speaks_http2.is_none().then(|| Arc::clone(&known.first_call))
    }

    fn place(&self, host: Origin, alone: Option<OwnedMutexGuard<()>>) -> Result<(C, Place<C>), Error> {
        let mut state = lock(&self.state);
        let State { clients, hosts } = &mut *state;
        let known = hosts.entry(host.clone()).or_default();
        let lane = known.free_lane();
        if lane == clients.len() {
            clients.push((self.build)(Speaks::Http2)?);
        }
        known.calls.resize(known.calls.len().max(lane + 1), 0);
        known.calls[lane] += 1;
        Ok((clients[lane].clone(), Place { state: Arc::clone(&self.state), host, lane, alone }))
    }
}

impl Host {
    fn free_lane(&self) -> usize {
        let free = self.calls.iter().position(|calls| self.speaks_http2 != Some(true) || *calls < CALLS);
        free.unwrap_or(self.calls.len())
    }
}

/// A call's place in a lane, until it is dropped.
pub(super) struct Place<C> {
    state: Arc<Mutex<State<C>>>,
    host: Origin,
    lane: usize,
    /// Keeps others waiting, in the first call to a host.
    alone: Option<OwnedMutexGuard<()>>,
}

impl<C> Place<C> {
    /// Takes note of what the host speaks.
    pub(super) fn answered_in(&mut self, version: http::Version) {
        if let Some(host) = lock(&self.state).hosts.get_mut(&self.host) {
            host.speaks_http2 = Some(version == http::Version::HTTP_2);
        }
        self.alone = None;
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
    use futures::future::join_all;
    use http::Version;
    use tokio::time::{Instant, sleep};
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
    async fn calls(lanes: &Lanes<Client>, version: Version, count: usize) -> Vec<(Client, Place<Client>)> {
        lanes.enter(host("a")).await.unwrap().1.answered_in(version);
        join_all((0..count).map(|_| lanes.enter(host("a")))).await.into_iter().map(Result::unwrap).collect()
    }

    /// The number of the client that the next call would have.
    async fn next(lanes: &Lanes<Client>, name: &str) -> usize {
        lanes.enter(host(name)).await.unwrap().0.0
    }

    #[tokio::test]
    async fn a_hundred_calls_share_an_http2_connection() {
        let lanes = lanes();
        let calls = calls(&lanes, Version::HTTP_2, 250).await;
        let used = |client| calls.iter().filter(|(used, _)| *used == client).count();
        let clients = [(0, Speaks::Anything), (1, Speaks::Http2), (2, Speaks::Http2)];
        assert_eq!(clients.map(used), [100, 100, 50]);
        assert_eq!(next(&lanes, "b").await, 0, "another host has connections of its own");
    }

    #[tokio::test]
    async fn other_hosts_have_one_client_for_all_calls() {
        for version in [Version::HTTP_11, Version::HTTP_10] {
            assert!(calls(&lanes(), version, 250).await.iter().all(|((number, _), _)| *number == 0));
        }
    }

    #[tokio::test]
    async fn a_place_that_is_free_again_is_taken_first() {
        let lanes = lanes();
        let mut calls = calls(&lanes, Version::HTTP_2, 150).await;
        calls.remove(7);
        assert_eq!(next(&lanes, "a").await, 0);
        drop(calls);
        assert_eq!(next(&lanes, "a").await, 0);
    }

    #[tokio::test]
    async fn hosts_that_nobody_calls_any_more_are_forgotten() {
        let lanes = lanes();
        let kept = lanes.enter(host("kept")).await.unwrap();
        for number in 0..2 * HOSTS {
            next(&lanes, &format!("h{number}")).await;
        }
        let known = || lock(&lanes.state).hosts.len();
        assert!(known() <= HOSTS, "{}", known());
        assert!(lock(&lanes.state).hosts.contains_key(&kept.1.host));
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_call_to_a_host_finds_out_what_it_speaks_while_the_others_wait() {
        let lanes = lanes();
        let mut first = lanes.enter(host("a")).await.unwrap();
        let others = join_all((0..150).map(|_| lanes.enter(host("a"))));
        let answer = async {
            sleep(ALONE / 2).await;
            first.1.answered_in(Version::HTTP_2);
        };
        let began = Instant::now();
        let (others, ()) = tokio::join!(others, answer);
        assert_eq!(began.elapsed(), ALONE / 2);
        assert_eq!(others.iter().filter(|other| other.as_ref().unwrap().0.0 == 0).count(), 99);
    }

    #[tokio::test(start_paused = true)]
    async fn a_first_call_that_takes_long_or_is_given_up_keeps_nobody_waiting() {
        let lanes = lanes();
        let first = lanes.enter(host("a")).await.unwrap();
        let began = Instant::now();
        next(&lanes, "a").await;
        assert_eq!(began.elapsed(), ALONE);
        drop(first);
        next(&lanes, "a").await;
        assert_eq!(began.elapsed(), ALONE);
    }
}
