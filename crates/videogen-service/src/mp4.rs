//! Checks that what arrives is a whole MP4 file, without keeping it.

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
}

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
        }
    }

    /// Takes in the next bytes.
    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.received += bytes.len() as u64;
        while !bytes.is_empty() {
            let skipped = usize::try_from(self.rest_of_box).unwrap_or(usize::MAX).min(bytes.len());
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
        self.header.clear();
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
}
