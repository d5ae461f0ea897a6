//! The picture made ready for filming: cropped, scaled once, as planes of luma and chroma with a mirrored border.

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};

use crate::render::camera::NEAREST;
use crate::render::picture::Picture;
use crate::render::size::Size;

/// The border on each side, as a part of the side: enough for the widest zoom out and the full turn.
const BORDER: f64 = 0.25;
/// Above this, a shrinking picture is first brought near its size by a quick box filter.
const COARSE: f64 = 3.0;

/// What the sampler reads from.
pub(super) struct Source {
    pub(super) luma: Plane,
    pub(super) blue: Plane,
    pub(super) red: Plane,
    /// Pixels of the luma plane per pixel of the video, before any zoom.
    pub(super) scale: (f64, f64),
}

/// One channel, with its border.
pub(super) struct Plane {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) samples: Vec<u8>,
}

impl Source {
    /// Keeps as much detail as the nearest zoom can show, and no more.
    pub(super) fn prepare(picture: &Picture, size: Size) -> Self {
        let cropped = cover(&picture.pixels, size);
        let detail = f64::from(cropped.width()) / size.width as f64;
        let factor = detail.clamp(1.0, NEAREST);
        let (width, height) = (even(size.width as f64 * factor), even(size.height as f64 * factor));
        let pixels = resized(cropped, width, height);
        let scale = (f64::from(width) / size.width as f64, f64::from(height) / size.height as f64);
        let halves = halved(&pixels);
        Self {
            luma: Plane::of(&pixels, luma),
            blue: Plane::of(&halves, blue_difference),
            red: Plane::of(&halves, red_difference),
            scale,
        }
    }
}

impl Plane {
    fn of(pixels: &RgbImage, channel: fn(&Rgb<u8>) -> u8) -> Self {
        let (inner_width, inner_height) = (pixels.width() as usize, pixels.height() as usize);
        let (border_x, border_y) = (border(inner_width), border(inner_height));
        let (width, height) = (inner_width + 2 * border_x, inner_height + 2 * border_y);
        let inner: Vec<u8> = pixels.pixels().map(channel).collect();
        let columns: Vec<usize> = (0..width).map(|x| mirrored(x, border_x, inner_width)).collect();
        let mut samples = Vec::with_capacity(width * height);
        for y in 0..height {
            let row = &inner[mirrored(y, border_y, inner_height) * inner_width..][..inner_width];
            samples.extend(columns.iter().map(|&x| row[x]));
        }
        Self { width, height, samples }
    }
}

/// The middle of the picture in the video's aspect ratio.
fn cover(pixels: &RgbImage, size: Size) -> RgbImage {
    let (width, height) = (f64::from(pixels.width()), f64::from(pixels.height()));
    let wanted = size.width as f64 / size.height as f64;
    // A difference of less than a pixel comes from rounding to even sides, and is not worth a crop.
    let (crop_width, crop_height) = if width > height * wanted + 1.0 {
        (height * wanted, height)
    } else if height > width / wanted + 1.0 {
        (width, width / wanted)
    } else {
        return pixels.clone();
    };
    let (crop_width, crop_height) = (crop_width.round().max(1.0) as u32, crop_height.round().max(1.0) as u32);
    let (x, y) = ((pixels.width() - crop_width) / 2, (pixels.height() - crop_height) / 2);
    imageops::crop_imm(pixels, x, y, crop_width, crop_height).to_image()
}

fn resized(pixels: RgbImage, width: u32, height: u32) -> RgbImage {
    if pixels.dimensions() == (width, height) {
        return pixels;
    }
    if f64::from(pixels.width()) > COARSE * f64::from(width) {
        let near = imageops::thumbnail(&pixels, 2 * width, 2 * height);
        return imageops::resize(&near, width, height, FilterType::CatmullRom);
    }
    imageops::resize(&pixels, width, height, FilterType::CatmullRom)
}

/// The average of each two by two pixels: chroma has half the resolution.
fn halved(pixels: &RgbImage) -> RgbImage {
    RgbImage::from_fn(pixels.width() / 2, pixels.height() / 2, |x, y| {
        let four = [(0, 0), (1, 0), (0, 1), (1, 1)].map(|(dx, dy)| pixels.get_pixel(2 * x + dx, 2 * y + dy));
        Rgb([0, 1, 2].map(|i| ((four.iter().map(|pixel| u16::from(pixel[i])).sum::<u16>() + 2) / 4) as u8))
    })
}

fn border(length: usize) -> usize {
    (length as f64 * BORDER).ceil() as usize
}

/// The inner index that a position in the bordered plane shows.
fn mirrored(position: usize, border: usize, length: usize) -> usize {
    let from_start = if position < border { border - 1 - position } else { position - border };
    let folded = if from_start < length { from_start } else { 2 * length - 1 - from_start };
    folded.min(length - 1)
}

fn even(length: f64) -> u32 {
    ((length / 2.0).round() as u32).max(1) * 2
}

// BT.601 with the studio range of 16 to 235, in 16-bit fixed point; the stream says so, so that players agree.

fn luma(&Rgb([r, g, b]): &Rgb<u8>) -> u8 {
    fixed(16, [16_829, 33_039, 6_416], [r, g, b])
}

fn blue_difference(&Rgb([r, g, b]): &Rgb<u8>) -> u8 {
    fixed(128, [-9_714, -19_070, 28_784], [r, g, b])
}

fn red_difference(&Rgb([r, g, b]): &Rgb<u8>) -> u8 {
    fixed(128, [28_784, -24_103, -4_681], [r, g, b])
}

fn fixed(base: i32, weights: [i32; 3], channels: [u8; 3]) -> u8 {
    let sum: i32 = weights.iter().zip(channels).map(|(weight, channel)| weight * i32::from(channel)).sum();
    (base + ((sum + 32_768) >> 16)).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_mirrors_the_picture() {
        let shown: Vec<usize> = (0..8).map(|position| mirrored(position, 2, 4)).collect();
        assert_eq!(shown, [1, 0, 0, 1, 2, 3, 3, 2]);
    }

    #[test]
    fn black_white_and_primaries_have_their_standard_values() {
        let all = |pixel: [u8; 3]| (luma(&Rgb(pixel)), blue_difference(&Rgb(pixel)), red_difference(&Rgb(pixel)));
        assert_eq!(all([0, 0, 0]), (16, 128, 128));
        assert_eq!(all([255, 255, 255]), (235, 128, 128));
        assert_eq!(all([255, 0, 0]), (81, 90, 240));
        assert_eq!(all([0, 0, 255]), (41, 240, 110));
    }

    #[test]
    fn the_middle_of_a_wide_picture_is_kept() {
        let wide = RgbImage::from_fn(300, 100, |x, _| Rgb([x.min(255) as u8, 0, 0]));
        let square = cover(&wide, Size { width: 64, height: 64 });
        assert_eq!(square.dimensions(), (100, 100));
        assert_eq!(square.get_pixel(0, 0)[0], 100);
    }
}
