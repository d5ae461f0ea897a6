//! Uploads that were initiated and not yet sent: each is good for one `PUT`.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use crate::files::FileRecord;

/// The open uploads by their secret.
#[derive(Default)]
pub(crate) struct Tickets {
    open: Mutex<HashMap<String, FileRecord>>,
}

impl Tickets {
    pub(crate) fn issue(&self, record: FileRecord) -> String {
        let ticket = Uuid::now_v7().simple().to_string();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(ticket.clone(), record);
        ticket
    }

    /// The file that may be sent with this ticket; it is used up.
    pub(crate) fn redeem(&self, ticket: &str, file_id: &str) -> Option<FileRecord> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.get(ticket)?.id == file_id { open.remove(ticket) } else { None }
    }
}
