//! The signatures in signed URLs: the end of the time, and proof that this emulator wrote it.

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use jiff::Timestamp;

use crate::error::Error;
use crate::secret;
use crate::state_dir::StateDir;

/// Signs and verifies; the key outlives a restart, so that signed URLs do.
pub(super) struct Signer {
    key: hmac::Key,
}

impl Signer {
    pub(super) fn open(state: &StateDir) -> Result<Self, Error> {
        let key = secret::kept(state, "signing-key")?;
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

fn signed_text(file_id: &str, end: i64) -> String {
    format!("{file_id} until {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_one_file_until_its_end() {
        let signer = Signer { key: hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]) };
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
