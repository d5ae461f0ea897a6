//! `GET /v1/models/analytics`: how many requests ended how, and how long they took.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::body;
use crate::job::Job;
use crate::outcome::Outcome;
use crate::platform::access::require_key;
use crate::platform::entry::{class, known_until};
use crate::platform::parameters::{Parameters, find_models};
use crate::platform::refusal::Refusal;
use crate::platform::series::{self, Series};
use crate::shared::SharedState;

/// Every figure that can be asked for.
const METRICS: [&str; 24] = [
    "request_count",
    "success_count",
    "user_error_count",
    "error_count",
    "startup_error_count",
    "connection_error_count",
    "timeout_error_count",
    "runtime_error_count",
    "p50_prepare_duration",
    "p75_prepare_duration",
    "p90_prepare_duration",
    "p95_prepare_duration",
    "p99_prepare_duration",
    "p25_duration",
    "p50_duration",
    "p75_duration",
    "p90_duration",
    "p95_duration",
    "p99_duration",
    "cold_boot_count",
    "p50_cold_boot_duration",
    "p75_cold_boot_duration",
    "p90_cold_boot_duration",
    "total_billable_duration",
];

/// A request that has ended.
struct Run {
    endpoint_id: String,
    /// From the submit to the start, and from there to the end, where a runner took it.
    durations: Option<(SignedDuration, SignedDuration)>,
    class: &'static str,
    /// What kind of fault of the platform it was.
    fault: Option<&'static str>,
}

/// Each request is counted when it ended.
pub(super) async fn analytics(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let models = find_models(&parameters.ids("endpoint_id")?)?;
    let mut expansions = parameters.among("expand", &[&series::EXPANSIONS[..], &METRICS].concat())?;
    if expansions.is_empty() {
        expansions.extend(["time_series", "request_count"]);
    }
    let series = Series::read(&parameters, &expansions, shared.clock.now())?;
    let metrics: Vec<_> = expansions.into_iter().filter(|name| METRICS.contains(name)).collect();
    if metrics.is_empty() {
        return Err(Refusal::invalid("expand must name a metric"));
    }
    let until = known_until(&shared);
    let runs = shared.board.view_all(|job| {
        let (at, outcome) = job.ended_by(until).filter(|(at, _)| series.period.holds(*at))?;
        models.iter().any(|model| model.endpoint_id == job.endpoint_id).then(|| (at, Run::of(job, at, outcome)))
    });
    let answer = series.answer(&runs.into_iter().flatten().collect::<Vec<_>>(), |runs| rows(runs, &metrics));
    Ok(body::json(StatusCode::OK, &answer))
}

/// One row for each endpoint.
fn rows(runs: &[&Run], metrics: &[&str]) -> Vec<Value> {
    let mut by_endpoint = BTreeMap::<&str, Vec<&Run>>::new();
    for run in runs {
        by_endpoint.entry(&run.endpoint_id).or_default().push(run);
    }
    let row = |(endpoint_id, runs): (&str, Vec<&Run>)| {
        let figures = metrics.iter().filter_map(|name| Some(((*name).to_owned(), figure(name, &runs)?)));
        figures.chain([("endpoint_id".to_owned(), endpoint_id.into())]).collect::<Map<_, _>>().into()
    };
    by_endpoint.into_iter().map(row).collect()
}

impl Run {
    fn of(job: &Job, ended_at: Timestamp, outcome: &Outcome) -> Self {
        let class = class(outcome.status());
        let error_type = outcome.error().map(|(_, error_type)| error_type).filter(|_| class == "error");
        Self {
            endpoint_id: job.endpoint_id.clone(),
            durations: job
                .started_at
                .map(|start| (start.duration_since(job.accepted_at), ended_at.duration_since(start))),
            class,
            fault: error_type.as_deref().map(fault),
        }
    }
}

/// What fal counts an `error_type` as.
fn fault(error_type: &str) -> &'static str {
    match error_type {
        "startup_timeout" | "runner_scheduling_failure" => "startup_error_count",
        "runner_disconnected" | "runner_incomplete_response" => "connection_error_count",
        "request_timeout" | "generation_timeout" => "timeout_error_count",
        other if other.starts_with("runner_connection") => "connection_error_count",
        _ => "runtime_error_count",
    }
}

/// One figure, where there is something to tell. Nothing here ever boots.
fn figure(name: &str, runs: &[&Run]) -> Option<Value> {
    let count = |counts: &dyn Fn(&Run) -> bool| Some(runs.iter().filter(|run| counts(run)).count().into());
    let durations = || runs.iter().filter_map(|run| run.durations);
    match name {
        "request_count" => count(&|_| true),
        "total_billable_duration" => Some(durations().map(|(_, work)| work.as_secs_f64()).sum::<f64>().into()),
        _ if name.ends_with("_count") => {
            count(&|run| run.fault == Some(name) || name.strip_suffix("_count") == Some(run.class))
        }
        _ => {
            let (percent, what) = name.strip_prefix('p')?.split_once('_')?;
            let sample = match what {
                "prepare_duration" => durations().map(|(prepare, _)| prepare).collect(),
                "duration" => durations().map(|(_, work)| work).collect(),
                _ => Vec::new(),
            };
            Some(percentile(sample, percent.parse().ok()?)?.as_secs_f64().into())
        }
    }
}

/// The least of the durations that this percentage of them do not exceed.
fn percentile(mut durations: Vec<SignedDuration>, percent: usize) -> Option<SignedDuration> {
    durations.sort_unstable();
    let rank = (durations.len() * percent).div_ceil(100);
    durations.get(rank.checked_sub(1)?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_durations() {
        let of = |count: i64, percent| percentile((1..=count).rev().map(SignedDuration::from_secs).collect(), percent);
        let seconds = |count, percent| of(count, percent).map(|duration| duration.as_secs());
        assert_eq!([25, 50, 75, 90, 95, 99].map(|percent| seconds(100, percent)), [25, 50, 75, 90, 95, 99].map(Some));
        assert_eq!([25, 50, 99].map(|percent| seconds(3, percent)), [Some(1), Some(2), Some(3)]);
        assert_eq!(seconds(1, 50), Some(1));
        assert_eq!(seconds(0, 50), None);
    }
}
