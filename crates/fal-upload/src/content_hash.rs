//! SHA-256 of content, in a stream.

use std::fmt;
use std::io::Read;

use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use data_encoding::HEXLOWER;

/// SHA-256 of some content. `Display` writes it in lower-case hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash([u8; SHA256_OUTPUT_LEN]);

impl ContentHash {
    /// The hash of bytes in memory.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = ContentHasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// A hash that was kept as bytes.
    pub(crate) fn from_bytes(bytes: [u8; SHA256_OUTPUT_LEN]) -> Self {
        Self(bytes)
    }

    /// The hash as bytes, for keeping.
    pub(crate) fn as_bytes(&self) -> &[u8; SHA256_OUTPUT_LEN] {
        &self.0
    }

    /// The hash of everything that a reader gives, read in pieces. Blocks.
    pub(crate) fn of_reader(mut reader: impl Read) -> std::io::Result<Self> {
        const PIECE: usize = 256 << 10;
        let mut hasher = ContentHasher::default();
        let mut piece = vec![0; PIECE];
        loop {
            match reader.read(&mut piece)? {
                0 => return Ok(hasher.finish()),
                length => hasher.update(&piece[..length]),
            }
        }
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Builds a [`ContentHash`] piece by piece.
#[derive(Clone)]
pub struct ContentHasher(Context);

impl Default for ContentHasher {
    fn default() -> Self {
        Self(Context::new(&SHA256))
    }
}

impl ContentHasher {
    /// Takes in the next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of all pieces.
    pub fn finish(self) -> ContentHash {
        let mut hash = [0; SHA256_OUTPUT_LEN];
        hash.copy_from_slice(self.0.finish().as_ref());
        ContentHash(hash)
    }
}

impl fmt::Debug for ContentHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ContentHasher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn pieces_and_streams_give_the_published_hash() {
        let mut pieces = ContentHasher::default();
        pieces.update(b"a");
        pieces.update(b"bc");
        assert_eq!(pieces.finish().to_string(), ABC);
        assert_eq!(ContentHash::of_reader(&b"abc"[..]).unwrap().to_string(), ABC);
        assert_eq!(ContentHash::of(b"abc").to_string(), ABC);
    }
}
