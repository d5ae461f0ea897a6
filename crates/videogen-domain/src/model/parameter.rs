//! One parameter of a model: its JSON types, its limits, and the part it plays.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::ImageLimits;
use crate::{Violation, ViolationCode, nearest};

/// The part that a parameter plays in many models, whatever each of them calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParameterRole {
    /// How the picture shall move.
    Prompt,
    /// Prompts for several shots, which take the place of the one prompt.
    Shots,
    /// The address of the first frame.
    StartImage,
    /// The address of the last frame.
    EndImage,
    /// The addresses of pictures that show who and what is to be seen, in no frame as they are.
    ReferenceImages,
    /// The length of the video.
    Duration,
    /// Width to height.
    AspectRatio,
    /// The size of the video, by the model's own names.
    Resolution,
    /// What shall not be seen.
    NegativePrompt,
    /// Whether the video has sound.
    Audio,
    /// How the camera moves.
    Camera,
    /// The number that makes a result repeatable.
    Seed,
}

impl ParameterRole {
    /// The field of a [`GenerationRequest`](crate::GenerationRequest) that sets parameters of this role, if there is one.
    pub fn request_field(self) -> Option<&'static str> {
        match self {
            Self::Prompt => Some("motion_prompt"),
            Self::StartImage => Some("image"),
            Self::EndImage => Some("end_image"),
            Self::Duration => Some("duration"),
            Self::AspectRatio => Some("aspect_ratio"),
            Self::Resolution => Some("resolution"),
            Self::NegativePrompt => Some("negative_prompt"),
            Self::Audio => Some("audio"),
            Self::Shots | Self::ReferenceImages | Self::Camera | Self::Seed => None,
        }
    }

    /// Whether parameters of this role are set by their field alone, never by their own name.
    pub(super) fn has_field_alone(self) -> bool {
        matches!(self, Self::Prompt | Self::StartImage | Self::Duration | Self::AspectRatio | Self::NegativePrompt)
    }
}

/// A JSON type that a parameter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParameterType {
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// A JSON number without a fraction.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
}

/// One parameter of a model, as fal's OpenAPI document of the endpoint describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterSpec {
    /// fal's name for it.
    pub name: String,
    /// The part it plays, if it is one that other models have too.
    pub role: Option<ParameterRole>,
    /// The JSON types that it may be written in. Empty: any.
    #[serde(rename = "type", deserialize_with = "one_or_many")]
    pub types: Vec<ParameterType>,
    /// Whether fal refuses a request without it.
    #[serde(default)]
    pub required: bool,
    /// Whether `null` may stand for "left out".
    #[serde(default)]
    pub nullable: bool,
    /// The only values it may have. Empty: any of its type.
    #[serde(default, rename = "enum")]
    pub allowed: Vec<Value>,
    /// What fal takes when it is left out.
    pub default: Option<Value>,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// The fewest characters.
    pub min_length: Option<usize>,
    /// The most characters.
    pub max_length: Option<usize>,
    /// The JSON type of an array's items. `None`: any.
    pub items: Option<ParameterType>,
    /// The most items of an array.
    pub max_items: Option<usize>,
    /// What a picture given by this parameter must be like.
    pub image: Option<ImageLimits>,
    /// Why fal takes the parameter, and bills the request, without heeding it.
    pub ignored: Option<String>,
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ParameterType>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(ParameterType),
        Many(Vec<ParameterType>),
    }
    Ok(match OneOrMany::deserialize(deserializer)? {
        OneOrMany::One(one) => vec![one],
        OneOrMany::Many(many) => many,
    })
}

impl ParameterSpec {
    /// A parameter that takes anything: to be narrowed by its fields.
    pub fn new(name: impl Into<String>, types: impl Into<Vec<ParameterType>>) -> Self {
        Self {
            name: name.into(),
            role: None,
            types: types.into(),
            required: false,
            nullable: false,
            allowed: Vec::new(),
            default: None,
            min: None,
            max: None,
            min_length: None,
            max_length: None,
            items: None,
            max_items: None,
            image: None,
            ignored: None,
        }
    }

    /// What is wrong with `value`, if anything, reported under `field`.
    pub fn violation(&self, field: &str, value: &Value) -> Option<Violation> {
        if value.is_null() && self.nullable {
            return None;
        }
        if !self.has_type(value) {
            let message = format!("{} must be {}, not {}", self.name, self.described_types(), shown(value));
            return Some(Violation::new(field, ViolationCode::WrongType, message));
        }
        if !self.allowed.is_empty() && !self.allowed.contains(value) {
            return Some(self.not_allowed(field, value));
        }
        self.out_of_range(field, value)
            .or_else(|| self.wrong_length(field, value))
            .or_else(|| self.wrong_items(field, value))
    }

    /// Whether the parameter may be left out: fal takes its own default then.
    pub fn is_optional(&self) -> bool {
        !self.required || self.default.is_some()
    }

    fn has_type(&self, value: &Value) -> bool {
        self.types.is_empty() || self.types.iter().any(|kind| kind.describes(value))
    }

    fn described_types(&self) -> String {
        self.types.iter().map(|kind| kind.described()).collect::<Vec<_>>().join(" or ")
    }

    fn not_allowed(&self, field: &str, value: &Value) -> Violation {
        let allowed: Vec<String> = self.allowed.iter().map(plain).collect();
        let message = format!("{} cannot be {}", self.name, shown(value));
        let suggestion = nearest(&plain(value), allowed.iter().map(String::as_str)).map(str::to_owned);
        Violation::new(field, ViolationCode::NotAllowed, message).with_allowed(allowed).with_suggestion(suggestion)
    }

    fn out_of_range(&self, field: &str, value: &Value) -> Option<Violation> {
        let number = value.as_f64()?;
        let (limit, nearest) = match (self.min, self.max) {
            (Some(min), _) if number < min => (format!("at least {min}"), min),
            (_, Some(max)) if max < number => (format!("at most {max}"), max),
            _ => return None,
        };
        let message = format!("{} must be {limit}, not {number}", self.name);
        Some(
            Violation::new(field, ViolationCode::OutOfRange, message)
                .with_allowed(self.range().into_iter().collect())
                .with_suggestion(Some(nearest.to_string())),
        )
    }

    /// The range of numbers in words, for example `0.1 to 1`.
    fn range(&self) -> Option<String> {
        match (self.min, self.max) {
            (Some(min), Some(max)) => Some(format!("{min} to {max}")),
            (Some(min), None) => Some(format!("{min} and more")),
            (None, Some(max)) => Some(format!("up to {max}")),
            (None, None) => None,
        }
    }

    fn wrong_length(&self, field: &str, value: &Value) -> Option<Violation> {
        let length = value.as_str()?.chars().count();
        let (code, limit) = match (self.min_length, self.max_length) {
            (Some(min), _) if length < min => (ViolationCode::TooShort, format!("needs at least {min}")),
            (_, Some(max)) if max < length => (ViolationCode::TooLong, format!("may have {max}")),
            _ => return None,
        };
        Some(Violation::new(field, code, format!("{} has {length} characters and {limit}", self.name)))
    }

    fn wrong_items(&self, field: &str, value: &Value) -> Option<Violation> {
        let items = value.as_array()?;
        if let Some(max) = self.max_items.filter(|max| *max < items.len()) {
            let message = format!("{} has {} items and may have {max}", self.name, items.len());
            return Some(Violation::new(field, ViolationCode::TooLong, message));
        }
        let kind = self.items?;
        let index = items.iter().position(|item| !kind.describes(item))?;
        let message = format!("item {index} of {} must be {}", self.name, kind.described());
        Some(Violation::new(field, ViolationCode::WrongType, message))
    }
}

impl ParameterType {
    /// Whether the value is of this type.
    pub fn describes(self, value: &Value) -> bool {
        match self {
            Self::String => value.is_string(),
            Self::Number => value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
            Self::Array => value.is_array(),
            Self::Object => value.is_object(),
        }
    }

    fn described(self) -> &'static str {
        match self {
            Self::String => "a text",
            Self::Number => "a number",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}

/// A value as a person would write it: texts without quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value for a message: long ones are cut, so that an error stays readable and a prompt does not end up in a log.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 40;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
