//! Uploads that come in parts: those that are open, with the parts each has so far.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use tempfile::TempPath;
use tokio::sync::Notify;
use uuid::Uuid;

use super::file_record::Draft;
use super::incoming::Incoming;
use super::refusal::Refusal;
use crate::clock::Clock;

/// How long an upload may stay open; then its parts are deleted. fal's own time is not published.
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// The number of the last part that fal takes.
const LAST_PART: u32 = 10_000;

/// Every upload that was begun and is neither complete nor abandoned. They end with the emulator, parts included.
pub(crate) struct Multiparts {
    clock: Clock,
    open: Mutex<HashMap<String, Multipart>>,
    /// Told when an upload was begun.
    pub(super) changed: Notify,
}

/// One open upload.
pub(super) struct Multipart {
    pub(super) draft: Draft,
    ticket: String,
    /// When it counts as abandoned.
    end: Timestamp,
    parts: BTreeMap<u32, Part>,
}

struct Part {
    /// Deletes the file when it is dropped.
    file: TempPath,
    etag: String,
}

/// What the client of a new upload needs.
pub(super) struct Begun {
    pub(super) upload_id: String,
    /// Stands for the token in an upload URL.
    pub(super) ticket: String,
}

/// A part as the client lists it at the end.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    part_number: u32,
    etag: String,
}

impl Multiparts {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, open: Mutex::default(), changed: Notify::new() }
    }

    pub(super) fn begin(&self, draft: Draft) -> Begun {
        let id = || Uuid::now_v7().simple().to_string();
        let begun = Begun { upload_id: id(), ticket: id() };
        let upload =
            Multipart { draft, ticket: begun.ticket.clone(), end: self.clock.after(LIFE), parts: BTreeMap::new() };
        self.insert(begun.upload_id.clone(), upload);
        begun
    }

    /// Passes a request that names an open upload of this file, and its ticket where it names one.
    pub(super) fn check(&self, upload_id: &str, file_id: &str, ticket: Option<&str>) -> Result<(), Refusal> {
        self.with(upload_id, |upload| {
            if upload.draft.record.id != file_id {
                return Err(unknown());
            }
            match ticket {
                Some(ticket) if ticket != upload.ticket => {
                    Err(Refusal::detail(StatusCode::FORBIDDEN, "The upload URL is unknown"))
                }
                _ => Ok(()),
            }
        })
    }

    /// Takes a part in, in the place of an earlier one of that number, and gives its etag.
    pub(super) fn put(&self, upload_id: &str, number: u32, incoming: Incoming) -> Result<String, Refusal> {
        let (file, etag) = incoming.into_part();
        self.with(upload_id, |upload| {
            upload.parts.insert(number, Part { file, etag: etag.clone() });
            Ok(etag)
        })
    }

    /// Closes an upload whose parts are as listed; otherwise it stays open, with all it has.
    pub(super) fn take(&self, upload_id: &str, listed: Vec<Listed>) -> Result<Multipart, Refusal> {
        // Under one lock, so that no part changes once it was compared.
        let mut open = self.lock();
        open.get(upload_id).ok_or_else(unknown)?.compare(listed)?;
        open.remove(upload_id).ok_or_else(unknown)
    }

    /// Opens an upload, again where it could not be stored.
    pub(super) fn insert(&self, upload_id: String, upload: Multipart) {
        self.lock().insert(upload_id, upload);
        self.changed.notify_one();
    }

    /// Forgets what was begun too long ago.
    pub(super) fn sweep(&self) {
        let now = self.clock.now();
        self.lock().retain(|_, upload| upload.end > now);
    }

    /// When the next upload counts as abandoned.
    pub(super) fn next_end(&self) -> Option<Timestamp> {
        self.lock().values().map(|upload| upload.end).min()
    }

    /// Forgets every upload.
    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn with<T>(&self, upload_id: &str, act: impl FnOnce(&mut Multipart) -> Result<T, Refusal>) -> Result<T, Refusal> {
        self.sweep();
        act(self.lock().get_mut(upload_id).ok_or_else(unknown)?)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Multipart>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Multipart {
    /// The files of the parts, in order.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.parts.values().map(|part| &*part.file)
    }

    /// Passes a list, in any order, that names every part once, from 1 on and without a gap.
    fn compare(&self, mut listed: Vec<Listed>) -> Result<(), Refusal> {
        listed.sort_by_key(|part| part.part_number);
        let wrong = |message: String| Err(Refusal::detail(StatusCode::BAD_REQUEST, message));
        if listed.is_empty() {
            return wrong("No parts are listed".to_owned());
        }
        for (number, part) in (1..).zip(&listed) {
            if part.part_number != number {
                return wrong(format!("Part {number} is missing from the list, or another one is named twice"));
            }
            match self.parts.get(&number) {
                None => return wrong(format!("Part {number} was not sent")),
                Some(sent) if sent.etag != part.etag.trim_matches('"') => {
                    return wrong(format!("Part {number} has another etag"));
                }
                Some(_) => {}
            }
        }
        if self.parts.len() > listed.len() {
            return wrong("A part was sent that is not listed".to_owned());
        }
        Ok(())
    }
}

/// The number in the path of a part.
pub(super) fn part_number(text: &str) -> Result<u32, Refusal> {
    let number = text.parse().ok().filter(|number| (1..=LAST_PART).contains(number));
    let message = format!("The part number must be from 1 to {LAST_PART}");
    number.ok_or_else(|| Refusal::detail(StatusCode::BAD_REQUEST, message))
}

fn unknown() -> Refusal {
    Refusal::detail(StatusCode::NOT_FOUND, "Upload not found: it is unknown, complete or abandoned")
}
