//! The header of a WebP: its first chunk, and EXIF where that one says that there is some.

use std::io::{Read, Seek};

use super::Orientation;
use super::header::{Header, HeaderError, HeaderReader};

pub(super) fn read(from: &mut HeaderReader<impl Read + Seek>) -> Result<Header, HeaderError> {
    from.skip(4)?;
    let end = 8 + u64::from(u32::from_le_bytes(from.array()?));
    from.skip(4)?;
    let (name, length) = chunk(from)?;
    let (width, height) = match &name {
        b"VP8 " => lossy(from)?,
        b"VP8L" => lossless(from)?,
        b"VP8X" => return extended(from, length, end),
        _ => return Err(HeaderError::Damaged("its first chunk is of no known kind")),
    };
    Ok(Header { width, height, orientation: Orientation::UPRIGHT, animated: false })
}

/// The name of a chunk, and its length with the byte that makes it even.
fn chunk(from: &mut HeaderReader<impl Read + Seek>) -> Result<([u8; 4], u64), HeaderError> {
    from.step()?;
    Ok((from.array()?, u64::from(u32::from_le_bytes(from.array()?)).next_multiple_of(2)))
}

fn lossy(from: &mut HeaderReader<impl Read + Seek>) -> Result<(u32, u32), HeaderError> {
    let [first, _, _, 0x9d, 0x01, 0x2a] = from.array()? else {
        return Err(HeaderError::Damaged("its frame has no start code"));
    };
    if first & 1 != 0 {
        return Err(HeaderError::Damaged("its frame is no whole picture"));
    }
    // Two bits of each say how it is to be scaled, which nobody does.
    let [width, height] = [from.array()?, from.array()?].map(|side| u32::from(u16::from_le_bytes(side)) & 0x3fff);
    Ok((width, height))
}

fn lossless(from: &mut HeaderReader<impl Read + Seek>) -> Result<(u32, u32), HeaderError> {
    let [0x2f] = from.array()? else { return Err(HeaderError::Damaged("its picture has no signature")) };
    let sides = u32::from_le_bytes(from.array()?);
    Ok(((sides & 0x3fff) + 1, (sides >> 14 & 0x3fff) + 1))
}

fn extended(from: &mut HeaderReader<impl Read + Seek>, length: u64, end: u64) -> Result<Header, HeaderError> {
    const HAS_EXIF: u8 = 1 << 3;
    const IS_ANIMATED: u8 = 1 << 1;
    let [flags, _, _, _] = from.array()?;
    let [width, height] = [from.array()?, from.array()?].map(|[a, b, c]| u32::from_le_bytes([a, b, c, 0]) + 1);
    from.skip(length.checked_sub(10).ok_or(HeaderError::Damaged("its first chunk is too short"))?)?;
    let orientation = if flags & HAS_EXIF == 0 { Orientation::UPRIGHT } else { exif(from, end)? };
    Ok(Header { width, height, orientation, animated: flags & IS_ANIMATED != 0 })
}

/// EXIF comes after the pixels.
fn exif(from: &mut HeaderReader<impl Read + Seek>, end: u64) -> Result<Orientation, HeaderError> {
    while from.position()? < end {
        let (name, length) = chunk(from)?;
        if &name == b"EXIF" {
            let block = from.piece(length)?;
            // Some write the name that a JPEG has there.
            let block = block.strip_prefix(b"Exif\0\0").unwrap_or(&block);
            return Ok(Orientation::of_exif(block.to_vec()));
        }
        from.skip(length)?;
    }
    Ok(Orientation::UPRIGHT)
}
