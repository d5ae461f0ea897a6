//! Uploads that were initiated and not yet sent: each is good for one file.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::file_record::Draft;

/// The open uploads by their secret.
#[derive(Default)]
pub(crate) struct Tickets {
    open: Mutex<HashMap<String, Draft>>,
}

impl Tickets {
    pub(super) fn issue(&self, draft: Draft) -> String {
        let ticket = Uuid::now_v7().simple().to_string();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket.clone(), draft);
        ticket
    }

    /// Whether this file may be sent with this ticket.
    pub(super) fn admits(&self, ticket: &str, file_id: &str) -> bool {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(ticket).is_some_and(|draft| draft.record.id == file_id)
    }

    /// Uses the ticket up; `None` where another upload was faster.
    pub(super) fn redeem(&self, ticket: &str) -> Option<Draft> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(ticket)
    }
}
