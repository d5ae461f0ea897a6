//! Where the samples of a video's track are (ISO/IEC 14496-12, §8; the configuration by ISO/IEC 14496-15, §5.3).

use super::FrameError;
use crate::mp4::boxes;

/// The most samples of a video: hours of it.
const MOST_SAMPLES: usize = 1_000_000;

/// A track of H.264.
#[derive(Debug)]
pub(super) struct Track {
    /// The first sequence parameter set, or nothing.
    pub(super) sequence_parameter_set: Vec<u8>,
    /// All parameter sets, each with a start code before it.
    pub(super) parameter_sets: Vec<u8>,
    /// How many bytes the length before each unit of a sample has.
    pub(super) length_size: usize,
    /// The samples in the order in which they are decoded.
    pub(super) samples: Vec<Sample>,
    /// The index of the last sample from which decoding can begin.
    pub(super) last_sync: usize,
}

/// What is decoded at a time: most often one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    /// Its first byte in the file.
    pub(super) offset: u64,
    /// Its size in bytes.
    pub(super) size: u32,
}

impl Track {
    /// The first track of pictures in the content of a `moov` box.
    pub(super) fn of(moov: &[u8]) -> Result<Self, FrameError> {
        let traks = boxes(moov).filter(|(kind, _)| kind == b"trak");
        let mut media = traks.filter_map(|(_, trak)| inside(trak, b"mdia"));
        let media = media.find(|media| inside(media, b"hdlr").and_then(|hdlr| hdlr.get(8..12)) == Some(b"vide"));
        let media = media.ok_or(damaged("it has no track of pictures"))?;
        let tables = inside(media, b"minf").and_then(|minf| inside(minf, b"stbl"));
        let tables = tables.ok_or(damaged("its track of pictures has no tables"))?;
        let configuration = Configuration::of(tables)?;
        let samples = match samples(tables) {
            Some(samples) if !samples.is_empty() => samples,
            _ if inside(moov, b"mvex").is_some() => return Err(damaged("it is cut into fragments")),
            _ => return Err(damaged("it is not told where its pictures are")),
        };
        let last_sync = last_sync(tables, samples.len()).ok_or(damaged("no picture stands by itself"))?;
        let Configuration { sequence_parameter_set, parameter_sets, length_size } = configuration;
        Ok(Self { sequence_parameter_set, parameter_sets, length_size, samples, last_sync })
    }
}

struct Configuration {
    sequence_parameter_set: Vec<u8>,
    parameter_sets: Vec<u8>,
    length_size: usize,
}

impl Configuration {
    fn of(tables: &[u8]) -> Result<Self, FrameError> {
        let entry = inside(tables, b"stsd").and_then(|stsd| boxes(stsd.get(8..)?).next());
        let (kind, entry) = entry.ok_or(damaged("it is not told how its pictures are coded"))?;
        if &kind != b"avc1" && &kind != b"avc3" {
            return Err(FrameError::Codec { codec: codec(kind) });
        }
        let known = entry.get(78..).and_then(|entry| inside(entry, b"avcC")).and_then(Self::read);
        known.ok_or(damaged("the configuration of its pictures cannot be read"))
    }

    fn read(avcc: &[u8]) -> Option<Self> {
        let length_size = usize::from(avcc.get(4)? & 3) + 1;
        let mut rest = avcc.get(5..)?;
        let (mut sequence_parameter_set, mut parameter_sets) = (Vec::new(), Vec::new());
        for mask in [0x1f, 0xff] {
            let (count, sets) = rest.split_first()?;
            rest = sets;
            for _ in 0..count & mask {
                let (size, sets) = rest.split_first_chunk()?;
                let (set, sets) = sets.split_at_checked(usize::from(u16::from_be_bytes(*size)))?;
                rest = sets;
                if sequence_parameter_set.is_empty() {
                    sequence_parameter_set = set.to_vec();
                }
                parameter_sets.extend([&[0, 0, 0, 1], set].concat());
            }
        }
        Some(Self { sequence_parameter_set, parameter_sets, length_size })
    }
}

/// Every sample, made of the tables of sizes, of chunks and of where the chunks are.
fn samples(tables: &[u8]) -> Option<Vec<Sample>> {
    let sizes = Sizes::of(inside(tables, b"stsz")?)?;
    let runs = Table::of(inside(tables, b"stsc")?, 12)?;
    let (offsets, width) = match inside(tables, b"stco") {
        Some(stco) => (Table::of(stco, 4)?, 4),
        None => (Table::of(inside(tables, b"co64")?, 8)?, 8),
    };
    let mut samples = Vec::new();
    let mut run = 0;
    for chunk in 0..offsets.count {
        let first_chunk = |run: usize| runs.number(run, 0, 4);
        while first_chunk(run + 1).is_some_and(|first| first <= chunk as u64 + 1) {
            run += 1;
        }
        let mut offset = offsets.number(chunk, 0, width)?;
        for _ in 0..runs.number(run, 4, 4)? {
            let Some(size) = sizes.of_sample(samples.len()) else { return Some(samples) };
            samples.push(Sample { offset, size });
            offset = offset.checked_add(u64::from(size))?;
        }
    }
    // Fewer chunks than it should have.
    (samples.len() == sizes.count).then_some(samples)
}

/// The sizes of the samples: one for all, or each its own.
struct Sizes<'a> {
    of_all: u32,
    each: &'a [u8],
    count: usize,
}

impl<'a> Sizes<'a> {
    fn of(stsz: &'a [u8]) -> Option<Self> {
        let of_all = u32::from_be_bytes(*stsz.get(4..)?.first_chunk()?);
        let count = u32::from_be_bytes(*stsz.get(8..)?.first_chunk()?) as usize;
        let each = stsz.get(12..)?;
        let is_whole = of_all != 0 || count.checked_mul(4)? <= each.len();
        (is_whole && count <= MOST_SAMPLES).then_some(Self { of_all, each, count })
    }

    fn of_sample(&self, index: usize) -> Option<u32> {
        match self.of_all {
            _ if self.count <= index => None,
            0 => self.each.get(4 * index..)?.first_chunk().map(|size| u32::from_be_bytes(*size)),
            size => Some(size),
        }
    }
}

/// A table whose entries are counted before it.
struct Table<'a> {
    entries: &'a [u8],
    count: usize,
    entry_size: usize,
}

impl<'a> Table<'a> {
    fn of(content: &'a [u8], entry_size: usize) -> Option<Self> {
        let count = u32::from_be_bytes(*content.get(4..)?.first_chunk()?) as usize;
        let entries = content.get(8..8 + count.checked_mul(entry_size)?)?;
        Some(Self { entries, count, entry_size })
    }

    /// The number of so many bytes at a place in an entry.
    fn number(&self, entry: usize, at: usize, bytes: usize) -> Option<u64> {
        let start = entry.checked_mul(self.entry_size)? + at;
        let number = self.entries.get(start..start + bytes)?;
        Some(number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

/// The last of so many samples from which decoding can begin. Without a table, it can from each.
fn last_sync(tables: &[u8], samples: usize) -> Option<usize> {
    let Some(stss) = inside(tables, b"stss") else { return samples.checked_sub(1) };
    let stss = Table::of(stss, 4)?;
    let numbers = (0..stss.count).filter_map(|entry| usize::try_from(stss.number(entry, 0, 4)?).ok());
    numbers.filter(|number| (1..=samples).contains(number)).max().map(|number| number - 1)
}

fn codec(kind: [u8; 4]) -> String {
    match &kind {
        b"hvc1" | b"hev1" => "HEVC (H.265)".to_owned(),
        b"av01" => "AV1".to_owned(),
        b"vp09" => "VP9".to_owned(),
        b"mp4v" => "MPEG-4 Visual".to_owned(),
        other => other.escape_ascii().to_string(),
    }
}

fn inside<'a>(content: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(content).find_map(|(found, content)| (&found == kind).then_some(content))
}

fn damaged(problem: &'static str) -> FrameError {
    FrameError::Damaged { problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        [&u32::try_from(8 + content.len()).unwrap().to_be_bytes()[..], kind, content].concat()
    }

    fn numbers(numbers: &[u32]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    fn avc1(avcc: &[u8]) -> Vec<u8> {
        of(b"avc1", &[&[0; 78][..], &of(b"avcC", avcc)].concat())
    }

    fn moov(entry: &[u8], tables: &[Vec<u8>]) -> Vec<u8> {
        let stsd = of(b"stsd", &[&numbers(&[0, 1])[..], entry].concat());
        let stbl = of(b"stbl", &[&stsd[..], &tables.concat()].concat());
        let media = |handler: &[u8; 4], stbl: &[u8]| {
            let hdlr = of(b"hdlr", &[&[0; 8][..], handler, &[0; 12]].concat());
            of(b"trak", &of(b"mdia", &[hdlr, of(b"minf", stbl)].concat()))
        };
        [media(b"soun", b""), media(b"vide", &stbl)].concat()
    }

    const AVCC: &[u8] = &[1, 66, 0xc0, 30, 0xff, 0xe1, 0, 2, 0x67, 9, 2, 0, 1, 0x68, 0, 1, 0x69];

    fn tables(offsets: Vec<u8>) -> [Vec<u8>; 4] {
        [
            of(b"stsz", &numbers(&[0, 0, 5, 10, 20, 30, 40, 50])),
            of(b"stsc", &numbers(&[0, 2, 1, 2, 1, 3, 1, 1])),
            offsets,
            of(b"stss", &numbers(&[0, 2, 1, 4])),
        ]
    }

    #[test]
    fn samples_are_where_the_tables_say() {
        let short = of(b"stco", &numbers(&[0, 3, 1000, 2000, 3000]));
        let long = of(b"co64", &numbers(&[0, 3, 0, 1000, 0, 2000, 0, 3000]));
        for offsets in [short, long] {
            let track = Track::of(&moov(&avc1(AVCC), &tables(offsets))).unwrap();
            let places: Vec<_> = track.samples.iter().map(|sample| (sample.offset, sample.size)).collect();
            assert_eq!(places, [(1000, 10), (1010, 20), (2000, 30), (2030, 40), (3000, 50)]);
            assert_eq!((track.last_sync, track.length_size), (3, 4));
            assert_eq!(track.sequence_parameter_set, [0x67, 9]);
            assert_eq!(track.parameter_sets, [0, 0, 0, 1, 0x67, 9, 0, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x69]);
        }
    }

    #[test]
    fn another_code_is_told_by_its_name() {
        for (kind, name) in [(b"hvc1", "HEVC (H.265)"), (b"av01", "AV1"), (b"xyz!", "xyz!")] {
            let error = Track::of(&moov(&of(kind, &[0; 78]), &[])).unwrap_err();
            assert!(matches!(&error, FrameError::Codec { codec } if codec == name), "{error}");
        }
    }

    #[test]
    fn tables_that_are_damaged_anywhere_do_no_harm() {
        let whole = moov(&avc1(AVCC), &tables(of(b"stco", &numbers(&[0, 3, 1000, 2000, 3000]))));
        assert!(Track::of(&whole).is_ok());
        for end in 0..whole.len() {
            assert!(Track::of(&whole[..end]).is_err(), "cut at {end}");
        }
        for place in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] = value;
                if let Ok(track) = Track::of(&damaged) {
                    assert!(track.last_sync < track.samples.len() && track.samples.len() <= MOST_SAMPLES);
                }
            }
        }
    }

    #[test]
    fn what_has_no_pictures_is_told() {
        for moov in [Vec::new(), moov(&avc1(AVCC), &[]), moov(&avc1(&AVCC[..9]), &[])] {
            assert!(matches!(Track::of(&moov), Err(FrameError::Damaged { .. })));
        }
    }
}
