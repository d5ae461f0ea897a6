//! How large a video is: the model's short side, and an aspect ratio within what models make.

/// Width and height in pixels, both even, as 4:2:0 needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

/// The narrowest and widest picture that is filmed whole; a more extreme one is cropped. Real models refuse beyond about these.
const ASPECT_RATIOS: (f64, f64) = (0.4, 2.5);

/// The video's size for an aspect ratio (width over height), a short side, and at most this long a long side.
pub(crate) fn size(aspect_ratio: f64, short_side: u32, long_limit: Option<u32>) -> Size {
    let aspect = aspect_ratio.clamp(ASPECT_RATIOS.0, ASPECT_RATIOS.1);
    let long_over_short = aspect.max(1.0 / aspect);
    let wanted = f64::from(short_side);
    let short = long_limit.map_or(wanted, |limit| wanted.min(f64::from(limit) / long_over_short));
    let (long, short) = (even(short * long_over_short), even(short));
    if aspect >= 1.0 { Size { width: long, height: short } } else { Size { width: short, height: long } }
}

fn even(length: f64) -> usize {
    (length / 2.0).round() as usize * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_side_is_the_models_and_both_sides_are_even() {
        assert_eq!(size(16.0 / 9.0, 720, None), Size { width: 1280, height: 720 });
        assert_eq!(size(9.0 / 16.0, 1080, None), Size { width: 1080, height: 1920 });
        assert_eq!(size(1.0, 768, None), Size { width: 768, height: 768 });
        assert_eq!(size(16.0 / 9.0, 720, Some(320)), Size { width: 320, height: 180 });
        assert_eq!(size(1000.0, 1080, None), Size { width: 2700, height: 1080 });
        let odd = size(1.3333, 721, None);
        assert_eq!((odd.width % 2, odd.height % 2), (0, 0));
    }
}
