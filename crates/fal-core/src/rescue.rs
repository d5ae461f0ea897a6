//! Looks for a submit whose answer was lost. Never submits anything.

use std::collections::{BTreeSet, HashSet};
use std::fmt;
use std::time::Duration;

use futures::TryStreamExt;
use jiff::Timestamp;
use serde_json::{Number, Value};

use crate::platform::{PastRequest, RequestQuery};
use crate::webhook::WebhookEvent;
use crate::{EndpointId, Error, FalApi, FalClient, RequestHandle};

/// A submit of which it is not known whether fal accepted it.
#[derive(Clone)]
pub struct LostSubmit {
    endpoint: EndpointId,
    input: Value,
    from: Timestamp,
    until: Timestamp,
    margin: Duration,
    known: HashSet<String>,
}

impl LostSubmit {
    /// A submit of exactly this input, sent at some time from the one to the other.
    ///
    /// An input that no other submit has, by a seed of its own for example, makes the answer certain. Whole numbers
    /// beyond 2⁵³ may come back rounded, so keep seeds below.
    pub fn new(endpoint: EndpointId, input: Value, from: Timestamp, until: Timestamp) -> Self {
        Self { endpoint, input, from, until, margin: Duration::from_secs(120), known: HashSet::new() }
    }

    /// Sets by how much fal's clock and this machine's may differ. Default: 120 s.
    pub fn with_margin(mut self, margin: Duration) -> Self {
        self.margin = margin;
        self
    }

    /// Leaves out requests that belong to other submits: twins with the same input are told apart by this.
    pub fn without<S: Into<String>>(mut self, request_ids: impl IntoIterator<Item = S>) -> Self {
        self.known.extend(request_ids.into_iter().map(Into::into));
        self
    }
}

// The input holds what the user wrote.
impl fmt::Debug for LostSubmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LostSubmit")
            .field("endpoint", &self.endpoint.as_str())
            .field("from", &self.from)
            .field("until", &self.until)
            .field("margin", &self.margin)
            .finish_non_exhaustive()
    }
}

/// What was found.
#[derive(Debug)]
#[must_use]
pub enum Rescue {
    /// It was accepted, and this is it.
    Found(RequestHandle),
    /// It may be one of these requests, named by their ids: there are several with its input, or they were sent at
    /// another time, or fal no longer has what went into them. A person has to look.
    Ambiguous(Vec<String>),
    /// fal's history does not have it. No proof that it was not accepted: see [`FalClient::rescue`].
    NotFound {
        /// The history was read as it stood at this time.
        looked_until: Timestamp,
    },
    /// The history could not be read to its end.
    Unavailable(Error),
}

impl Rescue {
    /// By a delivery at the URL of the attempt ([`WebhookAddress::for_attempt`](crate::webhook::WebhookAddress::for_attempt)),
    /// which is certain whatever the history says. Sends nothing.
    pub fn from_webhook(client: &dyn FalApi, endpoint: &EndpointId, event: &WebhookEvent) -> Self {
        client.handle(endpoint, &event.request_id).map_or_else(Self::Unavailable, Self::Found)
    }
}

/// Where lost submits are looked for. Implemented by [`FalClient`].
#[async_trait::async_trait]
pub trait RequestHistory: fmt::Debug + Send + Sync {
    /// Looks for a lost submit, at the time `now`: [`FalClient::rescue`].
    async fn rescue(&self, lost: &LostSubmit, now: Timestamp) -> Rescue;
}

#[async_trait::async_trait]
impl RequestHistory for FalClient {
    async fn rescue(&self, lost: &LostSubmit, now: Timestamp) -> Rescue {
        FalClient::rescue(self, lost, now).await
    }
}

impl FalClient {
    /// Looks for a lost submit in fal's request history. Reads only, and all of it from shortly before the submit on;
    /// `now` is the time at which it looks.
    ///
    /// # Limits
    /// - A request that still waits in the queue may not be in the history, and how soon one appears in it is not
    ///   documented. So look again until well after the time at which it would have ended, before a
    ///   [`Rescue::NotFound`] is taken for the truth; and a request can end between two pages and slip through once.
    /// - With `X-Fal-Store-IO: 0` fal keeps no inputs: nothing can be found, at best [`Rescue::Ambiguous`].
    /// - A request that fal gave to another model after faults of its own may be listed under that model.
    /// - A page of the history may have 16 MiB at most: with files inside the inputs, as data URIs, it may have more.
    pub async fn rescue(&self, lost: &LostSubmit, now: Timestamp) -> Rescue {
        match self.candidates(lost).await {
            Ok(candidates) => self.judge(lost, candidates, now),
            Err(error) => Rescue::Unavailable(error),
        }
    }

    async fn candidates(&self, lost: &LostSubmit) -> Result<Candidates, Error> {
        // Without an end: which of its times fal compares with it is not documented, and a request may wait for long.
        let start = lost.from.checked_sub(lost.margin).unwrap_or(Timestamp::MIN);
        let end = lost.until.checked_add(lost.margin).unwrap_or(Timestamp::MAX);
        // As fal read it: from its text.
        let input = serde_json::from_str(&lost.input.to_string()).unwrap_or_else(|_| lost.input.clone());
        let mut history = self.platform().requests(RequestQuery::new(&lost.endpoint).with_start(start).with_payloads());
        let mut candidates = Candidates::default();
        while let Some(PastRequest { request_id, sent_at, json_input, .. }) = history.try_next().await? {
            if lost.known.contains(&request_id) || sent_at.is_some_and(|sent_at| sent_at < start) {
                continue;
            }
            let in_time = sent_at.is_some_and(|sent_at| sent_at <= end);
            match json_input {
                Some(theirs) if !same(&input, &theirs) => continue,
                Some(_) if in_time => candidates.certain.insert(request_id),
                Some(_) => candidates.possible.insert(request_id),
                None if in_time || sent_at.is_none() => candidates.possible.insert(request_id),
                None => continue,
            };
        }
        Ok(candidates)
    }

    fn judge(&self, lost: &LostSubmit, Candidates { certain, possible }: Candidates, now: Timestamp) -> Rescue {
        let certain = Vec::from_iter(certain);
        match certain.as_slice() {
            [request_id] => self.handle(&lost.endpoint, request_id).map_or_else(Rescue::Unavailable, Rescue::Found),
            [] if possible.is_empty() => Rescue::NotFound { looked_until: now },
            [] => Rescue::Ambiguous(Vec::from_iter(possible)),
            _ => Rescue::Ambiguous(certain),
        }
    }
}

/// Ids of requests that may be the one that was lost. A request can come twice while the history grows.
#[derive(Debug, Default)]
struct Candidates {
    /// With its input and at its time.
    certain: BTreeSet<String>,
    /// With its input at another time, or at its time with an input that fal no longer has.
    possible: BTreeSet<String>,
}

/// Whether two JSON values are the same; a number is the same however it is written.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => same_number(ours, theirs),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            let same_entry =
                |(name, value): (&String, &Value)| theirs.get(name).is_some_and(|other| same(value, other));
            ours.len() == theirs.len() && ours.iter().all(same_entry)
        }
        (ours, theirs) => ours == theirs,
    }
}

fn same_number(ours: &Number, theirs: &Number) -> bool {
    if ours.is_f64() || theirs.is_f64() { ours.as_f64() == theirs.as_f64() } else { ours == theirs }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same_text(ours: &str, theirs: &str) -> bool {
        same(&serde_json::from_str(ours).unwrap(), &serde_json::from_str(theirs).unwrap())
    }

    #[test]
    fn inputs_are_the_same_however_they_are_written() {
        for (ours, theirs) in [
            (r#"{"a":1,"b":[5,0.5]}"#, r#"{ "b": [5.0, 5e-1], "a": 1 }"#),
            ("100", "1e2"),
            ("-0.0", "0"),
            ("9007199254740993", "9007199254740993"),
            (r#""\u00e4""#, r#""ä""#),
            ("null", "null"),
        ] {
            assert!(same_text(ours, theirs), "{ours} {theirs}");
            assert!(same_text(theirs, ours), "{theirs} {ours}");
        }
    }

    #[test]
    fn inputs_that_differ_in_anything_are_not_the_same() {
        for (ours, theirs) in [
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
            (r#"{"a":1}"#, r#"{"b":1}"#),
            ("[1,2]", "[2,1]"),
            ("[1]", "[1,1]"),
            ("5", r#""5""#),
            ("0", "false"),
            ("1", "-1"),
            ("9007199254740993", "9007199254740992"),
            ("18446744073709551615", "18446744073709551614"),
            (r#""a""#, r#""A""#),
            ("{}", "[]"),
        ] {
            assert!(!same_text(ours, theirs), "{ours} {theirs}");
            assert!(!same_text(theirs, ours), "{theirs} {ours}");
        }
    }
}
