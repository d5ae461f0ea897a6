//! What fal's descriptions say of pictures in words alone, in the wordings that are common.

use super::super::ImageLimits;

/// The formats that are known by name, each as it may be written.
const FORMATS: [(&str, &[&str]); 8] = [
    ("jpeg", &["jpeg", "jpg"]),
    ("png", &["png"]),
    ("webp", &["webp"]),
    ("gif", &["gif"]),
    ("avif", &["avif"]),
    ("heif", &["heif", "heic"]),
    ("bmp", &["bmp"]),
    ("tiff", &["tiff"]),
];

/// Bytes, least sides, aspect ratios and formats, where the description tells them.
pub(super) fn image_limits(description: &str) -> ImageLimits {
    let text = description.to_ascii_lowercase();
    let side = least_side(&text);
    let aspect = aspect_range(&text);
    ImageLimits {
        max_bytes: max_bytes(&text),
        min_width: side,
        min_height: side,
        min_aspect: aspect.map(|(min, _)| min),
        max_aspect: aspect.map(|(_, max)| max),
        formats: formats(&text),
        ..ImageLimits::default()
    }
}

/// "Max 30 MB". A megabyte is counted as 1024 x 1024 bytes, as in fal's own "10.0MB" for 10485760.
fn max_bytes(text: &str) -> Option<u64> {
    let (megabytes, unit) = number_after(text, "max ")?;
    let is_size = megabytes.is_finite() && (0.0..1e6).contains(&megabytes) && unit.starts_with("mb");
    is_size.then_some((megabytes * 1024.0 * 1024.0) as u64)
}

/// "Dimensions must be at least 300px", "Shortest side must be at least 400 px".
fn least_side(text: &str) -> Option<u32> {
    let (pixels, unit) = number_after(text, "must be at least ")?;
    ((1.0..1e6).contains(&pixels) && unit.starts_with("px")).then_some(pixels as u32)
}

/// "Aspect ratio must be between 1:2.5 and 2.5:1".
fn aspect_range(text: &str) -> Option<(f64, f64)> {
    let (_, after) = text.split_once("aspect ratio must be between ")?;
    let (low, after) = after.split_once(" and ")?;
    let high = after.split(|letter: char| !letter.is_ascii_digit() && letter != '.' && letter != ':').next()?;
    let ratio = |text: &str| {
        let (width, height) = text.trim_end_matches('.').split_once(':')?;
        let ratio = width.parse::<f64>().ok()? / height.parse::<f64>().ok()?;
        (ratio.is_finite() && 0.0 < ratio).then_some(ratio)
    };
    Some((ratio(low)?, ratio(high)?))
}

/// The known formats of the sentence that speaks of formats.
fn formats(text: &str) -> Vec<String> {
    let Some(sentence) = text.split(". ").find(|sentence| sentence.contains("format")) else { return Vec::new() };
    let mut formats: Vec<String> = Vec::new();
    for word in sentence.split(|letter: char| !letter.is_ascii_alphanumeric()) {
        let known = FORMATS.iter().find(|(_, names)| names.contains(&word)).map(|(format, _)| (*format).to_owned());
        formats.extend(known.filter(|format| !formats.contains(format)));
    }
    formats
}

/// The number that follows a phrase, and what follows the number.
fn number_after<'t>(text: &'t str, phrase: &str) -> Option<(f64, &'t str)> {
    let (_, after) = text.split_once(phrase)?;
    let end = after.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(after.len());
    let (number, unit) = after.split_at(end);
    Some((number.parse().ok()?, unit.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_common_wordings_are_read_and_others_say_nothing() {
        let formats = |text: &str| image_limits(text).formats.join(" ");
        assert_eq!(formats("The first frame. Supported formats: JPEG, PNG, WebP. Max 30 MB."), "jpeg png webp");
        assert_eq!(formats("Formats: JPEG, JPG, PNG, BMP, WEBP. Max 20 MB."), "jpeg png bmp webp");
        assert_eq!(formats("Supports PNG, JPEG, WebP, AVIF, and HEIF formats."), "png jpeg webp avif heif");
        assert_eq!(formats("An image to animate, PNG or not."), "");

        let all =
            image_limits("Dimensions must be at least 300px. Aspect ratio must be between 1:2.5 and 2.5:1. Max 10 MB.");
        assert_eq!((all.min_width, all.min_height, all.max_bytes), (Some(300), Some(300), Some(10_485_760)));
        assert_eq!((all.min_aspect, all.max_aspect), (Some(0.4), Some(2.5)));

        for text in
            ["", "Max ", "Max many MB", "max 9 images", "must be at least 3", "aspect ratio must be between 1 and 2"]
        {
            assert_eq!(image_limits(text), ImageLimits::default(), "{text}");
        }
        assert_eq!(image_limits("aspect ratio must be between 1:0 and 0:0"), ImageLimits::default());
    }
}
