//! Pictures of all formats, made by encoders and by hand: whole, cut, damaged and very large.

use std::cell::Cell;
use std::io::{Cursor, SeekFrom};

use image::codecs::{jpeg, png, webp};
use image::{ExtendedColorType, ImageDecoder, ImageEncoder};
use proptest::prelude::*;

use super::*;

const SIDES: (u32, u32) = (48, 32);

/// EXIF with nothing but an orientation, in either order of bytes.
fn exif(orientation: u16, big: bool) -> Vec<u8> {
    let entry = |number: u16| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let long = |number: u32| if big { number.to_be_bytes() } else { number.to_le_bytes() };
    let head = if big { *b"MM" } else { *b"II" };
    let (tag, short) = (entry(0x112), entry(3));
    let parts = [&head[..], &entry(42), &long(8), &entry(1), &tag, &short, &long(1), &entry(orientation), &[0; 6]];
    parts.concat()
}

fn encoded(format: PictureFormat, exif: Option<Vec<u8>>) -> Vec<u8> {
    fn write(mut encoder: impl ImageEncoder, exif: Option<Vec<u8>>) {
        if let Some(exif) = exif {
            encoder.set_exif_metadata(exif).unwrap();
        }
        let pixels: Vec<u8> = (0..SIDES.0 * SIDES.1 * 3).map(|value| value as u8).collect();
        encoder.write_image(&pixels, SIDES.0, SIDES.1, ExtendedColorType::Rgb8).unwrap();
    }
    let mut bytes = Vec::new();
    match format {
        PictureFormat::Png => write(png::PngEncoder::new(&mut bytes), exif),
        PictureFormat::Jpeg => write(jpeg::JpegEncoder::new(&mut bytes), exif),
        PictureFormat::WebP => write(webp::WebPEncoder::new_lossless(&mut bytes), exif),
        _ => unreachable!("there is no encoder for it"),
    }
    bytes
}

const WITH_EXIF: [PictureFormat; 3] = [PictureFormat::Png, PictureFormat::Jpeg, PictureFormat::WebP];

const GIF: &[u8] = b"GIF89a\x30\x00\x20\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00";
const LOOPING_GIF: &[u8] =
    b"GIF89a\x30\x00\x20\x00\x00\x00\x00!\xf9\x04\x00\x00\x00\x00\x00!\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00,";
/// The first frames of a lossy WebP and of an extended one that moves.
const LOSSY: &[u8] = b"RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00\x30\x00\x00\x9d\x01\x2a\x30\x00\x20\x00";
const MOVING: &[u8] = b"RIFF\x24\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x2f\x00\x00\x1f\x00\x00";
const AVIF: &[u8] = include_bytes!("../../tests/fixtures/plain.avif");

/// One of each, without an orientation.
fn pictures() -> Vec<(PictureFormat, Vec<u8>)> {
    let made = WITH_EXIF.map(|format| (format, encoded(format, None)));
    let written = [(PictureFormat::WebP, LOSSY), (PictureFormat::Gif, GIF), (PictureFormat::Avif, AVIF)];
    made.into_iter().chain(written.map(|(format, bytes)| (format, bytes.to_vec()))).collect()
}

fn read(bytes: &[u8]) -> Result<PictureFacts, HeaderError> {
    facts(Cursor::new(bytes), bytes.len() as u64)
}

#[test]
fn every_format_tells_its_size() {
    for (format, bytes) in pictures() {
        let facts = read(&bytes).unwrap();
        assert_eq!((facts.format, (facts.width, facts.height)), (format, SIDES));
        assert_eq!((facts.displayed(), facts.orientation, facts.animated), (SIDES, Orientation::UPRIGHT, false));
        assert_eq!(facts.bytes, bytes.len() as u64);
    }
}

#[test]
fn exif_turns_a_picture_as_the_decoder_does() {
    for (format, big, number) in
        WITH_EXIF.iter().flat_map(|format| (1..=8).flat_map(move |n| [(*format, true, n), (*format, false, n)]))
    {
        let bytes = encoded(format, Some(exif(number, big)));
        let facts = read(&bytes).unwrap();
        assert_eq!(u16::from(facts.orientation.to_exif()), number, "{format:?}");
        let expected = if number < 5 { SIDES } else { (SIDES.1, SIDES.0) };
        assert_eq!(((facts.width, facts.height), facts.displayed()), (SIDES, expected), "{format:?} {number}");
        assert_eq!(facts.aspect(), f64::from(expected.0) / f64::from(expected.1));
        let reader = image::ImageReader::new(Cursor::new(bytes)).with_guessed_format().unwrap();
        assert_eq!(reader.into_decoder().unwrap().orientation().unwrap().to_exif(), facts.orientation.to_exif());
    }
}

#[test]
fn exif_that_makes_no_sense_turns_nothing() {
    for format in WITH_EXIF {
        for block in [exif(0, true), exif(9, false), exif(6, true)[..12].to_vec(), b"nonsense".to_vec()] {
            assert_eq!(read(&encoded(format, Some(block))).unwrap().orientation, Orientation::UPRIGHT);
        }
    }
}

#[test]
fn an_avif_is_turned_by_its_properties_in_their_order() {
    let turned = include_bytes!("../../tests/fixtures/turned.avif");
    let mirrored = include_bytes!("../../tests/fixtures/mirrored.avif");
    for (bytes, exif, displayed) in [(&turned[..], 5, (32, 48)), (&mirrored[..], 2, (48, 32))] {
        let facts = read(bytes).unwrap();
        assert_eq!((facts.orientation.to_exif(), facts.displayed()), (exif, displayed));
    }
    let alpha = read(include_bytes!("../../tests/fixtures/alpha.avif")).unwrap();
    assert_eq!((alpha.displayed(), alpha.orientation), (SIDES, Orientation::UPRIGHT));
}

#[test]
fn what_moves_says_so() {
    let moving = include_bytes!("../../tests/fixtures/moving.avif");
    let still = encoded(PictureFormat::Png, None);
    let control = [&[0, 0, 0, 8][..], b"acTL\0\0\0\x02\0\0\0\0\0\0\0\0"].concat();
    let moving_png = [&still[..33], &control, &still[33..]].concat();
    for bytes in [&moving[..], &moving_png, MOVING, LOOPING_GIF] {
        let facts = read(bytes).unwrap();
        assert!(facts.animated, "{facts:?}");
        assert_eq!(facts.displayed(), SIDES);
    }
}

/// A file with a hole at its end, which counts what is read of it.
struct Large<'a> {
    beginning: &'a [u8],
    place: u64,
    read: &'a Cell<u64>,
}

impl Read for Large<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        for (offset, byte) in into.iter_mut().enumerate() {
            *byte = self.beginning.get(self.place as usize + offset).copied().unwrap_or(0);
        }
        self.place += into.len() as u64;
        self.read.set(self.read.get() + into.len() as u64);
        Ok(into.len())
    }
}

impl Seek for Large<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.place = match to {
            SeekFrom::Start(place) => place,
            SeekFrom::Current(by) => self.place.checked_add_signed(by).unwrap(),
            SeekFrom::End(_) => panic!("a header is at the beginning"),
        };
        Ok(self.place)
    }
}

#[test]
fn of_200_megabytes_a_few_kilobytes_are_read() {
    // Before the frame of a JPEG, a colour profile and a preview, as from a camera.
    let jpeg = encoded(PictureFormat::Jpeg, Some(exif(6, true)));
    let preview = [&[0xff, 0xe2, 0xff, 0xff][..], &[7; 0xfffd]].concat().repeat(20);
    let camera = [&jpeg[..2], &preview, &jpeg[2..]].concat();
    // A buffer of 4 KiB for most, and one more for each segment of the camera's.
    let pictures = pictures().into_iter().map(|(_, bytes)| (bytes, 4 << 10)).chain([(camera, 22 * (4 << 10))]);
    for (beginning, most) in pictures {
        let read = Cell::new(0);
        let facts = facts(Large { beginning: &beginning, place: 0, read: &read }, 200_000_000).unwrap();
        assert_eq!((facts.width, facts.height, facts.bytes), (SIDES.0, SIDES.1, 200_000_000));
        assert!(read.get() <= most, "{:?}: {} bytes", facts.format, read.get());
    }
}

#[test]
fn a_header_without_an_end_is_given_up() {
    let ihdr = &encoded(PictureFormat::Png, None)[..33];
    let fill = [&[0xff, 0xd8][..], &[0xff; 1 << 20]].concat();
    let empty_boxes = [&AVIF[..32], &b"\0\0\0\x08free".repeat(1 << 15)].concat();
    for beginning in [[ihdr, &[0; 1 << 20]].concat(), fill, empty_boxes] {
        let read = Cell::new(0);
        facts(Large { beginning: &beginning, place: 0, read: &read }, 200_000_000).unwrap_err();
        assert!(read.get() <= 5 << 20, "{}", read.get());
    }
}

#[test]
fn a_header_that_is_cut_is_no_picture_and_never_another_one() {
    let turned = WITH_EXIF.map(|format| (format, encoded(format, Some(exif(6, true)))));
    for (_, bytes) in pictures().into_iter().chain(turned) {
        let whole = read(&bytes).unwrap();
        let mut told = 0;
        for length in 0..bytes.len() {
            match read(&bytes[..length]) {
                Ok(facts) => {
                    told += 1;
                    assert_eq!(facts, PictureFacts { bytes: length as u64, ..whole });
                }
                Err(error) => {
                    assert!(!matches!(error, HeaderError::Unreadable(_)), "{error}");
                    assert_eq!(told, 0, "once a header is whole, more of the file changes nothing");
                }
            }
        }
    }
}

#[test]
fn a_picture_without_pixels_is_none() {
    for (format, bytes) in pictures() {
        let written: &[&[u8]] = match format {
            PictureFormat::Png | PictureFormat::Avif => &[b"\0\0\0\x30", b"\0\0\0\x20"],
            PictureFormat::Jpeg => &[b"\0\x20\0\x30"],
            PictureFormat::Gif | PictureFormat::WebP => &[b"\x30\0", b"\x20\0"],
        };
        // A lossless WebP has no way to say it.
        for side in written.iter().filter(|_| !bytes.windows(4).any(|name| name == b"VP8L")) {
            let mut damaged = bytes.clone();
            let at = damaged.windows(side.len()).rposition(|found| found == *side).unwrap();
            damaged[at..at + side.len()].fill(0);
            assert!(matches!(read(&damaged), Err(HeaderError::Damaged(_))), "{format:?} {side:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(picture in 0..6_usize, cut in 0..700_usize, wrong in prop::collection::vec((0..400_usize, any::<u8>()), 0..12), tail in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut bytes = pictures().swap_remove(picture).1;
        bytes.truncate(cut);
        for (at, value) in wrong {
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        bytes.extend(tail);
        match read(&bytes) {
            Ok(facts) => prop_assert!(facts.width != 0 && facts.height != 0),
            Err(error) => prop_assert!(!matches!(error, HeaderError::Unreadable(_)), "{}", error),
        }
    }

    #[test]
    fn no_exif_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Orientation::of_exif(bytes.clone());
        let _ = Orientation::of_exif([b"MM\0*\0\0\0\x08", &bytes[..]].concat());
    }
}
