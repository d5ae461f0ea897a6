//! How generations and their events are stored: as JSON with a version.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Generation, GenerationEvent};

/// The version that is written. Raised when what is written can no longer be read by programs that know the one before;
/// a field that is added is passed over by those, and read as its default where it is missing.
const VERSION: u32 = 1;

/// A generation or an event that cannot be stored, or cannot be brought back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoredFormError {
    /// A later program has written it.
    #[error("it was stored in version {found}, and this program knows versions up to {VERSION}")]
    LaterVersion {
        /// The version that was written.
        found: u32,
    },
    /// It cannot be written as JSON, or what is there is not what it should be.
    #[error("it cannot be stored, or is not what was stored")]
    Json(#[from] serde_json::Error),
}

#[derive(Serialize)]
struct Written<'a, T> {
    version: u32,
    #[serde(flatten)]
    content: &'a T,
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Generation {
    /// The generation as it is stored: one line of JSON. It holds prompts and signed addresses.
    ///
    /// # Errors
    /// When the path of a picture is no Unicode.
    pub fn to_json(&self) -> Result<String, StoredFormError> {
        written(self)
    }

    /// Brings back what [`to_json`](Self::to_json) has written, by this version or an earlier one.
    ///
    /// # Errors
    /// When a later version wrote it, or it is not whole.
    pub fn from_json(text: &str) -> Result<Self, StoredFormError> {
        read(text)
    }
}

impl GenerationEvent {
    /// The event as it is stored: one line of JSON. It may hold signed addresses.
    ///
    /// # Errors
    /// None that is known.
    pub fn to_json(&self) -> Result<String, StoredFormError> {
        written(self)
    }

    /// Brings back what [`to_json`](Self::to_json) has written, by this version or an earlier one.
    ///
    /// # Errors
    /// When a later version wrote it, or it is not whole.
    pub fn from_json(text: &str) -> Result<Self, StoredFormError> {
        read(text)
    }
}

fn written<T: Serialize>(content: &T) -> Result<String, StoredFormError> {
    Ok(serde_json::to_string(&Written { version: VERSION, content })?)
}

/// The version is looked at first: of a later one nothing else can be relied on.
fn read<T: DeserializeOwned>(text: &str) -> Result<T, StoredFormError> {
    let Version { version } = serde_json::from_str(text)?;
    if VERSION < version {
        return Err(StoredFormError::LaterVersion { found: version });
    }
    Ok(serde_json::from_str(text)?)
}
