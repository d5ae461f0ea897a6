//! How the colours of a video are coded, and what they are in RGB.

use super::bits::Bits;

/// From luma and the two differences of colour to red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Colours {
    /// The shares of red and blue in luma.
    red: f32,
    blue: f32,
    /// Whether luma takes all of 0 to 255, and not 16 to 235.
    is_full: bool,
}

/// Rec. ITU-R BT.601, of television as it was.
const BT_601: (f32, f32) = (0.299, 0.114);
/// Rec. ITU-R BT.709, of high definition.
const BT_709: (f32, f32) = (0.2126, 0.0722);
/// Rec. ITU-R BT.2020, of ultra-high definition.
const BT_2020: (f32, f32) = (0.2627, 0.0593);
/// From this height on, in pixels, players take what does not say otherwise for high definition.
const HIGH_DEFINITION: usize = 720;

impl Colours {
    /// As a sequence parameter set says it, or as players take it where it says nothing.
    pub(super) fn of(parameter_set: &[u8], height: usize) -> Self {
        let signal = Signal::of(parameter_set).unwrap_or_default();
        let (red, blue) = match signal.matrix {
            Some(1) => BT_709,
            Some(4..=7) => BT_601,
            Some(9 | 10) => BT_2020,
            _ if HIGH_DEFINITION <= height => BT_709,
            _ => BT_601,
        };
        Self { red, blue, is_full: signal.is_full }
    }

    /// Red, green and blue of one pixel.
    pub(super) fn rgb(&self, luma: u8, blue_difference: u8, red_difference: u8) -> [u8; 3] {
        let (black, luma_range, chroma_range) = if self.is_full { (0.0, 255.0, 255.0) } else { (16.0, 219.0, 224.0) };
        let luma = (f32::from(luma) - black) / luma_range;
        let difference = |coded: u8| (f32::from(coded) - 128.0) / chroma_range;
        let red = luma + 2.0 * (1.0 - self.red) * difference(red_difference);
        let blue = luma + 2.0 * (1.0 - self.blue) * difference(blue_difference);
        let green = (luma - self.red * red - self.blue * blue) / (1.0 - self.red - self.blue);
        // A float that is out of range becomes the nearest end of the range.
        [red, green, blue].map(|share| (share * 255.0).round() as u8)
    }
}

/// What a sequence parameter set says of the signal (ITU-T H.264, §7.3.2.1 and annex E).
#[derive(Debug, Default, PartialEq)]
struct Signal {
    /// The number of the matrix; `None`: not told.
    matrix: Option<u32>,
    is_full: bool,
}

impl Signal {
    fn of(parameter_set: &[u8]) -> Option<Self> {
        let mut bits = Bits::of(parameter_set.get(1..)?);
        let profile = bits.number(8)?;
        bits.number(16)?;
        bits.golomb()?;
        if matches!(profile, 100 | 110 | 122 | 244 | 44 | 83 | 86 | 118 | 128) {
            skip_high_profile(&mut bits)?;
        }
        skip_order_and_size(&mut bits)?;
        let has_usability = bits.bit()?;
        if !has_usability {
            return Some(Self::default());
        }
        if bits.bit()? && bits.number(8)? == 255 {
            bits.number(32)?;
        }
        if bits.bit()? {
            bits.bit()?;
        }
        let has_signal = bits.bit()?;
        if !has_signal {
            return Some(Self::default());
        }
        bits.number(3)?;
        let is_full = bits.bit()?;
        let has_colour = bits.bit()?;
        // 2 stands for what is not told.
        let matrix = if has_colour { Some(bits.number(24)? & 0xff).filter(|matrix| *matrix != 2) } else { None };
        Some(Self { matrix, is_full })
    }
}

/// Passes over chroma format, depths and scaling lists.
fn skip_high_profile(bits: &mut Bits) -> Option<()> {
    let chroma_format = bits.golomb()?;
    if chroma_format == 3 {
        bits.bit()?;
    }
    bits.golomb()?;
    bits.golomb()?;
    bits.bit()?;
    let has_scaling = bits.bit()?;
    for list in 0..if has_scaling { if chroma_format == 3 { 12 } else { 8 } } else { 0 } {
        if bits.bit()? {
            skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
        }
    }
    Some(())
}

fn skip_scaling_list(bits: &mut Bits, size: usize) -> Option<()> {
    let (mut last, mut next) = (8, 8);
    for _ in 0..size {
        if next != 0 {
            next = (last + bits.signed_golomb()?).rem_euclid(256);
        }
        if next != 0 {
            last = next;
        }
    }
    Some(())
}

/// Passes over the order of pictures, their size and what is cut off them.
fn skip_order_and_size(bits: &mut Bits) -> Option<()> {
    bits.golomb()?;
    match bits.golomb()? {
        0 => {
            bits.golomb()?;
        }
        1 => {
            bits.bit()?;
            bits.signed_golomb()?;
            bits.signed_golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.signed_golomb()?;
            }
        }
        _ => {}
    }
    bits.golomb()?;
    bits.bit()?;
    bits.golomb()?;
    bits.golomb()?;
    let is_progressive = bits.bit()?;
    if !is_progressive {
        bits.bit()?;
    }
    bits.bit()?;
    if bits.bit()? {
        for _ in 0..4 {
            bits.golomb()?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameter sets with their bits written out.
    fn set(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|bit| *bit != b' ').map(|bit| bit - b'0').collect();
        bits.chunks(8).map(|byte| byte.iter().chain(&[0; 8]).take(8).fold(0, |value, bit| value << 1 | bit)).collect()
    }

    /// Constrained Baseline, 2 x 2 macroblocks, up to the flag of the usability information.
    const BASELINE: &str = "01100111 01000010 11000000 00011110 1 1 1 1 1 0 010 010 1 1 0";
    /// High, with a scaling list that ends early, and a part of the picture cut off.
    const HIGH: &str = "01100111 01100100 00000000 00011110 1 010 1 1 0 1 1 000010001 0000000 \
                        1 011 1 0 010 010 0 1 1 1 1 1 1 011";

    #[test]
    fn what_a_parameter_set_says_of_colour_is_read() {
        let told = |matrix: &str, full: &str| format!("0 0 1 101 {full} 1 00000001 00000001 {matrix}");
        for (usability, matrix, is_full) in [
            ("0".to_owned(), None, false),
            (format!("1 {}", told("00000001", "0")), Some(1), false),
            (format!("1 {}", told("00000110", "1")), Some(6), true),
            (format!("1 {}", told("00000010", "0")), None, false),
            ("1 1 11111111 0000000000000001 0000000000000001 1 0 1 101 1 0".to_owned(), None, true),
            ("1 0 0 0".to_owned(), None, false),
        ] {
            let read = Signal::of(&set(&format!("{BASELINE} {usability} 1")));
            assert_eq!(read, Some(Signal { matrix, is_full }), "{usability}");
        }
        let high = format!("{HIGH} 1 {} 1", told("00000001", "0"));
        assert_eq!(Signal::of(&set(&high)), Some(Signal { matrix: Some(1), is_full: false }));
    }

    #[test]
    fn a_parameter_set_that_is_cut_off_says_nothing() {
        let whole = set(&format!("{BASELINE} 1 0 0 1 101 0 1 00000001 00000001 00000001"));
        for end in 0..whole.len() {
            assert_eq!(Signal::of(&whole[..end]), None, "{end}");
        }
    }

    #[test]
    fn colours_are_those_of_the_recommendations() {
        let (sd, hd) = (Colours::of(&[], 360), Colours::of(&[], 720));
        for colours in [sd, hd] {
            assert_eq!([colours.rgb(16, 128, 128), colours.rgb(235, 128, 128)], [[0; 3], [255; 3]]);
        }
        // Pure red, by both recommendations.
        assert_eq!(sd.rgb(81, 90, 240), [254, 0, 0]);
        assert_eq!(hd.rgb(63, 102, 240), [255, 1, 0]);
        let full = Colours { is_full: true, ..sd };
        assert_eq!([full.rgb(0, 128, 128), full.rgb(255, 128, 128)], [[0; 3], [255; 3]]);
    }
}
