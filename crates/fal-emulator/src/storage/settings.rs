//! The account's own wishes for new files: `GET` and `PUT /v1/storage/settings`.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::acl::Acl;
use crate::body;
use crate::error::Error;
use crate::platform::{Refusal, json_body, require_key};
use crate::shared::SharedState;
use crate::state_dir::{StateDir, read_or_set_aside};

/// How many seconds a file lives on a new account: the seven days that fal keeps files at least.
const NEW_ACCOUNT: NonZeroU64 = NonZeroU64::new(7 * 24 * 60 * 60).expect("is not 0");

/// What holds for a file whose upload asked for nothing else. Where a field is empty, files are public and never expire.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    #[serde(default)]
    pub(super) expiration_duration_seconds: Option<NonZeroU64>,
    #[serde(default)]
    pub(super) initial_acl: Option<Acl>,
}

/// The settings in force, in memory and on disk.
pub(super) struct Account {
    state: Arc<StateDir>,
    settings: Mutex<Settings>,
}

impl Account {
    /// Reads the settings; an account that has neither these nor a file is new, and gets its own.
    pub(super) fn open(state: Arc<StateDir>, has_files: bool) -> Result<Self, Error> {
        let path = path(&state);
        if !has_files && !path.exists() {
            let own = Settings { expiration_duration_seconds: Some(NEW_ACCOUNT), initial_acl: None };
            state.write_record(&path, &own).map_err(|source| Error::State { path: path.clone(), source })?;
        }
        let settings = if path.exists() { read_or_set_aside(&path)? } else { None };
        Ok(Self { settings: Mutex::new(settings.unwrap_or_default()), state })
    }

    pub(super) fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Blocks on the disk.
    fn replace(&self, new: Settings) -> std::io::Result<()> {
        let mut settings = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        self.state.write_record(&path(&self.state), &new)?;
        *settings = new;
        Ok(())
    }
}

fn path(state: &StateDir) -> PathBuf {
    state.root().join("storage-settings.json")
}

pub(super) async fn show(State(shared): State<SharedState>, headers: HeaderMap) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    Ok(shown(&shared))
}

/// Replaces all settings; what is left out is reset.
pub(super) async fn replace(
    State(shared): State<SharedState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    require_key(&shared, &headers)?;
    let new: Settings = json_body(body).await?;
    let files = Arc::clone(&shared);
    let saved = tokio::task::spawn_blocking(move || files.files.account.replace(new)).await;
    if matches!(saved, Ok(Ok(()))) { Ok(shown(&shared)) } else { Err(Refusal::not_saved()) }
}

fn shown(shared: &SharedState) -> Response {
    body::json(StatusCode::OK, &json!(shared.files.account.settings()))
}
