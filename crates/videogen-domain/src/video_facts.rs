//! What a finished video says of itself, and whether it is what was asked for.

use serde::{Deserialize, Serialize};

use crate::GenerationPlan;

/// What a video file says of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VideoFacts {
    /// Its length in milliseconds.
    pub duration_ms: Option<u64>,
    /// Its width in pixels, as it is shown.
    pub width: Option<u32>,
    /// Its height in pixels, as it is shown.
    pub height: Option<u32>,
}

/// By how much a video may be shorter or longer than asked, in milliseconds: models count frames, not seconds.
const LENGTH_TOLERANCE_MS: u64 = 750;
/// By which share the shorter side may differ from the number in `720p`: models round to multiples of 8 or 16.
const SIDE_TOLERANCE: f64 = 0.1;

impl VideoFacts {
    /// What is not as it was planned, each in one clause. Nothing is said of what is not known.
    pub fn mismatches(&self, plan: &GenerationPlan) -> Vec<String> {
        self.wrong_length(plan).into_iter().chain(self.wrong_size(plan)).collect()
    }

    fn wrong_length(&self, plan: &GenerationPlan) -> Option<String> {
        let (is, asked) = (self.duration_ms?, plan.duration_seconds?);
        let differs = LENGTH_TOLERANCE_MS < is.abs_diff(u64::from(asked) * 1000);
        differs.then(|| format!("it is {:.1} s long and not {asked} s", is as f64 / 1000.0))
    }

    fn wrong_size(&self, plan: &GenerationPlan) -> Option<String> {
        let (width, height) = (self.width?, self.height?);
        let asked = plan.parameters.get("resolution")?.as_str()?;
        let lines = lines(asked)?;
        let differs = SIDE_TOLERANCE < (f64::from(width.min(height)) / f64::from(lines) - 1.0).abs();
        differs.then(|| format!("it has {width} x {height} pixels and not {asked}"))
    }
}

/// The shorter side that a resolution names: `720p`, `768P`, `4k`.
fn lines(resolution: &str) -> Option<u32> {
    match resolution.to_ascii_lowercase().as_str() {
        "4k" => Some(2160),
        other => other.strip_suffix('p')?.parse().ok().filter(|lines| *lines != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GenerationRequest, ImageInput, ModelRegistry, ValidationRules, validate};

    #[test]
    fn a_frame_more_or_less_is_no_mismatch_and_a_second_is() {
        let request = GenerationRequest::new(ImageInput::Url("https://f/a.png".into()), "slow zoom in on it");
        let request = request.with_model("hailuo_02").with_resolution("768P");
        let plan = validate(&request, &ModelRegistry::builtin(), &ValidationRules::default(), Ok(None)).unwrap();
        let told = |duration_ms, width, height| {
            VideoFacts { duration_ms: Some(duration_ms), width: Some(width), height: Some(height) }.mismatches(&plan)
        };
        assert_eq!(told(5880, 1366, 768), [""; 0]);
        assert_eq!(told(6000, 768, 1366), [""; 0], "upright");
        assert_eq!(told(1000, 1366, 768), ["it is 1.0 s long and not 6 s"]);
        assert_eq!(told(6000, 910, 512), ["it has 910 x 512 pixels and not 768P"]);
        assert_eq!(VideoFacts::default().mismatches(&plan), [""; 0], "nothing is known");
    }

    #[test]
    fn only_names_of_sizes_are_read() {
        let read = ["720p", "768P", "4k", "auto", "0p", "p", "1:1"].map(lines);
        assert_eq!(read, [Some(720), Some(768), Some(2160), None, None, None, None]);
    }
}
