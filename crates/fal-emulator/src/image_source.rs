//! Finds the bytes behind an image URL: a file of this emulator or a data URI. The network is never touched.

use data_encoding::BASE64;

use crate::storage::{FileAddress, Files};

/// The bytes behind the URL; `None` where fal could not have downloaded it. Blocks on the disk.
pub(crate) fn load(url: &str, files: &Files) -> Option<Vec<u8>> {
    if let Some(data) = url.strip_prefix("data:") {
        let (_, encoded) = data.split_once(";base64,")?;
        return BASE64.decode(encoded.trim().as_bytes()).ok();
    }
    let address = FileAddress::parse(url)?;
    files.bytes(address.id, address.identity())
}
