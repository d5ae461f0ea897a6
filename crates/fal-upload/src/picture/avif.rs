//! The header of an AVIF: the box that describes its items, and the properties of the one that is shown.
//!
//! The boxes are those of ISO/IEC 14496-12 and 23008-12, in the order that MIAF (23000-22) gives them.

use std::io::{Read, Seek};

use super::Orientation;
use super::header::{Header, HeaderError, HeaderReader};

const INCOMPLETE: HeaderError = HeaderError::Damaged("it does not say what its picture is");

pub(super) fn read(from: &mut HeaderReader<impl Read + Seek>) -> Result<Header, HeaderError> {
    let (animated, meta) = (is_sequence(from)?, meta(from)?);
    let mut header = Header { width: 0, height: 0, orientation: Orientation::UPRIGHT, animated };
    for property in properties_of_the_primary_item(&meta).ok_or(INCOMPLETE)? {
        match property {
            (b"ispe", [_, _, _, _, w0, w1, w2, w3, h0, h1, h2, h3, ..]) => {
                header.width = u32::from_be_bytes([*w0, *w1, *w2, *w3]);
                header.height = u32::from_be_bytes([*h0, *h1, *h2, *h3]);
            }
            // Its turns are anticlockwise.
            (b"irot", [turns, ..]) => header.orientation = header.orientation.turned(4 - (turns & 3)),
            (b"imir", [axis, ..]) if axis & 1 == 1 => header.orientation = header.orientation.mirrored(),
            // Top and bottom exchanged: upside down and mirrored.
            (b"imir", [_, ..]) => header.orientation = header.orientation.turned(2).mirrored(),
            _ => {}
        }
    }
    Ok(header)
}

/// Whether the first box names the brand of sequences.
fn is_sequence(from: &mut HeaderReader<impl Read + Seek>) -> Result<bool, HeaderError> {
    let (_, length) = open_box(from)?;
    let brands = from.piece(length.ok_or(INCOMPLETE)?)?;
    Ok(brands.chunks_exact(4).any(|brand| brand == b"avis"))
}

/// The content of the box that describes the items, behind its version and flags.
fn meta(from: &mut HeaderReader<impl Read + Seek>) -> Result<Vec<u8>, HeaderError> {
    loop {
        let (name, length) = open_box(from)?;
        let length = length.ok_or(INCOMPLETE)?;
        if &name == b"meta" {
            from.skip(4)?;
            return from.piece(length.checked_sub(4).ok_or(INCOMPLETE)?);
        }
        from.skip(length)?;
    }
}

/// The name of the next box of the file, and the length of its content; `None` where it goes on to the end.
fn open_box(from: &mut HeaderReader<impl Read + Seek>) -> Result<([u8; 4], Option<u64>), HeaderError> {
    from.step()?;
    let (short, name) = (u32::from_be_bytes(from.array()?), from.array()?);
    let (length, head) = match short {
        0 => return Ok((name, None)),
        1 => (u64::from_be_bytes(from.array()?), 16),
        short => (short.into(), 8),
    };
    Ok((name, Some(length.checked_sub(head).ok_or(INCOMPLETE)?)))
}

type Property<'a> = (&'a [u8; 4], &'a [u8]);

/// In the order in which they are to be applied.
fn properties_of_the_primary_item(meta: &[u8]) -> Option<Vec<Property<'_>>> {
    let primary = match find(meta, b"pitm")? {
        [0, _, _, _, rest @ ..] => u32::from(u16::from_be_bytes(*rest.first_chunk()?)),
        [_, _, _, _, rest @ ..] => u32::from_be_bytes(*rest.first_chunk()?),
        _ => return None,
    };
    let described = find(meta, b"iprp")?;
    let properties: Vec<_> = boxes(find(described, b"ipco")?).collect();
    let numbers = boxes(described).filter(|(name, _)| *name == b"ipma").find_map(|(_, map)| numbers(map, primary))?;
    // They are counted from 1; 0 is none.
    numbers.into_iter().filter(|number| *number != 0).map(|number| properties.get(number - 1).copied()).collect()
}

/// The numbers of an item's properties in a box that maps them.
fn numbers(map: &[u8], item: u32) -> Option<Vec<usize>> {
    let ([version, _, _, flags], rest) = map.split_first_chunk()?;
    let (count, mut rest) = rest.split_first_chunk()?;
    for _ in 0..u32::from_be_bytes(*count) {
        let id = if *version == 0 {
            u16::from_be_bytes(take(&mut rest)?).into()
        } else {
            u32::from_be_bytes(take(&mut rest)?)
        };
        let [count] = take(&mut rest)?;
        // The highest bit of each says whether a reader must know the property.
        let mut number = || match flags & 1 {
            0 => take(&mut rest).map(|[number]| usize::from(number & 0x7f)),
            _ => take(&mut rest).map(|number| usize::from(u16::from_be_bytes(number) & 0x7fff)),
        };
        let numbers = (0..count).map(|_| number()).collect::<Option<Vec<_>>>()?;
        if id == item {
            return Some(numbers);
        }
    }
    None
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

fn find<'a>(bytes: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes).find(|(found, _)| *found == name).map(|(_, content)| content)
}

/// The boxes in a box, up to the first that is longer than what is left.
fn boxes(mut bytes: &[u8]) -> impl Iterator<Item = Property<'_>> {
    std::iter::from_fn(move || {
        let (length, rest) = bytes.split_first_chunk()?;
        let (name, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?.checked_sub(8)?;
        let (content, rest) = rest.split_at_checked(length)?;
        bytes = rest;
        Some((name, content))
    })
}
