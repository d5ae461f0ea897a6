//! `GET /v1/models/requests/by-endpoint`: the requests to some endpoints, which is how a lost submit is found again.

use std::cmp::Reverse;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::Timestamp;
use uuid::Uuid;

use crate::body;
use crate::front::Origin;
use crate::platform::access::require_key;
use crate::platform::entry::{Entry, class, known_until};
use crate::platform::page::Page;
use crate::platform::parameters::{Parameters, find_models};
use crate::platform::period::{DAY, NINETY_DAYS, Period};
use crate::platform::refusal::Refusal;
use crate::shared::SharedState;

const PAGE: usize = 50;
const LARGEST_PAGE: usize = 100;

const DURATION: &str = "duration";

/// Which requests are asked for.
struct Filter<'a> {
    endpoints: Vec<&'static str>,
    period: Period,
    status: Option<&'a str>,
    request_id: Option<&'a str>,
}

/// The newest end first, before it what has not ended; or the longest first.
pub(super) async fn list(
    State(shared): State<SharedState>,
    origin: Origin,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let page = Page::read_or(&parameters, PAGE, LARGEST_PAGE)?;
    let with_payloads = !parameters.among("expand", &["payloads"])?.is_empty();
    let by_duration = parameters.choice("sort_by", &["ended_at", DURATION])? == Some(DURATION);
    let filter = Filter::read(&parameters, shared.clock.now())?;
    let until = known_until(&shared);
    let found = shared.board.view_all(|job| Entry::of(job, until).filter(|entry| filter.passes(entry)));
    let mut entries: Vec<Entry> = found.into_iter().rev().flatten().collect();
    if by_duration {
        entries.sort_by_key(|entry| Reverse(entry.end.as_ref().map(|end| end.duration)));
    } else {
        entries.sort_by_key(|entry| Reverse(entry.end.as_ref().map_or(Timestamp::MAX, |end| end.at)));
    }
    let answer = page.envelope("items", &entries, |entry| {
        if with_payloads { entry.with_payloads(&shared, origin.urls(&shared)) } else { entry.to_json() }
    });
    Ok(body::json(StatusCode::OK, &answer))
}

impl<'a> Filter<'a> {
    fn read(parameters: &'a Parameters, now: Timestamp) -> Result<Self, Refusal> {
        let models = find_models(&parameters.ids("endpoint_id")?)?;
        let request_id = parameters.one("request_id");
        if request_id.is_some_and(|id| id.parse::<Uuid>().is_err()) {
            return Err(Refusal::invalid("request_id must be a UUID"));
        }
        Ok(Self {
            endpoints: models.into_iter().map(|model| model.endpoint_id).collect(),
            period: Period::read(parameters, now, if request_id.is_some() { NINETY_DAYS } else { DAY })?,
            status: parameters.choice("status", &["success", "error", "user_error"])?,
            request_id,
        })
    }

    /// fal does not say which of its times `start` and `end` are about; here it is the one of the submit.
    fn passes(&self, entry: &Entry) -> bool {
        let status = entry.end.as_ref().map(|end| class(end.status));
        self.endpoints.contains(&entry.endpoint_id.as_str())
            && self.period.holds(entry.sent_at)
            && (self.status.is_none() || self.status == status)
            && self.request_id.is_none_or(|id| id == entry.request_id)
    }
}
