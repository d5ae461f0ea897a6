//! The middleware around all routes that lets faults strike.

use axum::extract::{Request, State};
use axum::http::{StatusCode, header::RANGE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::body::detail;
use crate::faults::exchange::Exchange;
use crate::faults::fault::Fault;
use crate::faults::{answer, body, header};
use crate::front::Cut;
use crate::shared::SharedState;

/// In the extensions of an answer, for the request log: the names of the faults that struck it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FaultHits(pub(crate) Vec<&'static str>);

/// Lets the chosen faults strike in their order, each on what the former left. What the emulator itself serves is spared.
pub(crate) async fn inject(State(shared): State<SharedState>, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/emulator/") {
        return next.run(request).await;
    }
    let asked = match header::asked(request.headers()) {
        Ok(asked) => asked,
        Err(mistake) => return detail(StatusCode::BAD_REQUEST, &format!("{}: {mistake}", header::NAME)),
    };
    let exchange = Exchange::of(&request, &shared.board);
    let faults = shared.faults.for_exchange(&exchange, asked);
    if faults.contains(&Fault::RangeIgnored) {
        request.headers_mut().remove(RANGE);
    }
    let handled = if faults.iter().all(Fault::lets_through) { next.run(request).await } else { Response::default() };
    let mut answer = faults.iter().fold(handled, |answer, fault| strike(fault, answer, &exchange));
    if !faults.is_empty() {
        answer.extensions_mut().insert(FaultHits(faults.iter().map(Fault::name).collect()));
    }
    answer
}

fn strike(fault: &Fault, answer: Response, exchange: &Exchange) -> Response {
    match fault {
        Fault::ResetBeforeAccept => Cut::Reset.into_response(),
        Fault::ReplyLost => Cut::Close.into_response(),
        Fault::SlowBody { bytes_per_second } => body::dripping(answer, *bytes_per_second),
        Fault::StalledBody => body::stalled(answer),
        Fault::TruncatedDownload { at } => body::truncated(answer, *at),
        // Its work was done before the request was handled.
        Fault::RangeIgnored => answer,
        Fault::StreamCut { events } => body::cut_after(answer, *events),
        _ => answer::in_place_of(answer, fault, exchange),
    }
}
