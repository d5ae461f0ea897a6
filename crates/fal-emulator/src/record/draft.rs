//! An exchange while it happens. It is written when it ends, and also when it is broken off.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use tokio::time::Instant;

use crate::error::Error;
use crate::host_class::HostClass;
use crate::record::body_kind::file_name;
use crate::record::desk::{Desk, Place};
use crate::record::exchange::{Answer, Body, Call, Event, Exchange, FORMAT};
use crate::record::headers;
use crate::record::incoming::Incoming;
use crate::record::json_text::{is_json, map_strings};
use crate::record::tape::Tape;

/// One exchange. Where it is dropped before its end, it is written as cut.
pub(super) struct Draft {
    sheet: Option<Sheet>,
}

struct Sheet {
    place: Place,
    call: Call,
    head: Option<Head>,
    tape: Tape,
}

struct Head {
    status: StatusCode,
    headers: HeaderMap,
    arrived: Instant,
}

impl Draft {
    pub(super) fn begin(desk: &Arc<Desk>, incoming: &Incoming) -> Self {
        let place = desk.place();
        let call = incoming.call(&format!("{:05}-request", place.sequence), &desk.cleaner);
        Self { sheet: Some(Sheet { place, call, head: None, tape: Tape::default() }) }
    }

    /// The head of the answer is there.
    pub(super) fn answered(&mut self, status: StatusCode, headers: HeaderMap, tape: Tape) {
        if let Some(sheet) = &mut self.sheet {
            sheet.head = Some(Head { status, headers, arrived: Instant::now() });
            sheet.tape = tape;
        }
    }

    /// A piece of the body is there.
    pub(super) fn add(&mut self, piece: &[u8]) {
        if let Some(Sheet { place, tape, .. }) = &mut self.sheet
            && let Err(error) = tape.add(piece, &place.desk.folder)
        {
            *tape = Tape::Unreadable;
            place.desk.note(error);
        }
    }

    /// A server-sent event is there.
    pub(super) fn add_event(&mut self, event: &str) {
        if let Some(Sheet { head: Some(head), tape, .. }) = &mut self.sheet {
            let at_ms = u64::try_from(head.arrived.elapsed().as_millis()).unwrap_or(u64::MAX);
            tape.add_event(at_ms, event);
        }
    }

    /// Writes the exchange, whole or cut.
    pub(super) async fn finish(mut self, is_cut: bool) {
        if let Some(sheet) = self.sheet.take() {
            // The writing goes on where the client leaves meanwhile.
            let _ = tokio::task::spawn_blocking(move || sheet.write(is_cut)).await;
        }
    }

    /// Leaves no trace.
    pub(super) fn forget(mut self) {
        self.sheet = None;
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(sheet) = self.sheet.take() {
            sheet.write(true);
        }
    }
}

impl Sheet {
    /// Blocks on the disk.
    fn write(self, is_cut: bool) {
        let Self { place, call, head, tape } = self;
        let desk = &place.desk;
        let exchange = Exchange {
            format: FORMAT,
            sequence: place.sequence,
            at: place.at,
            cut: is_cut || matches!(tape, Tape::Unreadable),
            request: call,
            answer: None,
            unknown_hosts: BTreeSet::new(),
        };
        desk.write(match head {
            Some(head) => exchange.answered(&head, tape, desk),
            None => Ok(exchange),
        });
    }
}

impl Exchange {
    fn answered(mut self, head: &Head, tape: Tape, desk: &Desk) -> Result<Self, Error> {
        desk.cleaner.learn(&head.headers);
        let (stem, content_type) = (format!("{:05}-answer", self.sequence), headers::content_type(&head.headers));
        let body = match tape {
            Tape::Memory(bytes) => self.body(&bytes.into(), &stem, content_type, desk),
            Tape::Disk(spool) => Some(Body::File(spool.keep(&desk.folder, file_name(&stem, content_type))?)),
            Tape::Events { events, .. } => Some(self.events(&events, desk)),
            Tape::Unreadable => None,
        };
        let mut headers = headers::answered(&head.headers, &desk.cleaner);
        if self.request.method == Method::HEAD.as_str()
            && let Some(length) = head.headers.get(header::CONTENT_LENGTH)
        {
            headers.insert(header::CONTENT_LENGTH.to_string(), String::from_utf8_lossy(length.as_bytes()).into_owned());
        }
        self.answer = Some(Answer { status: head.status.as_u16(), headers, body });
        Ok(self)
    }

    fn body(&mut self, bytes: &Bytes, stem: &str, content_type: &str, desk: &Desk) -> Option<Body> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        // Tokens for browsers are a bare string.
        if self.request.host_class == HostClass::Rest
            && self.request.path.starts_with("/tokens")
            && text.starts_with('"')
        {
            desk.cleaner.learn_secret(text.trim_matches('"'));
        }
        self.note_unknown_hosts(text, desk);
        let of = if self.cut { Body::of_cut } else { Body::of };
        of(bytes, stem, content_type, &desk.cleaner)
    }

    fn events(&mut self, events: &[(u64, String)], desk: &Desk) -> Body {
        let lines = events.iter().flat_map(|(_, event)| event.lines());
        for data in lines.filter_map(|line| line.strip_prefix("data:")) {
            self.note_unknown_hosts(data, desk);
        }
        Body::Events(events.iter().map(|(at_ms, event)| Event::of(*at_ms, event, &desk.cleaner)).collect())
    }

    fn note_unknown_hosts(&mut self, text: &str, desk: &Desk) {
        if is_json(text) {
            map_strings(text, |_, value| {
                self.unknown_hosts.extend(desk.cleaner.addresses.unknown_host(value));
                None
            });
        }
    }
}
