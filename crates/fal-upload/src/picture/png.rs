//! The header of a PNG: its first chunk, and those before the pixels.

use std::io::{Read, Seek};

use super::Orientation;
use super::header::{Header, HeaderError, HeaderReader};

/// A checksum follows each chunk.
const CHECKSUM: u64 = 4;

pub(super) fn read(from: &mut HeaderReader<impl Read + Seek>) -> Result<Header, HeaderError> {
    from.skip(8)?;
    let (13, [b'I', b'H', b'D', b'R']) = chunk(from)? else {
        return Err(HeaderError::Damaged("its first chunk is not IHDR"));
    };
    let [width, height] = [from.array()?, from.array()?].map(u32::from_be_bytes);
    from.skip(5 + CHECKSUM)?;
    let mut header = Header { width, height, orientation: Orientation::UPRIGHT, animated: false };
    loop {
        let (length, name) = chunk(from)?;
        match &name {
            b"IDAT" | b"IEND" => return Ok(header),
            b"eXIf" => {
                header.orientation = Orientation::of_exif(from.piece(length)?);
                from.skip(CHECKSUM)?;
                continue;
            }
            b"acTL" => header.animated = true,
            _ => {}
        }
        from.skip(length + CHECKSUM)?;
    }
}

fn chunk(from: &mut HeaderReader<impl Read + Seek>) -> Result<(u64, [u8; 4]), HeaderError> {
    from.step()?;
    Ok((u32::from_be_bytes(from.array()?).into(), from.array()?))
}
