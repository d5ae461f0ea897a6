//! What the emulator knows of one model: its input fields, its price, and how large its videos are.

use rust_decimal::Decimal;
use serde_json::Value;

/// Millionths of a US dollar.
pub(crate) type MicroUsd = i64;

/// One endpoint of fal.
pub(crate) struct Model {
    pub(crate) endpoint_id: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) tariff: Tariff,
    pub(crate) short_side: ShortSide,
}

/// One input field. A name that is in no field is accepted and ignored, as fal does.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
}

/// What a field takes.
pub(crate) enum Kind {
    /// A string of at most `max` characters.
    Text { max: usize },
    /// One of these strings.
    Choice { values: &'static [&'static str], default: &'static str },
    /// A number between the two, both included.
    Number { min: f64, max: f64 },
    /// A boolean.
    Flag,
    /// The URL of a picture.
    Picture { nullable: bool },
}

/// What a second of video costs.
pub(crate) struct Tariff {
    /// What the pricing API gives for this endpoint, per second.
    pub(crate) unit_price: MicroUsd,
    /// The real price per second where it depends on the resolution; it acts on the number of units.
    pub(crate) by_resolution: &'static [(&'static str, MicroUsd)],
}

/// The length of a video's shorter side in pixels.
pub(crate) enum ShortSide {
    Fixed(u32),
    /// The number in the field `resolution`, such as `768P`.
    Resolution,
}

impl Model {
    /// The part of the endpoint id that status and result URLs keep: `owner/alias`.
    pub(crate) fn app(&self) -> &'static str {
        let end = self.endpoint_id.match_indices('/').nth(1).map_or(self.endpoint_id.len(), |(at, _)| at);
        &self.endpoint_id[..end]
    }

    /// The value of a choice field: the given one if it is allowed, else the default; `None` without such a field.
    pub(crate) fn choice<'a>(&self, input: &'a Value, name: &str) -> Option<&'a str>
    where
        'static: 'a,
    {
        let field = self.fields.iter().find(|field| field.name == name)?;
        let Kind::Choice { values, default } = field.kind else { return None };
        let given = input.get(name).and_then(Value::as_str).filter(|given| values.contains(given));
        Some(given.unwrap_or(default))
    }

    /// Seconds of video.
    pub(crate) fn seconds(&self, input: &Value) -> u32 {
        self.choice(input, "duration").and_then(|text| text.parse().ok()).unwrap_or(5)
    }

    /// The shorter side of the video in pixels.
    pub(crate) fn short_side(&self, input: &Value) -> u32 {
        match self.short_side {
            ShortSide::Fixed(pixels) => pixels,
            ShortSide::Resolution => self
                .choice(input, "resolution")
                .and_then(|text| text.trim_end_matches(['p', 'P']).parse().ok())
                .unwrap_or(720),
        }
    }

    /// Width over height, where the endpoint has a field for it; else the picture decides.
    pub(crate) fn aspect_ratio(&self, input: &Value) -> Option<f64> {
        let (width, height) = self.choice(input, "aspect_ratio")?.split_once(':')?;
        let (width, height): (f64, f64) = (width.parse().ok()?, height.parse().ok()?);
        (height > 0.0).then_some(width / height)
    }

    /// US dollars per second of video.
    pub(crate) fn rate(&self, input: &Value) -> Decimal {
        let resolution = self.choice(input, "resolution");
        let special = self.tariff.by_resolution.iter().find(|(name, _)| Some(*name) == resolution);
        usd(special.map_or(self.tariff.unit_price, |(_, rate)| *rate))
    }

    /// US dollars per unit, as the pricing API says.
    pub(crate) fn unit_price(&self) -> Decimal {
        usd(self.tariff.unit_price)
    }
}

fn usd(micros: MicroUsd) -> Decimal {
    Decimal::new(micros, 6).normalize()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const WIDE: Model = Model {
        endpoint_id: "workshop/example/image-to-video",
        fields: &[Field {
            name: "aspect_ratio",
            required: false,
            kind: Kind::Choice { values: &["16:9", "1:1"], default: "16:9" },
        }],
        tariff: Tariff { unit_price: 50_000, by_resolution: &[] },
        short_side: ShortSide::Fixed(720),
    };

    #[test]
    fn an_aspect_ratio_field_decides_over_the_picture() {
        assert_eq!(WIDE.aspect_ratio(&json!({})), Some(16.0 / 9.0));
        assert_eq!(WIDE.aspect_ratio(&json!({ "aspect_ratio": "1:1" })), Some(1.0));
        let kling = crate::catalogue::find("fal-ai/kling-video/v2.1/pro/image-to-video").expect("is in the catalogue");
        assert_eq!(kling.aspect_ratio(&json!({ "aspect_ratio": "1:1" })), None);
    }

    #[test]
    fn the_app_is_the_first_two_segments() {
        assert_eq!(WIDE.app(), "workshop/example");
    }
}
