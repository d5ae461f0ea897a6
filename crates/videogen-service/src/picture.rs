//! The picture on its way to fal: what it is, and how it is brought to an aspect ratio.

use std::io::{BufReader, Cursor};

use fal_upload::{FileError, PictureFacts, PictureFormat, Source};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImage, GenericImageView, ImageFormat, ImageReader, Rgb, RgbImage};
use videogen_domain::{
    AspectRatio, Failure, Fit, ImageBounds, ImageFacts, ImageInput, Inspected, PlannedImage, Violation, ViolationCode,
};

use crate::failure;

/// The most bytes of a picture in a `data:` URI; it is in memory anyway.
const LARGEST_DATA_URI: u64 = 64 * 1024 * 1024;
/// A picture is not made smaller than this to save bytes, in pixels, where the model does not say.
const MIN_SIDE: u32 = 64;
/// How well a JPEG is kept when it has to be written again, from 1 to 100.
const JPEG_QUALITY: u8 = 95;

/// The bytes of a picture; `None` where only its address is known.
pub(crate) fn source(image: &ImageInput) -> Result<Option<Source>, FileError> {
    match image {
        ImageInput::Path(path) => Ok(Some(Source::Path(path.clone()))),
        ImageInput::Bytes { name, bytes } => Ok(Some(Source::Bytes { name: name.clone(), bytes: bytes.clone() })),
        ImageInput::DataUri(uri) => Source::data_uri("image", uri, LARGEST_DATA_URI).map(Some),
        _ => Ok(None),
    }
}

/// What a picture is, or why it cannot be used, told of `field`. Nothing is known of one that is given by its address.
pub(crate) async fn inspect(field: &str, image: &ImageInput) -> Inspected {
    let unusable =
        |error: &dyn std::error::Error| Violation::new(field, ViolationCode::UnusableImage, error.to_string());
    let Some(source) = source(image).map_err(|error| unusable(&error))? else { return Ok(None) };
    let facts = fal_upload::inspect(&source).await.map_err(|error| unusable(&error))?;
    let (width, height) = facts.displayed();
    Ok(Some(ImageFacts { format: facts.format.name().to_owned(), width, height, bytes: facts.bytes }))
}

/// Does to a picture what is planned, on a blocking thread. The result is upright, and a PNG, or a JPEG where it was one or
/// has to be small. Where nothing has to be done, the bytes stay as they are.
pub(crate) async fn prepare(source: Source, planned: &PlannedImage) -> Result<Source, Failure> {
    if planned.reshape.is_none() && planned.bounds.is_none() {
        return Ok(source);
    }
    let facts = fal_upload::inspect(&source).await.map_err(|error| failure::from_upload(&error))?;
    let (reshape, bounds) = (planned.reshape, planned.bounds.clone().unwrap_or_default());
    let work = move || {
        let picture = decode(&source, &facts)?;
        let shaped = match reshape {
            Some((ratio, Fit::Crop)) => crop(&picture, ratio),
            Some((ratio, Fit::Pad)) => pad(&picture, ratio),
            Some((_, Fit::None)) | None => picture,
        };
        within(shaped, facts.format, &bounds)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(Some(source))) => Ok(source),
        Ok(Ok(None)) => Err(failure::picture_stays_too_large()),
        Ok(Err(error)) => Err(failure::unreadable_picture(&error)),
        Err(error) => Err(failure::unreadable_picture(&error)),
    }
}

/// The picture as it is shown.
fn decode(source: &Source, facts: &PictureFacts) -> image::ImageResult<DynamicImage> {
    let reader = source.reader().map_err(std::io::Error::other)?;
    let mut picture = ImageReader::new(BufReader::new(reader)).with_guessed_format()?.decode()?;
    let orientation = Orientation::from_exif(facts.orientation.to_exif());
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(picture)
}

fn crop(picture: &DynamicImage, ratio: AspectRatio) -> DynamicImage {
    let (width, height) = picture.dimensions();
    let (new_width, new_height) = ratio.cropped(width, height);
    picture.crop_imm((width - new_width) / 2, (height - new_height) / 2, new_width, new_height)
}

fn pad(picture: &DynamicImage, ratio: AspectRatio) -> DynamicImage {
    let (width, height) = picture.dimensions();
    let (new_width, new_height) = ratio.padded(width, height);
    let mut canvas = RgbImage::from_pixel(new_width, new_height, Rgb([0, 0, 0]));
    let placed = canvas.copy_from(&picture.to_rgb8(), (new_width - width) / 2, (new_height - height) / 2);
    debug_assert!(placed.is_ok(), "the canvas is nowhere smaller than the picture");
    canvas.into()
}

/// The picture, scaled down and saved so that it stays below the bounds; `None` when it cannot be made small enough.
///
/// A JPEG stays one; everything else becomes a PNG, which loses nothing, unless only a JPEG is taken or small enough.
fn within(picture: DynamicImage, format: PictureFormat, bounds: &ImageBounds) -> image::ImageResult<Option<Source>> {
    let takes = |name: &str| bounds.formats.is_empty() || bounds.formats.iter().any(|taken| taken == name);
    let (width, height) = bounds.scaled_down(picture.width(), picture.height());
    let picture = scaled(picture, width, height);
    let fits = |bytes: &Vec<u8>| bounds.max_bytes.is_none_or(|max| bytes.len() as u64 <= max);
    if format != PictureFormat::Jpeg && takes("png") {
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
        if fits(&bytes) || !takes("jpeg") {
            return Ok(fits(&bytes).then(|| named(&picture, "png", bytes)));
        }
    }
    let mut picture = picture;
    let (min_width, min_height) = (bounds.min_width.unwrap_or(MIN_SIDE), bounds.min_height.unwrap_or(MIN_SIDE));
    loop {
        let mut bytes = Vec::new();
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        if fits(&bytes) {
            return Ok(Some(named(&picture, "jpg", bytes)));
        }
        let (width, height) = (picture.width() / 4 * 3, picture.height() / 4 * 3);
        if width < min_width || height < min_height {
            return Ok(None);
        }
        picture = scaled(picture, width, height);
    }
}

fn scaled(picture: DynamicImage, width: u32, height: u32) -> DynamicImage {
    if picture.dimensions() == (width, height) {
        picture
    } else {
        picture.resize_exact(width, height, FilterType::Lanczos3)
    }
}

fn named(picture: &DynamicImage, extension: &str, bytes: Vec<u8>) -> Source {
    let name = format!("image-{}x{}.{extension}", picture.width(), picture.height());
    Source::Bytes { name, bytes: bytes.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Black, but for a white middle.
    fn picture(width: u32, height: u32) -> DynamicImage {
        let mut picture = RgbImage::new(width, height);
        picture.put_pixel(width / 2, height / 2, Rgb([255, 255, 255]));
        picture.into()
    }

    #[test]
    fn cropping_keeps_the_middle_and_padding_keeps_everything() {
        let table = [
            ((1024, 768), "16:9", (1024, 576), (1365, 768)),
            ((1024, 768), "9:16", (432, 768), (1024, 1820)),
            ((1024, 768), "1:1", (768, 768), (1024, 1024)),
            ((768, 1024), "4:5", (768, 960), (819, 1024)),
            ((1, 1), "16:9", (1, 1), (2, 1)),
        ];
        for ((width, height), ratio, cropped, padded) in table {
            let ratio: AspectRatio = ratio.parse().unwrap();
            let picture = picture(width, height);
            for (shaped, size) in [(crop(&picture, ratio), cropped), (pad(&picture, ratio), padded)] {
                assert_eq!(shaped.dimensions(), size, "{width}x{height} to {ratio}");
                assert!(shaped.to_luma8().pixels().any(|pixel| pixel.0[0] == 255), "{width}x{height} to {ratio}");
            }
        }
    }

    #[tokio::test]
    async fn a_picture_that_is_stored_on_its_side_is_cropped_upright() {
        // EXIF that says: a quarter turn clockwise.
        const TURNED: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        // Stored 160 x 90 with a white left edge: shown, it is 90 x 160 with a white top.
        let stored = RgbImage::from_fn(160, 90, |x, _| Rgb([if x < 16 { 255 } else { 0 }; 3]));
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
        image::ImageEncoder::set_exif_metadata(&mut encoder, TURNED.to_vec()).unwrap();
        encoder.encode_image(&stored).unwrap();
        let image = ImageInput::Bytes { name: "a".to_owned(), bytes: bytes.into() };
        let facts = inspect("image", &image).await.unwrap().unwrap();
        assert_eq!((facts.width, facts.height), (90, 160));

        let planned = PlannedImage::unchanged(image.clone()).reshaped("1:2".parse().unwrap(), Fit::Crop);
        let shaped = prepare(source(&image).unwrap().unwrap(), &planned).await.unwrap();
        let facts = fal_upload::inspect(&shaped).await.unwrap();
        assert_eq!((facts.displayed(), facts.orientation.to_exif()), ((80, 160), 1));
        let picture = decode(&shaped, &facts).unwrap().to_luma8();
        assert!(picture.get_pixel(40, 4).0[0] > 200 && picture.get_pixel(40, 155).0[0] < 50);
    }

    #[tokio::test]
    async fn a_gif_cannot_be_reshaped_and_it_is_said_so() {
        let gif = b"GIF89a\x04\0\x04\0\0\0\0,\0\0\0\0\x04\0\x04\0\0\x02\x01\0\0;";
        let source = Source::Bytes { name: "a.gif".to_owned(), bytes: gif.as_slice().into() };
        let planned = nowhere().reshaped("16:9".parse().unwrap(), Fit::Crop);
        let failure = prepare(source, &planned).await.unwrap_err();
        assert_eq!(failure.field.as_deref(), Some("image"));
        assert!(failure.message.contains("cannot be prepared"), "{}", failure.message);
        assert!(failure.advice.contains("leave the aspect ratio out"), "{}", failure.advice);
    }

    #[tokio::test]
    async fn a_reshaped_picture_keeps_its_format_and_is_the_same_every_time() {
        for (format, expected) in [(ImageFormat::Png, PictureFormat::Png), (ImageFormat::Jpeg, PictureFormat::Jpeg)] {
            let mut bytes = Vec::new();
            picture(400, 300).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
            let source = Source::Bytes { name: "a".to_owned(), bytes: bytes.into() };
            let planned = nowhere().reshaped("1:1".parse().unwrap(), Fit::Crop);
            let shaped = prepare(source.clone(), &planned).await.unwrap();
            assert_eq!(shaped, prepare(source, &planned).await.unwrap());
            let facts = fal_upload::inspect(&shaped).await.unwrap();
            assert_eq!((facts.format, facts.width, facts.height), (expected, 300, 300));
        }
    }

    fn nowhere() -> PlannedImage {
        PlannedImage::unchanged(ImageInput::Path("nowhere".into()))
    }

    /// Noise, which no compression makes small.
    fn noisy(width: u32, height: u32, format: ImageFormat) -> Source {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        let picture = RgbImage::from_fn(width, height, |_, _| Rgb([next(), next(), next()]));
        let mut bytes = Vec::new();
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        Source::Bytes { name: "noise".to_owned(), bytes: bytes.into() }
    }

    fn bounds(change: impl FnOnce(&mut ImageBounds)) -> PlannedImage {
        let mut bounds = ImageBounds::default();
        change(&mut bounds);
        nowhere().within(bounds)
    }

    #[tokio::test]
    async fn nothing_is_written_again_without_need() {
        let source = noisy(64, 64, ImageFormat::Png);
        assert_eq!(prepare(source.clone(), &nowhere()).await.unwrap(), source);
    }

    #[tokio::test]
    async fn a_picture_is_scaled_down_and_saved_as_the_model_takes_it() {
        let facts = |source| async move {
            let facts = fal_upload::inspect(&source).await.unwrap();
            (facts.format, facts.width, facts.height, facts.bytes)
        };
        let wide = prepare(noisy(900, 600, ImageFormat::Png), &bounds(|it| it.max_width = Some(300))).await.unwrap();
        let (format, width, height, _) = facts(wide).await;
        assert_eq!((format, width, height), (PictureFormat::Png, 300, 200));

        let converted = bounds(|it| it.formats = vec!["jpeg".to_owned()]);
        let (format, width, height, _) =
            facts(prepare(noisy(64, 64, ImageFormat::WebP), &converted).await.unwrap()).await;
        assert_eq!((format, width, height), (PictureFormat::Jpeg, 64, 64));

        for format in [ImageFormat::Png, ImageFormat::Jpeg] {
            let small = prepare(noisy(600, 600, format), &bounds(|it| it.max_bytes = Some(60_000))).await.unwrap();
            let (format, width, height, bytes) = facts(small).await;
            assert!(bytes <= 60_000 && format == PictureFormat::Jpeg, "{bytes} bytes of {format:?}");
            assert!(width == height && 64 < width && width < 600, "{width} x {height}");
        }
    }

    #[tokio::test]
    async fn a_picture_that_cannot_become_small_enough_is_told() {
        let tiny = bounds(|it| {
            it.max_bytes = Some(1000);
            it.min_width = Some(300);
        });
        let failure = prepare(noisy(600, 600, ImageFormat::Jpeg), &tiny).await.unwrap_err();
        assert!(failure.message.contains("cannot be brought below the most bytes"), "{}", failure.message);
    }

    #[tokio::test]
    async fn a_data_uri_is_a_picture_like_any_other() {
        const PIXEL: &str = "data:image/gif;base64,R0lGODlhBAAEAAAAACwAAAAABAAEAAACAQAAOw==";
        let facts = inspect("image", &ImageInput::parse(PIXEL)).await.unwrap().unwrap();
        assert_eq!((facts.format.as_str(), facts.width, facts.height), ("gif", 4, 4));
        let broken = inspect("end_image", &ImageInput::parse("data:image/png;base64,§")).await.unwrap_err();
        assert_eq!((broken.field.as_str(), broken.code), ("end_image", ViolationCode::UnusableImage));
    }
}
