//! The picture formats that fal's models read, and how each begins.

/// A picture format that fal's models read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PictureFormat {
    /// PNG.
    Png,
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
    /// GIF.
    Gif,
    /// AVIF.
    Avif,
}

impl PictureFormat {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Png, Self::Jpeg, Self::WebP, Self::Gif, Self::Avif];

    /// A stable name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpeg",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Avif => "avif",
        }
    }

    /// What people call it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Avif => "AVIF",
        }
    }

    /// The media type, for example `image/png`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Avif => "image/avif",
        }
    }

    /// The format of bytes by their beginning, of which 64 bytes are enough.
    pub fn of(beginning: &[u8]) -> Option<Self> {
        match beginning {
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [0, 0, high, low, b'f', b't', b'y', b'p', brands @ ..] => {
                // The main brand, a version, and further brands to the end of the box.
                let length = usize::from(u16::from_be_bytes([*high, *low])).saturating_sub(8);
                let mut brands = brands[..length.min(brands.len())].chunks_exact(4);
                brands.any(|brand| matches!(brand, b"avif" | b"avis")).then_some(Self::Avif)
            }
            _ => None,
        }
    }
}

/// Their names in a sentence: `PNG, JPEG or WebP`.
pub(crate) fn titles(formats: &[PictureFormat]) -> String {
    let titles: Vec<_> = formats.iter().map(|format| format.title()).collect();
    match titles.as_slice() {
        [] => "no".to_owned(),
        [one] => (*one).to_owned(),
        [others @ .., last] => format!("{} or {last}", others.join(", ")),
    }
}
