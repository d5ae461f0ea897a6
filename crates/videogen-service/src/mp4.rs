//! Checks that what arrives is a whole MP4 file, without keeping it, and reads what it says of itself.

use videogen_domain::VideoFacts;

/// Walks the top-level boxes of an MP4 file (ISO/IEC 14496-12, §4.2) as its bytes arrive.
#[derive(Debug)]
pub(crate) struct Mp4Check {
    expected: Option<u64>,
    received: u64,
    header: Vec<u8>,
    rest_of_box: u64,
    first: Option<[u8; 4]>,
    has_moov: bool,
    has_media: bool,
    /// The content of the `moov` box, as far as it has come; it tells length and size.
    moov: Vec<u8>,
    in_moov: bool,
}

/// The most bytes of a `moov` box that are kept; those of our videos have a few thousand.
const LARGEST_MOOV: u64 = 16 * 1024 * 1024;

/// A box whose size is written as 0 reaches to the end of the file.
const TO_THE_END: u64 = u64::MAX;

impl Mp4Check {
    /// A check of a file that should have so many bytes, if that is known.
    pub(crate) fn new(expected: Option<u64>) -> Self {
        Self {
            expected,
            received: 0,
            header: Vec::new(),
            rest_of_box: 0,
            first: None,
            has_moov: false,
            has_media: false,
            moov: Vec::new(),
            in_moov: false,
        }
    }

    /// Takes in the next bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.received += bytes.len() as u64;
        while !bytes.is_empty() {
            let skipped = usize::try_from(self.rest_of_box).unwrap_or(usize::MAX).min(bytes.len());
            if self.in_moov {
                self.moov.extend_from_slice(&bytes[..skipped]);
            }
            if self.rest_of_box != TO_THE_END {
                self.rest_of_box -= skipped as u64;
            }
            bytes = &bytes[skipped..];
            if let Some((next, rest)) = bytes.split_first() {
                self.header.push(*next);
                bytes = rest;
                self.read_header();
            }
        }
    }

    /// Reads the header of a box once it is there: 8 bytes, or 16 when the size is a long one.
    fn read_header(&mut self) {
        let Some((size, kind)) = self.header.first_chunk::<4>().zip(self.header.get(4..8)) else { return };
        let kind = [kind[0], kind[1], kind[2], kind[3]];
        let size = match (u32::from_be_bytes(*size), self.header.get(8..16)) {
            (0, _) => TO_THE_END,
            (1, None) => return,
            (1, Some(long)) => long.iter().fold(0, |size, byte| size << 8 | u64::from(*byte)),
            (short, _) => u64::from(short),
        };
        self.first.get_or_insert(kind);
        self.has_moov |= &kind == b"moov";
        self.has_media |= &kind == b"mdat";
        // A size below that of its own header is damage: the rest cannot be read as boxes.
        let sound = self.header.len() as u64 <= size;
        self.rest_of_box = if size == TO_THE_END || !sound { TO_THE_END } else { size - self.header.len() as u64 };
        self.has_media &= sound;
        self.in_moov = &kind == b"moov" && self.rest_of_box <= LARGEST_MOOV;
        self.header.clear();
    }

    /// What the film says of itself.
    pub(crate) fn facts(&self) -> VideoFacts {
        let (width, height) =
            boxes(&self.moov).filter(|(kind, _)| kind == b"trak").find_map(|(_, trak)| shown(trak)).unzip();
        let duration_ms = boxes(&self.moov).find(|(kind, _)| kind == b"mvhd").and_then(|(_, mvhd)| milliseconds(mvhd));
        VideoFacts { duration_ms, width, height }
    }

    /// What is wrong with the whole, if anything.
    pub(crate) fn finish(&self) -> Result<(), String> {
        if let Some(expected) = self.expected.filter(|expected| *expected != self.received) {
            return Err(format!("{} of {expected} bytes arrived", self.received));
        }
        if self.first.as_ref() != Some(b"ftyp") {
            return Err("it is not an MP4 file".to_owned());
        }
        let inside = self.rest_of_box != 0 && self.rest_of_box != TO_THE_END;
        if inside || !self.header.is_empty() || !self.has_moov || !self.has_media {
            return Err("the MP4 file is cut off or damaged".to_owned());
        }
        Ok(())
    }
}

/// The boxes in the content of another, each with its own content; what is cut off is left out.
pub(crate) fn boxes(mut content: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    std::iter::from_fn(move || {
        let size = u32::from_be_bytes(*content.first_chunk()?) as usize;
        let kind = *content.get(4..)?.first_chunk()?;
        let inside = content.get(8..size)?;
        content = &content[size..];
        Some((kind, inside))
    })
}

/// The length that a movie header tells (§8.2.2).
fn milliseconds(mvhd: &[u8]) -> Option<u64> {
    let is_long = *mvhd.first()? == 1;
    let (timescale, duration) = if is_long {
        (number(mvhd.get(20..24)?), number(mvhd.get(24..32)?))
    } else {
        (number(mvhd.get(12..16)?), number(mvhd.get(16..20)?))
    };
    duration.checked_mul(1000)?.checked_div(timescale)
}

/// Width and height of a track that is seen (§8.3.2): the last two numbers of its header, with 16 bits of fraction each.
fn shown(trak: &[u8]) -> Option<(u32, u32)> {
    let (_, tkhd) = boxes(trak).find(|(kind, _)| kind == b"tkhd")?;
    let sizes = tkhd.get(tkhd.len().checked_sub(8)?..)?;
    let side = |bytes: &[u8]| u32::try_from(number(bytes) >> 16).ok().filter(|side| *side != 0);
    Some((side(&sizes[..4])?, side(&sizes[4..])?))
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mp4_box(kind: &[u8; 4], content: usize) -> Vec<u8> {
        let size = u32::try_from(8 + content).unwrap();
        [&size.to_be_bytes()[..], kind, &vec![7; content]].concat()
    }

    fn film() -> Vec<u8> {
        [mp4_box(b"ftyp", 16), mp4_box(b"moov", 100), mp4_box(b"mdat", 1000)].concat()
    }

    fn check(bytes: &[u8], expected: Option<u64>, piece: usize) -> Result<(), String> {
        let mut check = Mp4Check::new(expected);
        bytes.chunks(piece).for_each(|piece| check.update(piece));
        check.finish()
    }

    #[test]
    fn a_whole_film_passes_however_it_is_cut_into_pieces() {
        let long = [&1u32.to_be_bytes()[..], b"mdat", &116u64.to_be_bytes()[..], &[7; 100]].concat();
        let open = [&0u32.to_be_bytes()[..], b"mdat", &[7; 100]].concat();
        let head = [mp4_box(b"ftyp", 16), mp4_box(b"moov", 0)].concat();
        for film in [film(), [head.clone(), long].concat(), [head, open].concat()] {
            for piece in [1, 7, 8, 9, 4096] {
                assert_eq!(check(&film, Some(film.len() as u64), piece), Ok(()), "in pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_film_that_is_cut_anywhere_fails() {
        let film = film();
        for end in 0..film.len() {
            assert!(check(&film[..end], None, 64).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn what_is_no_film_fails() {
        assert_eq!(check(b"<html>not found</html>", None, 64), Err("it is not an MP4 file".to_owned()));
        assert_eq!(check(&film(), Some(5), 64), Err(format!("{} of 5 bytes arrived", film().len())));
        let damaged = [mp4_box(b"ftyp", 16), mp4_box(b"moov", 8), vec![0, 0, 0, 3, b'm', b'd', b'a', b't', 0]].concat();
        assert!(check(&damaged, None, 64).is_err());
    }

    #[test]
    fn length_and_size_are_read_wherever_the_box_stands() {
        let of = |kind: &[u8; 4], content: &[u8]| {
            [&u32::try_from(8 + content.len()).unwrap().to_be_bytes()[..], kind, content].concat()
        };
        let short = [&[0; 12][..], &600_u32.to_be_bytes(), &3024_u32.to_be_bytes(), &[0; 80]].concat();
        let long = [&[1][..], &[0; 19], &600_u32.to_be_bytes(), &3024_u64.to_be_bytes(), &[0; 80]].concat();
        let track = |width: u32, height: u32| {
            let tkhd = [&[0; 76][..], &(width << 16).to_be_bytes(), &(height << 16).to_be_bytes()].concat();
            of(b"trak", &of(b"tkhd", &tkhd))
        };
        for header in [short, long] {
            let moov = of(b"moov", &[of(b"mvhd", &header), track(0, 0), track(1280, 720)].concat());
            for film in
                [[of(b"ftyp", b""), moov.clone(), of(b"mdat", b"film")], [of(b"ftyp", b""), of(b"mdat", b"film"), moov]]
            {
                let mut check = Mp4Check::new(None);
                film.concat().chunks(7).for_each(|piece| check.update(piece));
                assert_eq!(check.finish(), Ok(()));
                let facts = VideoFacts { duration_ms: Some(5040), width: Some(1280), height: Some(720) };
                assert_eq!(check.facts(), facts);
            }
        }
    }

    #[test]
    fn damage_tells_nothing_and_does_no_harm() {
        for moov in
            [&b""[..], b"\0\0\0\x04mvhd", b"\xff\xff\xff\xffmvhd", b"\0\0\0\x09mvhd\0", b"\0\0\0\x10trak\0\0\0\x08tkhd"]
        {
            let mut check = Mp4Check::new(None);
            check.update(&[&u32::try_from(8 + moov.len()).unwrap().to_be_bytes()[..], b"moov", moov].concat());
            assert_eq!(check.facts(), VideoFacts::default(), "{moov:?}");
        }
    }
}
