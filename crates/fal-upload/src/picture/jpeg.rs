//! The header of a JPEG: its segments up to the frame.

use std::io::{Read, Seek};

use super::Orientation;
use super::header::{Header, HeaderError, HeaderReader};

const EXIF: &[u8] = b"Exif\0\0";

pub(super) fn read(from: &mut HeaderReader<impl Read + Seek>) -> Result<Header, HeaderError> {
    from.skip(2)?;
    let mut orientation = None;
    loop {
        match marker(from)? {
            // All frames but DHT, JPG and DAC, whose numbers lie between theirs.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => {
                let [_, _, _, high, low, wide, narrow] = from.array()?;
                return Ok(Header {
                    width: u16::from_be_bytes([wide, narrow]).into(),
                    height: u16::from_be_bytes([high, low]).into(),
                    orientation: orientation.unwrap_or(Orientation::UPRIGHT),
                    animated: false,
                });
            }
            // These have no content.
            0x01 | 0xd0..=0xd7 => {}
            0xd8..=0xda => return Err(HeaderError::Damaged("its pixels come before its size")),
            0xe1 if orientation.is_none() => orientation = exif(from)?,
            _ => {
                let length = length(from)?;
                from.skip(length)?;
            }
        }
    }
}

fn marker(from: &mut HeaderReader<impl Read + Seek>) -> Result<u8, HeaderError> {
    let [0xff] = from.array()? else { return Err(HeaderError::Damaged("a segment is longer than it says")) };
    loop {
        from.step()?;
        // Any number of them may fill the space before a marker.
        match from.array()? {
            [0xff] => {}
            [marker] => return Ok(marker),
        }
    }
}

/// The length of a segment without its own two bytes.
fn length(from: &mut HeaderReader<impl Read + Seek>) -> Result<u64, HeaderError> {
    let length = u64::from(u16::from_be_bytes(from.array()?));
    length.checked_sub(2).ok_or(HeaderError::Damaged("a segment is shorter than can be"))
}

fn exif(from: &mut HeaderReader<impl Read + Seek>) -> Result<Option<Orientation>, HeaderError> {
    let length = length(from)?;
    let segment = from.piece(length)?;
    Ok(segment.strip_prefix(EXIF).map(|block| Orientation::of_exif(block.to_vec())))
}
