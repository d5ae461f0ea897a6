//! Videos that were made and paid for, by what was asked for.

/// A video that was made and paid for, and where its file was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinishedVideo {
    /// What tells the request from every other.
    pub fingerprint: String,
    /// Where its store is: [`AssetStore::place`](crate::AssetStore::place).
    pub place: String,
    /// What its file is called there.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    pub content_hash: String,
}
