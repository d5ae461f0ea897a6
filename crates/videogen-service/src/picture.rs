//! The picture on its way to fal: what it is, and how it is brought to an aspect ratio.

use std::io::{BufReader, Cursor};

use fal_upload::{PictureFacts, PictureFormat, Source};
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImage, GenericImageView, ImageFormat, ImageReader, Rgb, RgbImage};
use videogen_domain::{AspectRatio, Failure, Fit, ImageFacts, ImageInput, Inspected, Violation, ViolationCode};

use crate::failure;

/// How well a JPEG is kept when it has to be written again, from 1 to 100.
const JPEG_QUALITY: u8 = 95;

/// The bytes of a picture; `None` where only its address is known.
pub(crate) fn source(image: &ImageInput) -> Option<Source> {
    match image {
        ImageInput::Path(path) => Some(Source::Path(path.clone())),
        ImageInput::Bytes { name, bytes } => Some(Source::Bytes { name: name.clone(), bytes: bytes.clone() }),
        _ => None,
    }
}

/// What a picture is, or why it cannot be used, told of `field`. Nothing is known of one that is given by its address.
pub(crate) async fn inspect(field: &str, image: &ImageInput) -> Inspected {
    let Some(source) = source(image) else { return Ok(None) };
    match fal_upload::inspect(&source).await {
        Ok(facts) => {
            let (width, height) = facts.displayed();
            Ok(Some(ImageFacts { format: facts.format.name().to_owned(), width, height, bytes: facts.bytes }))
        }
        Err(error) => Err(Violation::new(field, ViolationCode::UnusableImage, error.to_string())),
    }
}

/// Brings a picture to an aspect ratio, on a blocking thread. The result is upright, and a PNG, or a JPEG where it was
/// one.
pub(crate) async fn reshape(source: Source, ratio: AspectRatio, fit: Fit) -> Result<Source, Failure> {
    let facts = fal_upload::inspect(&source).await.map_err(|error| failure::from_upload(&error))?;
    let work = move || {
        let picture = decode(&source, &facts)?;
        let shaped = match fit {
            Fit::Crop => crop(&picture, ratio),
            Fit::Pad => pad(&picture, ratio),
            Fit::None => picture,
        };
        encode(&shaped, facts.format, ratio)
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|error: image::ImageError| failure::unreadable_picture(&error)),
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

fn encode(picture: &DynamicImage, format: PictureFormat, ratio: AspectRatio) -> image::ImageResult<Source> {
    let mut bytes = Vec::new();
    let extension = if format == PictureFormat::Jpeg {
        picture.to_rgb8().write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))?;
        "jpg"
    } else {
        picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)?;
        "png"
    };
    let name = format!("image-{}x{}.{extension}", ratio.width(), ratio.height());
    Ok(Source::Bytes { name, bytes: bytes.into() })
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

        let shaped = reshape(source(&image).unwrap(), "1:2".parse().unwrap(), Fit::Crop).await.unwrap();
        let facts = fal_upload::inspect(&shaped).await.unwrap();
        assert_eq!((facts.displayed(), facts.orientation.to_exif()), ((80, 160), 1));
        let picture = decode(&shaped, &facts).unwrap().to_luma8();
        assert!(picture.get_pixel(40, 4).0[0] > 200 && picture.get_pixel(40, 155).0[0] < 50);
    }

    #[tokio::test]
    async fn a_gif_cannot_be_reshaped_and_it_is_said_so() {
        let gif = b"GIF89a\x04\0\x04\0\0\0\0,\0\0\0\0\x04\0\x04\0\0\x02\x01\0\0;";
        let source = Source::Bytes { name: "a.gif".to_owned(), bytes: gif.as_slice().into() };
        let failure = reshape(source, "16:9".parse().unwrap(), Fit::Crop).await.unwrap_err();
        assert_eq!(failure.field.as_deref(), Some("image"));
        assert!(failure.message.contains("cannot be brought to the aspect ratio"), "{}", failure.message);
        assert!(failure.advice.contains("leave the aspect ratio out"), "{}", failure.advice);
    }

    #[tokio::test]
    async fn a_reshaped_picture_keeps_its_format_and_is_the_same_every_time() {
        for (format, expected) in [(ImageFormat::Png, PictureFormat::Png), (ImageFormat::Jpeg, PictureFormat::Jpeg)] {
            let mut bytes = Vec::new();
            picture(400, 300).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
            let source = Source::Bytes { name: "a".to_owned(), bytes: bytes.into() };
            let ratio = "1:1".parse().unwrap();
            let shaped = reshape(source.clone(), ratio, Fit::Crop).await.unwrap();
            assert_eq!(shaped, reshape(source, ratio, Fit::Crop).await.unwrap());
            let facts = fal_upload::inspect(&shaped).await.unwrap();
            assert_eq!((facts.format, facts.width, facts.height), (expected, 300, 300));
        }
    }
}
