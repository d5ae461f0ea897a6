//! Which way up a picture is shown.

use std::fmt;

/// Which way up a picture is shown: how what is stored has to be turned and mirrored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Orientation {
    /// Quarter turns clockwise, 0 to 3, before the mirror.
    turns: u8,
    /// Whether left and right are exchanged after the turns.
    mirrored: bool,
}

impl Orientation {
    /// As it is stored.
    pub const UPRIGHT: Self = Self { turns: 0, mirrored: false };

    /// The orientation that EXIF has a number for, 1 to 8.
    pub fn from_exif(number: u32) -> Option<Self> {
        let (turns, mirrored) = match number {
            1 => (0, false),
            2 => (0, true),
            3 => (2, false),
            4 => (2, true),
            5 => (1, true),
            6 => (1, false),
            7 => (3, true),
            8 => (3, false),
            _ => return None,
        };
        Some(Self { turns, mirrored })
    }

    /// The number that EXIF has for it, 1 to 8.
    pub fn to_exif(self) -> u8 {
        match (self.turns, self.mirrored) {
            (0, false) => 1,
            (0, true) => 2,
            (2, false) => 3,
            (2, true) => 4,
            (1, true) => 5,
            (1, false) => 6,
            (_, true) => 7,
            (_, false) => 8,
        }
    }

    /// Whether width and height change places.
    pub fn swaps_sides(self) -> bool {
        self.turns % 2 == 1
    }

    /// Turned further by quarters, clockwise.
    pub(super) fn turned(self, quarters: u8) -> Self {
        // What is turned after a mirror was turned the other way before it.
        let before = if self.mirrored { 4 - quarters % 4 } else { quarters };
        Self { turns: (self.turns + before) % 4, ..self }
    }

    /// Left and right exchanged.
    pub(super) fn mirrored(self) -> Self {
        Self { mirrored: !self.mirrored, ..self }
    }

    /// What a block of EXIF says; upright where it says nothing that can be read.
    pub(super) fn of_exif(block: Vec<u8>) -> Self {
        let read = exif::Reader::new().read_raw(block).ok();
        let number =
            read.as_ref().and_then(|exif| exif.get_field(exif::Tag::Orientation, exif::In::PRIMARY)?.value.get_uint(0));
        number.and_then(Self::from_exif).unwrap_or(Self::UPRIGHT)
    }
}

impl fmt::Debug for Orientation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Orientation({})", self.to_exif())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_exif_is_an_orientation_and_no_other() {
        let known: Vec<_> = (0..=300).filter_map(Orientation::from_exif).map(Orientation::to_exif).collect();
        assert_eq!(known, [1, 2, 3, 4, 5, 6, 7, 8]);
        let swapped = (1..=8).filter(|number| Orientation::from_exif(*number).unwrap().swaps_sides());
        assert_eq!(swapped.collect::<Vec<_>>(), [5, 6, 7, 8]);
    }

    #[test]
    fn turns_and_mirrors_add_up() {
        let turned = |number: u32, quarters| Orientation::from_exif(number).unwrap().turned(quarters).to_exif();
        assert_eq!([0, 1, 2, 3, 4].map(|quarters| turned(1, quarters)), [1, 6, 3, 8, 1]);
        // A mirrored picture that is turned.
        assert_eq!([0, 1, 2, 3, 4].map(|quarters| turned(2, quarters)), [2, 7, 4, 5, 2]);
        assert_eq!(Orientation::UPRIGHT.turned(1).mirrored().to_exif(), 5);
        assert_eq!(Orientation::UPRIGHT.mirrored().mirrored(), Orientation::UPRIGHT);
    }
}
