//! Secrets of an emulator: random bytes that a state folder keeps from one start to the next.

use std::{fs, io};

use aws_lc_rs::rand;

use crate::error::Error;
use crate::state_dir::StateDir;

pub(crate) type Secret = [u8; 32];

/// The secret of this name, made at the first start. A file that is none is replaced.
pub(crate) fn kept(state: &StateDir, name: &str) -> Result<Secret, Error> {
    let path = state.root().join(name);
    if let Some(secret) = fs::read(&path).ok().and_then(|bytes| bytes.try_into().ok()) {
        return Ok(secret);
    }
    let mut secret = Secret::default();
    let filled = rand::fill(&mut secret).map_err(|_| io::Error::other("no randomness"));
    filled.and_then(|()| state.write(&path, &secret)).map_err(|source| Error::State { path, source })?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_kept_unless_its_file_is_damaged() {
        let (state, _lock) = StateDir::open(None).expect("opens");
        let first = kept(&state, "one").expect("is made");
        assert_eq!(kept(&state, "one").expect("is read"), first);
        assert_ne!(kept(&state, "another").expect("is made"), first);
        fs::write(state.root().join("one"), b"short").expect("is written");
        assert_ne!(kept(&state, "one").expect("is made anew"), first);
    }
}
