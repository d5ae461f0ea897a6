//! How models write the length of a video: `"5"`, `"8s"`, `8`, `"auto"`, or as a number of frames.

use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::Value;

use super::{ParameterSpec, ParameterType};

/// The longest range of whole numbers that is listed as lengths, in seconds.
const LONGEST: u32 = 600;

/// The length of a video as a number of frames: the first frame, and so many for each second.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrameCount {
    /// The parameter that takes the number of frames.
    pub parameter: String,
    /// How many make a second.
    pub per_second: u32,
}

impl FrameCount {
    /// The frames of a video of so many seconds: one more than the steps between them.
    pub(super) fn frames(&self, seconds: u32) -> u32 {
        seconds.saturating_mul(self.per_second).saturating_add(1)
    }

    /// The seconds that are billed for a number of frames.
    pub(super) fn seconds(&self, frames: &Value) -> Option<Decimal> {
        Decimal::from(frames.as_u64()?).checked_div(self.per_second.into())
    }

    /// The length of the video to the nearest second.
    pub(super) fn whole_seconds(&self, frames: &Value) -> Option<u32> {
        self.seconds(frames)?.round().try_into().ok()
    }

    /// The whole seconds that the parameter's range allows.
    pub(super) fn durations(&self, parameter: &ParameterSpec) -> Vec<u32> {
        let fits = |seconds: &u32| {
            let frames = f64::from(self.frames(*seconds));
            parameter.min.is_none_or(|min| min <= frames) && parameter.max.is_some_and(|max| frames <= max)
        };
        (1..=LONGEST).filter(fits).collect()
    }
}

/// The number of seconds that a duration's value stands for: `"5"`, `"8s"` and `8` are read, `"auto"` is not.
pub(super) fn seconds_of(value: &Value) -> Option<u32> {
    match value {
        Value::String(text) => text.strip_suffix('s').unwrap_or(text).parse().ok(),
        other => other.as_u64().and_then(|seconds| u32::try_from(seconds).ok()),
    }
}

/// The whole seconds that a duration can be, shortest first.
pub(super) fn durations(parameter: &ParameterSpec) -> Vec<u32> {
    let mut seconds: Vec<u32> = parameter.allowed.iter().filter_map(seconds_of).collect();
    if parameter.allowed.is_empty() && takes_numbers(parameter) {
        let whole = |number: f64| number as u32;
        if let (Some(min), Some(max)) = (parameter.min, parameter.max) {
            seconds.extend(whole(min.max(1.0).ceil())..=whole(max.min(f64::from(LONGEST))));
        }
    }
    seconds.sort_unstable();
    seconds.dedup();
    seconds
}

/// How a length is written to the model; `None` when it cannot be.
pub(super) fn written(parameter: &ParameterSpec, seconds: u32) -> Option<Value> {
    if parameter.allowed.is_empty() && takes_numbers(parameter) {
        let value = Value::from(seconds);
        return parameter.violation("duration", &value).is_none().then_some(value);
    }
    parameter.allowed.iter().find(|value| seconds_of(value) == Some(seconds)).cloned()
}

fn takes_numbers(parameter: &ParameterSpec) -> bool {
    parameter.types.iter().any(|kind| matches!(kind, ParameterType::Integer | ParameterType::Number))
}
