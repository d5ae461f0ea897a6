//! What is known of a picture without decoding it.

/// What is known of a picture without decoding it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFacts {
    /// The format by content, in lower case: `png`, `jpeg`, `webp`, `gif`, `avif`.
    pub format: String,
    /// Width in pixels, as it is shown.
    pub width: u32,
    /// Height in pixels, as it is shown.
    pub height: u32,
    /// Size of the file in bytes.
    pub bytes: u64,
}
