//! Bits of a NAL unit (ITU-T H.264, §7.2 and §9.1).

/// Reads a unit bit by bit, without the bytes that keep start codes from appearing in it.
pub(super) struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    pub(super) fn of(unit: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(unit.len());
        for &byte in unit {
            // 00 00 03: the third byte is only there so that 00 00 01 is not.
            if byte == 3 && bytes.ends_with(&[0, 0]) {
                continue;
            }
            bytes.push(byte);
        }
        Self { bytes, at: 0 }
    }

    /// The next bit; `None` at the end.
    pub(super) fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// The next bits as a number.
    pub(super) fn number(&mut self, bits: usize) -> Option<u32> {
        (0..bits).try_fold(0u32, |number, _| Some(number << 1 | u32::from(self.bit()?)))
    }

    /// The next number in Exp-Golomb code.
    pub(super) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if 31 < zeros {
                return None;
            }
        }
        Some((1 << zeros) - 1 + self.number(zeros)?)
    }

    /// The next number with a sign in Exp-Golomb code.
    pub(super) fn signed_golomb(&mut self) -> Option<i64> {
        let code = i64::from(self.golomb()?);
        Some(if code % 2 == 0 { -(code / 2) } else { code / 2 + 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_coded() {
        // 1, 010, 011, 00100, then two bits 10.
        let mut bits = Bits::of(&[0b1010_0110, 0b0100_1000]);
        assert_eq!([bits.golomb(), bits.golomb(), bits.golomb(), bits.golomb()], [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!((bits.number(2), bits.number(64)), (Some(2), None));
        let mut bits = Bits::of(&[0b1010_0110, 0b0100_0010, 0b1000_0000]);
        let signed: Vec<_> = (0..5).map(|_| bits.signed_golomb()).collect();
        assert_eq!(signed, [Some(0), Some(1), Some(-1), Some(2), Some(-2)]);
    }

    #[test]
    fn bytes_that_keep_start_codes_away_are_left_out() {
        let mut bits = Bits::of(&[0, 0, 3, 1, 0, 0, 3]);
        assert_eq!((bits.number(24), bits.number(16), bits.bit()), (Some(1), Some(0), None));
    }

    #[test]
    fn what_never_ends_is_no_number() {
        assert_eq!(Bits::of(&[0; 16]).golomb(), None);
        assert_eq!(Bits::of(&[]).golomb(), None);
    }
}
