//! The endpoints that the emulator serves: fields, limits and prices as fal published them by late 2026.

use crate::model::{Field, Kind, Model, ShortSide, Tariff};

/// The model of an endpoint id.
pub(crate) fn find(endpoint_id: &str) -> Option<&'static Model> {
    MODELS.iter().find(|model| model.endpoint_id == endpoint_id)
}

const MODELS: &[Model] = &[
    Model {
        endpoint_id: "fal-ai/kling-video/v2.1/standard/image-to-video",
        fields: &[PROMPT_2500, IMAGE_URL, DURATION_5_10, NEGATIVE_PROMPT_2500, CFG_SCALE],
        tariff: Tariff { unit_price: 56_000, by_resolution: &[] },
        short_side: ShortSide::Fixed(720),
    },
    Model {
        endpoint_id: "fal-ai/kling-video/v2.1/pro/image-to-video",
        fields: &[PROMPT_2500, IMAGE_URL, DURATION_5_10, NEGATIVE_PROMPT_2500, CFG_SCALE, TAIL_IMAGE_URL],
        tariff: Tariff { unit_price: 98_000, by_resolution: &[] },
        short_side: ShortSide::Fixed(1080),
    },
    Model {
        endpoint_id: "fal-ai/kling-video/v2.1/master/image-to-video",
        fields: &[PROMPT_2500, IMAGE_URL, DURATION_5_10, NEGATIVE_PROMPT_2500, CFG_SCALE],
        tariff: Tariff { unit_price: 280_000, by_resolution: &[] },
        short_side: ShortSide::Fixed(1080),
    },
    Model {
        endpoint_id: "fal-ai/minimax/hailuo-02/standard/image-to-video",
        fields: &[PROMPT_2000, IMAGE_URL, DURATION_6_10, PROMPT_OPTIMIZER, RESOLUTION_512_768, END_IMAGE_URL],
        tariff: Tariff { unit_price: 45_000, by_resolution: &[("768P", 45_000), ("512P", 17_000)] },
        short_side: ShortSide::Resolution,
    },
];

const PROMPT_2500: Field = Field { name: "prompt", required: true, kind: Kind::Text { max: 2500 } };
const PROMPT_2000: Field = Field { name: "prompt", required: true, kind: Kind::Text { max: 2000 } };
const NEGATIVE_PROMPT_2500: Field = Field { name: "negative_prompt", required: false, kind: Kind::Text { max: 2500 } };
const IMAGE_URL: Field = Field { name: "image_url", required: true, kind: Kind::Picture { nullable: false } };
const TAIL_IMAGE_URL: Field = Field { name: "tail_image_url", required: false, kind: Kind::Picture { nullable: true } };
const END_IMAGE_URL: Field = Field { name: "end_image_url", required: false, kind: Kind::Picture { nullable: true } };
const DURATION_5_10: Field =
    Field { name: "duration", required: false, kind: Kind::Choice { values: &["5", "10"], default: "5" } };
const DURATION_6_10: Field =
    Field { name: "duration", required: false, kind: Kind::Choice { values: &["6", "10"], default: "6" } };
const RESOLUTION_512_768: Field =
    Field { name: "resolution", required: false, kind: Kind::Choice { values: &["512P", "768P"], default: "768P" } };
const CFG_SCALE: Field = Field { name: "cfg_scale", required: false, kind: Kind::Number { min: 0.0, max: 1.0 } };
const PROMPT_OPTIMIZER: Field = Field { name: "prompt_optimizer", required: false, kind: Kind::Flag };
