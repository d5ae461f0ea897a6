//! Bytes on their way in: written to a file of their own as they come, which is gone again unless it is kept.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::Body;
use axum::http::StatusCode;
use data_encoding::HEXLOWER;
use futures::StreamExt;
use tempfile::{NamedTempFile, TempPath};
use tokio::io::AsyncWriteExt;

use super::refusal::Refusal;
use crate::state_dir::StateDir;

/// A body that has come in whole.
#[derive(Debug)]
pub(super) struct Incoming {
    file: NamedTempFile,
    /// Bytes.
    pub(super) size: u64,
    /// SHA-256, in hexadecimal; nothing of a file that was put together here.
    digest: String,
}

impl Incoming {
    /// Takes a body in, a piece at a time. One that is cut or empty leaves nothing.
    pub(super) async fn receive(state: &StateDir, body: Body) -> Result<Self, Refusal> {
        let file = state.scratch().map_err(|_| Refusal::not_stored())?;
        let (size, digest) = copy(body, &file).await?;
        if size == 0 {
            let message = "Content length appears to be zero - refusing to proceed";
            return Err(Refusal::detail(StatusCode::BAD_REQUEST, message));
        }
        Ok(Self { file, size, digest })
    }

    /// Bytes that were made here. Blocks on the disk.
    pub(super) fn of(state: &StateDir, bytes: &[u8]) -> io::Result<Self> {
        let mut file = state.scratch()?;
        file.write_all(bytes)?;
        Ok(Self { file, size: bytes.len() as u64, digest: String::new() })
    }

    /// The parts one after the other. Blocks on the disk.
    pub(super) fn joined<'a>(state: &StateDir, parts: impl Iterator<Item = &'a Path>) -> io::Result<Self> {
        let (mut file, mut size) = (state.scratch()?, 0);
        for part in parts {
            size += io::copy(&mut File::open(part)?, file.as_file_mut())?;
        }
        Ok(Self { file, size, digest: String::new() })
    }

    /// Moves it to its place. Blocks on the disk.
    pub(super) fn keep(self, state: &StateDir, path: &Path) -> io::Result<()> {
        state.keep(self.file, path)
    }

    /// Closes it, to be used as a part: its path, which deletes it when dropped, and its hash.
    pub(super) fn into_part(self) -> (TempPath, String) {
        (self.file.into_temp_path(), self.digest)
    }
}

async fn copy(body: Body, file: &NamedTempFile) -> Result<(u64, String), Refusal> {
    let file = file.reopen().map_err(|_| Refusal::not_stored())?;
    let mut file = tokio::fs::File::from_std(file);
    let (mut size, mut digest) = (0, Context::new(&SHA256));
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::detail(StatusCode::BAD_REQUEST, "The body was cut"))?;
        size += chunk.len() as u64;
        digest.update(&chunk);
        file.write_all(&chunk).await.map_err(|_| Refusal::not_stored())?;
    }
    file.flush().await.map_err(|_| Refusal::not_stored())?;
    Ok((size, HEXLOWER.encode(digest.finish().as_ref())))
}

/// Lets a body through where its sender may send it. A refused one is read to its end all the same: a client that is
/// cut off while it sends never gets to read why.
pub(super) async fn admit<T>(admitted: Result<T, Refusal>, body: Body) -> Result<(T, Body), Refusal> {
    match admitted {
        Ok(admitted) => Ok((admitted, body)),
        Err(refusal) => {
            let mut chunks = body.into_data_stream();
            while let Some(Ok(_)) = chunks.next().await {}
            Err(refusal)
        }
    }
}
