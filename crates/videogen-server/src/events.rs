//! `/v1/events`: everything that happens to tasks, as an event stream that goes on where it was cut off.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::{Stream, StreamExt};
use serde::Deserialize;
use serde_json::json;
use videogen::domain::ProjectId;
use videogen::queue::EventFilter;
use videogen::{EventView, TaskId};

use crate::problem::Problem;
use crate::routes::Shared;

/// How often a comment is sent where nothing happens, so that nobody in between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Which events are asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Wanted {
    after: Option<u64>,
    task_id: Option<String>,
    project_id: Option<String>,
}

/// What happens from now on; after a number, where one is named in the query or, by a client that was cut off, in
/// `Last-Event-ID`.
pub(crate) async fn stream(
    State(host): State<Shared>,
    headers: HeaderMap,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let Query(wanted) = wanted.map_err(|rejection| Problem::malformed_query(&rejection))?;
    let queue = host.videogen.queue();
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let after = match last.or(wanted.after) {
        Some(after) => after,
        None => queue.last_event().await?,
    };
    let filter = EventFilter::default()
        .of_task(wanted.task_id.map(TaskId::from))
        .of_project(wanted.project_id.map(ProjectId::from));
    let told = queue.events(after, filter).map(|told| {
        Ok(match told {
            Ok(told) => {
                let view = EventView::from(&told);
                let event = Event::default().id(view.seq.to_string()).event(view.event);
                event.json_data(&view).unwrap_or_default()
            }
            // The client takes it up again, from the last number it has seen.
            Err(error) => Event::default().event("error").data(json!({ "message": error.to_string() }).to_string()),
        })
    });
    Ok(Sse::new(told).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}
