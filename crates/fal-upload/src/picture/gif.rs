//! The header of a GIF: the size of its screen, and whether it is told to repeat.

use std::io::{Read, Seek};

use super::Orientation;
use super::header::{Header, HeaderError, HeaderReader};

pub(super) fn read(from: &mut HeaderReader<impl Read + Seek>) -> Result<Header, HeaderError> {
    from.skip(6)?;
    let [width, height] = [from.array()?, from.array()?].map(u16::from_le_bytes);
    let [flags, _, _] = from.array()?;
    let colours = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) };
    from.skip(colours)?;
    let animated = repeats(from)?;
    Ok(Header { width: width.into(), height: height.into(), orientation: Orientation::UPRIGHT, animated })
}

/// Whether one of the extensions before the first picture says that all are shown again.
fn repeats(from: &mut HeaderReader<impl Read + Seek>) -> Result<bool, HeaderError> {
    loop {
        match from.array()? {
            [b','] | [b';'] => return Ok(false),
            [b'!'] => {}
            _ => return Err(HeaderError::Damaged("a block of it is of no known kind")),
        }
        let [label] = from.array()?;
        let mut first = true;
        loop {
            from.step()?;
            let [length] = from.array()?;
            if length == 0 {
                break;
            }
            let block = from.piece(length.into())?;
            if first && label == 0xff && matches!(block.as_slice(), b"NETSCAPE2.0" | b"ANIMEXTS1.0") {
                return Ok(true);
            }
            first = false;
        }
    }
}
