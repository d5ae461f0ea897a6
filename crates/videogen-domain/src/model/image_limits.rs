//! What a model wants a picture to be like.

use serde::Deserialize;

use crate::{ImageBounds, ImageFacts, Violation, ViolationCode};

/// What a model wants a picture to be like, as fal's documents say it. Nothing in it: nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImageLimits {
    /// The most bytes of the file.
    pub max_bytes: Option<u64>,
    /// The least width in pixels.
    pub min_width: Option<u32>,
    /// The least height in pixels.
    pub min_height: Option<u32>,
    /// The greatest width in pixels.
    pub max_width: Option<u32>,
    /// The greatest height in pixels.
    pub max_height: Option<u32>,
    /// The least ratio of width to height.
    pub min_aspect: Option<f64>,
    /// The greatest ratio of width to height.
    pub max_aspect: Option<f64>,
    /// The formats that are taken, in lower case: `png`, `jpeg`, `webp`, … Empty: not said.
    pub formats: Vec<String>,
}

impl ImageLimits {
    /// Everything that a picture does not fulfil, reported under `field`.
    pub fn violations(&self, field: &str, facts: &ImageFacts) -> Vec<Violation> {
        [self.wrong_format(field, facts), self.too_heavy(field, facts), self.wrong_size(field, facts)]
            .into_iter()
            .flatten()
            .chain(self.wrong_aspect(field, facts))
            .collect()
    }

    /// The limits that a picture can be brought below: by scaling it down, or by saving it in another format.
    pub fn bounds(&self) -> ImageBounds {
        ImageBounds {
            min_width: self.min_width,
            min_height: self.min_height,
            max_width: self.max_width,
            max_height: self.max_height,
            max_bytes: self.max_bytes,
            formats: self.formats.clone(),
        }
    }

    fn wrong_format(&self, field: &str, facts: &ImageFacts) -> Option<Violation> {
        if self.formats.is_empty() || self.formats.contains(&facts.format) {
            return None;
        }
        let message =
            format!("the picture is {}, which the model does not take; save it in another format", facts.format);
        Some(Violation::new(field, ViolationCode::UnsuitableImage, message).with_allowed(self.formats.clone()))
    }

    fn too_heavy(&self, field: &str, facts: &ImageFacts) -> Option<Violation> {
        let max = self.max_bytes.filter(|max| *max < facts.bytes)?;
        let message = format!("the picture has {} bytes and may have {max}; make it smaller", facts.bytes);
        Some(Violation::new(field, ViolationCode::UnsuitableImage, message))
    }

    fn wrong_size(&self, field: &str, facts: &ImageFacts) -> Option<Violation> {
        let limit = [
            (self.min_width.filter(|min| facts.width < *min), "wide", "at least"),
            (self.max_width.filter(|max| *max < facts.width), "wide", "at most"),
            (self.min_height.filter(|min| facts.height < *min), "high", "at least"),
            (self.max_height.filter(|max| *max < facts.height), "high", "at most"),
        ];
        let (pixels, side, bound) = limit.into_iter().find_map(|(limit, side, bound)| Some((limit?, side, bound)))?;
        let message = format!(
            "the picture is {} x {} pixels and must be {bound} {pixels} pixels {side}",
            facts.width, facts.height
        );
        Some(Violation::new(field, ViolationCode::UnsuitableImage, message))
    }

    fn wrong_aspect(&self, field: &str, facts: &ImageFacts) -> Option<Violation> {
        let aspect = f64::from(facts.width) / f64::from(facts.height.max(1));
        let limit = match (self.min_aspect, self.max_aspect) {
            (Some(min), _) if aspect < min => format!("at least {min}"),
            (_, Some(max)) if max < aspect => format!("at most {max}"),
            _ => return None,
        };
        let message = format!(
            "the picture is {aspect:.2} times as wide as high and must be {limit} times; \
             ask for an aspect ratio, so that it is cropped or padded"
        );
        Some(Violation::new(field, ViolationCode::UnsuitableImage, message))
    }
}
