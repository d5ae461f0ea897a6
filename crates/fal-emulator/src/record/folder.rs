//! The folder of a recording: its files are written whole or not at all, and read with every doubt told.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use data_encoding::HEXLOWER;
use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::error::Error;
use crate::record::exchange::{Body, BodyFile, Exchange, FORMAT};
use crate::record::json_text::spread;

/// Bytes read at a time while a hash is taken.
const CHUNK: usize = 64 * 1024;

/// A folder with one file per exchange, and one per body that is not text.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// A folder to record into, made where it is missing. It must hold no exchange yet. Blocks on the disk.
    pub(super) fn create(path: PathBuf) -> Result<Self, Error> {
        fs::create_dir_all(&path).map_err(|source| Error::Recording { path: path.clone(), source })?;
        let folder = Self { path };
        if folder.exchange_files()?.is_empty() { Ok(folder) } else { Err(Error::NotEmpty { path: folder.path }) }
    }

    /// All exchanges of a recording in their order, each checked against its files. Blocks on the disk.
    pub(super) fn open(path: PathBuf) -> Result<(Self, Vec<Exchange>), Error> {
        let folder = Self { path };
        let mut exchanges = Vec::new();
        for path in folder.exchange_files()? {
            let exchange = read(&path)?;
            for file in exchange.files() {
                folder.check(file)?;
            }
            exchanges.push(exchange);
        }
        exchanges.sort_by_key(|exchange| exchange.sequence);
        if exchanges.is_empty() { Err(Error::NothingRecorded { path: folder.path }) } else { Ok((folder, exchanges)) }
    }

    /// Where a file of a body is. Only for names that have been [checked](Self::open).
    pub(super) fn file(&self, file: &BodyFile) -> PathBuf {
        self.path.join(&file.name)
    }

    /// Writes one exchange; its bodies are there before it. Blocks on the disk.
    pub(super) fn write(&self, exchange: &Exchange) -> Result<(), Error> {
        for body in exchange.files() {
            if let Some(content) = &body.content {
                self.write_file(&body.name, content)?;
            }
        }
        let name = format!("{:05}-{}.json", exchange.sequence, exchange.request.host_class);
        let text = serde_json::to_string(exchange)
            .map_err(|error| Error::Recording { path: self.path.join(&name), source: error.into() })?;
        self.write_file(&name, spread(&text).as_bytes())
    }

    fn write_file(&self, name: &str, content: &[u8]) -> Result<(), Error> {
        let mut file = self.spool()?;
        file.write_all(content).map_err(|source| Error::Recording { path: self.path.join(name), source })?;
        self.keep(file, name)
    }

    /// A file that becomes part of the recording when it is [kept](Self::keep).
    pub(super) fn spool(&self) -> Result<NamedTempFile, Error> {
        NamedTempFile::new_in(&self.path).map_err(|source| Error::Recording { path: self.path.clone(), source })
    }

    /// Gives a spooled file its name. Blocks on the disk.
    pub(super) fn keep(&self, file: NamedTempFile, name: &str) -> Result<(), Error> {
        let path = self.path.join(name);
        let fail = |source| Error::Recording { path: path.clone(), source };
        file.as_file().sync_all().map_err(fail)?;
        // Two recorders in one folder must not write over each other.
        file.persist_noclobber(&path).map_err(|error| fail(error.error))?;
        Ok(())
    }

    fn exchange_files(&self) -> Result<Vec<PathBuf>, Error> {
        let fail = |source| Error::Recording { path: self.path.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(fail)? {
            let path = entry.map_err(fail)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        Ok(files)
    }

    fn check(&self, file: &BodyFile) -> Result<(), Error> {
        let path = self.file(file);
        // A name that leads elsewhere is no name that was recorded.
        if Path::new(&file.name).file_name() != Some(file.name.as_ref()) {
            return Err(Error::DamagedBody { path });
        }
        let found = digest(&path).map_err(|source| Error::Recording { path: path.clone(), source })?;
        if found == (file.bytes, file.sha256.clone()) { Ok(()) } else { Err(Error::DamagedBody { path }) }
    }
}

impl Exchange {
    fn files(&self) -> impl Iterator<Item = &BodyFile> {
        let bodies = [self.request.body.as_ref(), self.answer.as_ref().and_then(|answer| answer.body.as_ref())];
        bodies.into_iter().flatten().filter_map(|body| match body {
            Body::File(file) => Some(file),
            _ => None,
        })
    }
}

fn read(path: &Path) -> Result<Exchange, Error> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let text = fs::read_to_string(path).map_err(|source| Error::Recording { path: path.to_owned(), source })?;
    let damaged =
        |error: serde_json::Error| Error::Damaged { path: path.to_owned(), line: error.line(), source: error.into() };
    let Version { format } = serde_json::from_str(&text).map_err(damaged)?;
    if format != FORMAT {
        return Err(Error::RecordingFormat { path: path.to_owned(), found: format, known: FORMAT });
    }
    serde_json::from_str(&text).map_err(damaged)
}

fn digest(path: &Path) -> io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let (mut hash, mut bytes, mut chunk) = (Context::new(&SHA256), 0, vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((bytes, HEXLOWER.encode(hash.finish().as_ref()))),
            read => {
                hash.update(&chunk[..read]);
                bytes += read as u64;
            }
        }
    }
}
