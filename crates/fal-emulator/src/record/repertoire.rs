//! The exchanges of a recording, and which of them answers a request.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::body;
use crate::record::exchange::{Call, Exchange};
use crate::record::matching::Wanted;

/// Recorded exchanges in their order.
pub(super) struct Repertoire {
    exchanges: Vec<Recorded>,
    /// How often each was given.
    given: Mutex<Vec<usize>>,
}

struct Recorded {
    exchange: Exchange,
    wanted: Wanted,
}

impl Repertoire {
    pub(super) fn new(exchanges: Vec<Exchange>) -> Self {
        let given = Mutex::new(vec![0; exchanges.len()]);
        let recorded = |exchange: Exchange| Recorded { wanted: Wanted::of(&exchange.request), exchange };
        Self { exchanges: exchanges.into_iter().map(recorded).collect(), given }
    }

    /// The next exchange for a request: each that fits once, in their order, and then the last one again and again.
    pub(super) fn next(&self, wanted: &Wanted) -> Option<&Exchange> {
        let mut given = self.given();
        let fitting = || (0..self.exchanges.len()).filter(|index| self.exchanges[*index].wanted == *wanted);
        let index = fitting().find(|index| given[*index] == 0).or_else(|| fitting().last())?;
        given[index] += 1;
        Some(&self.exchanges[index].exchange)
    }

    /// Those that were never given.
    pub(super) fn unused(&self) -> Vec<&Exchange> {
        let given = self.given();
        let unused = self.exchanges.iter().zip(given.iter()).filter(|(_, given)| **given == 0);
        unused.map(|(recorded, _)| &recorded.exchange).collect()
    }

    /// The answer where nothing fits: what was asked for, and the exchange that is most like it.
    pub(super) fn not_found(&self, call: &Call, wanted: &Wanted) -> Response {
        let nearest = self.exchanges.iter().max_by_key(|recorded| recorded.wanted.likeness(wanted));
        let nearest = nearest.map(|nearest| {
            json!({
                "sequence": nearest.exchange.sequence,
                "request": nearest.exchange.request.to_string(),
                "differs_in": wanted.differences(&nearest.wanted),
            })
        });
        let detail = "No recorded exchange fits this request";
        body::json(StatusCode::NOT_FOUND, &json!({ "detail": detail, "asked": call.to_string(), "nearest": nearest }))
    }

    fn given(&self) -> MutexGuard<'_, Vec<usize>> {
        self.given.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Repertoire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repertoire").field("exchanges", &self.exchanges.len()).finish_non_exhaustive()
    }
}
