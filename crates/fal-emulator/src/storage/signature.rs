//! The signatures in signed URLs: the end of the time, and proof that this emulator wrote it.

use std::path::PathBuf;

use aws_lc_rs::{hmac, rand};
use data_encoding::HEXLOWER;
use jiff::Timestamp;

use crate::error::Error;
use crate::state_dir::StateDir;

const KEY_BYTES: usize = 32;

/// Signs and verifies; the key outlives a restart, so that signed URLs do.
pub(super) struct Signer {
    key: hmac::Key,
}

impl Signer {
    pub(super) fn open(state: &StateDir) -> Result<Self, Error> {
        let path = state.root().join("signing-key");
        let kept = std::fs::read(&path).ok().filter(|key| key.len() == KEY_BYTES);
        let key = match kept {
            Some(key) => key,
            None => new_key(state, path)?,
        };
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key) })
    }

    /// The value of `identity` in a URL of this file that is good until then.
    pub(super) fn sign(&self, file_id: &str, end: Timestamp) -> String {
        let end = end.as_second();
        let tag = hmac::sign(&self.key, signed_text(file_id, end).as_bytes());
        format!("{end}.{}", HEXLOWER.encode(tag.as_ref()))
    }

    pub(super) fn verifies(&self, file_id: &str, identity: &str, now: Timestamp) -> bool {
        let Some((end, tag)) = identity.split_once('.') else { return false };
        let (Ok(end), Ok(tag)) = (end.parse::<i64>(), HEXLOWER.decode(tag.as_bytes())) else { return false };
        now.as_second() < end && hmac::verify(&self.key, signed_text(file_id, end).as_bytes(), &tag).is_ok()
    }
}

fn new_key(state: &StateDir, path: PathBuf) -> Result<Vec<u8>, Error> {
    let mut key = vec![0; KEY_BYTES];
    let filled = rand::fill(&mut key).map_err(|_| std::io::Error::other("no randomness"));
    filled.and_then(|()| state.write(&path, &key)).map_err(|source| Error::State { path, source })?;
    Ok(key)
}

fn signed_text(file_id: &str, end: i64) -> String {
    format!("{file_id} until {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_one_file_until_its_end() {
        let signer = Signer { key: hmac::Key::new(hmac::HMAC_SHA256, &[7; KEY_BYTES]) };
        let at = |second| Timestamp::from_second(second).expect("is a time");
        let identity = signer.sign("file", at(100));
        assert!(signer.verifies("file", &identity, at(99)));
        assert!(!signer.verifies("file", &identity, at(100)));
        assert!(!signer.verifies("other", &identity, at(99)));
        assert!(!signer.verifies("file", &identity.replace("100.", "999."), at(99)));
        for other in ["", ".", "100.", "100.zz", "x.00"] {
            assert!(!signer.verifies("file", other, at(99)), "{other}");
        }
    }
}
