//! What a platform chooses where a request leaves it open.

use std::borrow::Cow;

use crate::{GenerationRequest, VideoGenerationModel};

/// The request with the aspect ratio and the length of its platform, where it names none itself.
pub(crate) fn completed<'a>(
    request: &'a GenerationRequest,
    model: &dyn VideoGenerationModel,
) -> Cow<'a, GenerationRequest> {
    let Some(platform) = request.platform else { return Cow::Borrowed(request) };
    let mut completed = request.clone();
    completed.aspect_ratio.get_or_insert_with(|| platform.aspect_ratio().to_string());
    if let (None, Some(aim)) = (request.duration_seconds, platform.clip_seconds()) {
        completed.duration_seconds = length(&completed, model, aim);
    }
    Cow::Owned(completed)
}

/// The longest length that the model can make of this request and that is not above `aim`, or else its shortest; `None`
/// where the request tells the length otherwise, or the model cannot be asked for one.
fn length(request: &GenerationRequest, model: &dyn VideoGenerationModel, aim: u32) -> Option<u32> {
    let mistakes = model.violations(request).len();
    let takes = |seconds: &u32| {
        let asked = GenerationRequest { duration_seconds: Some(*seconds), ..request.clone() };
        model.violations(&asked).len() <= mistakes
    };
    let valid = model.valid_durations();
    let (short, long): (Vec<u32>, Vec<u32>) = valid.into_iter().partition(|seconds| *seconds <= aim);
    short.into_iter().rev().chain(long).find(takes)
}

#[cfg(test)]
mod tests {
    use crate::{
        CostEstimate, Fit, GenerationPlan, GenerationRequest, ImageFacts, ImageInput, ModelRegistry, PlatformPreset,
        ValidationRules, Violations, validate,
    };

    fn request(model: &str, platform: PlatformPreset) -> GenerationRequest {
        let image = ImageInput::Path("lighthouse.png".into());
        GenerationRequest::new(image, "slow zoom in on the lighthouse").with_model(model).with_platform(platform)
    }

    fn planned(request: &GenerationRequest) -> Result<GenerationPlan, Violations> {
        let facts = ImageFacts { format: "png".into(), width: 1920, height: 1920, bytes: 1000 };
        validate(request, &ModelRegistry::builtin(), &ValidationRules::default(), Ok(Some(facts)))
    }

    #[test]
    fn a_platform_chooses_the_longest_length_that_is_not_above_its_own() {
        use PlatformPreset as P;
        for (model, platform, seconds) in [
            ("kling_2.1", P::Youtube, Some(10)),
            ("kling_2.1", P::Tiktok, Some(5)),
            ("kling_2.1", P::Square, Some(5)),
            ("hailuo_02", P::YoutubeShorts, Some(6)),
            ("hailuo_02", P::Youtube, Some(10)),
        ] {
            let plan = planned(&request(model, platform)).unwrap();
            assert_eq!(plan.duration_seconds, seconds, "{model} {platform}");
            let ratio = platform.aspect_ratio();
            let square = platform == P::Square;
            assert_eq!(plan.image.reshape, (!square).then_some((ratio, Fit::Crop)), "{model} {platform}");
        }
    }

    #[test]
    fn the_price_is_that_of_the_chosen_length() {
        let plan = planned(&request("kling_2.1", PlatformPreset::Youtube)).unwrap();
        assert_eq!(plan.parameters["duration"], "10");
        assert_eq!(plan.estimate, CostEstimate::Exact("0.56".parse().unwrap()));
    }

    #[test]
    fn what_the_request_names_itself_stands() {
        let asked = request("kling_2.1", PlatformPreset::Youtube).with_duration_seconds(5);
        let plan = planned(&asked.with_aspect_ratio("9:16", Fit::Pad)).unwrap();
        assert_eq!(plan.duration_seconds, Some(5));
        assert_eq!(plan.image.reshape, Some(("9:16".parse().unwrap(), Fit::Pad)));
    }

    #[test]
    fn every_model_that_makes_a_video_makes_one_for_every_platform_of_which_it_has_the_aspect_ratio() {
        let models = ModelRegistry::builtin();
        for model in models.iter() {
            for platform in PlatformPreset::ALL {
                let with = request(model.model_id(), platform);
                let ratio = platform.aspect_ratio().to_string();
                let without = GenerationRequest { platform: None, ..with.clone() }.with_aspect_ratio(ratio, Fit::Crop);
                let told = |planned: Result<GenerationPlan, Violations>| planned.err().map(|told| told.to_string());
                assert_eq!(told(planned(&with)), told(planned(&without)), "{} {platform}", model.model_id());
            }
        }
    }

    #[test]
    fn each_fallback_chooses_a_length_of_its_own() {
        let asked = request("kling_2.1", PlatformPreset::Tiktok).with_fallback_model("hailuo_02");
        let plan = planned(&asked).unwrap();
        assert_eq!((plan.duration_seconds, plan.fallbacks[0].duration_seconds), (Some(5), Some(6)));
    }
}
