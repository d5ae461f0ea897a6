//! One parameter of a model: its JSON type, its limits, and the part it plays.

use serde::Deserialize;
use serde_json::Value;

use crate::{Violation, ViolationCode, nearest};

/// The part that a parameter plays in every model, whatever the model calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParameterRole {
    /// How the picture shall move.
    Prompt,
    /// The address of the first frame.
    StartImage,
    /// The address of the last frame.
    EndImage,
    /// The length of the video.
    Duration,
    /// Width to height.
    AspectRatio,
    /// The size of the video, by the model's own names.
    Resolution,
    /// What shall not be seen.
    NegativePrompt,
}

/// The JSON type that a parameter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
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
}

/// One parameter of a model, as fal's OpenAPI document of the endpoint describes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParameterSpec {
    /// fal's name for it.
    pub name: String,
    /// The part it plays, if it is one that every model has.
    pub role: Option<ParameterRole>,
    /// Its JSON type.
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Whether fal refuses a request without it.
    #[serde(default)]
    pub required: bool,
    /// The only values it may have. Empty: any of its type.
    #[serde(default, rename = "enum")]
    pub allowed: Vec<Value>,
    /// What fal takes when it is left out.
    pub default: Option<Value>,
    /// The least number.
    pub min: Option<f64>,
    /// The greatest number.
    pub max: Option<f64>,
    /// The most characters.
    pub max_length: Option<usize>,
}

impl ParameterSpec {
    /// What is wrong with `value`, if anything, reported under `field`.
    pub fn violation(&self, field: &str, value: &Value) -> Option<Violation> {
        if !self.has_type(value) {
            let message = format!("{} must be {}, not {value}", self.name, self.kind.described());
            return Some(Violation::new(field, ViolationCode::WrongType, message));
        }
        if !self.allowed.is_empty() && !self.allowed.contains(value) {
            return Some(self.not_allowed(field, value));
        }
        self.out_of_range(field, value).or_else(|| self.too_long(field, value))
    }

    fn has_type(&self, value: &Value) -> bool {
        match self.kind {
            ParameterType::String => value.is_string(),
            ParameterType::Number => value.is_number(),
            ParameterType::Integer => value.is_i64() || value.is_u64(),
            ParameterType::Boolean => value.is_boolean(),
        }
    }

    fn not_allowed(&self, field: &str, value: &Value) -> Violation {
        let allowed: Vec<String> = self.allowed.iter().map(plain).collect();
        let message = format!("{} cannot be {}", self.name, plain(value));
        let suggestion = nearest(&plain(value), allowed.iter().map(String::as_str)).map(str::to_owned);
        Violation::new(field, ViolationCode::NotAllowed, message).with_allowed(allowed).with_suggestion(suggestion)
    }

    fn out_of_range(&self, field: &str, value: &Value) -> Option<Violation> {
        let number = value.as_f64()?;
        let limit = match (self.min, self.max) {
            (Some(min), _) if number < min => format!("at least {min}"),
            (_, Some(max)) if max < number => format!("at most {max}"),
            _ => return None,
        };
        Some(Violation::new(field, ViolationCode::OutOfRange, format!("{} must be {limit}, not {number}", self.name)))
    }

    fn too_long(&self, field: &str, value: &Value) -> Option<Violation> {
        let (length, max) = (value.as_str()?.chars().count(), self.max_length?);
        (max < length).then(|| {
            let message = format!("{} has {length} characters and may have {max}", self.name);
            Violation::new(field, ViolationCode::TooLong, message)
        })
    }
}

impl ParameterType {
    fn described(self) -> &'static str {
        match self {
            Self::String => "a text",
            Self::Number => "a number",
            Self::Integer => "a whole number",
            Self::Boolean => "true or false",
        }
    }
}

/// A value as a person would write it: texts without quotes.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The number of seconds that a duration's value stands for: `"5"`, `"8s"` and `8` are read, `"auto"` is not.
pub(super) fn seconds_of(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.trim_end_matches('s').parse().ok(),
        other => other.as_u64().and_then(|seconds| u32::try_from(seconds).ok()),
    }
}
