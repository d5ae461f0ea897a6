//! The same request on every model.

use videogen_domain::{CostEstimate, Fit, ImageInput, ValidationRules, compare};

use crate::ask::{MODELS, picture, request};

fn offers(request: &videogen_domain::GenerationRequest) -> Vec<(String, CostEstimate)> {
    let compared = compare(request, &MODELS, &ValidationRules::default(), Ok(Some(picture())));
    assert_eq!(compared.offers.len() + compared.unable.len(), 77, "each model that fal offers is in one of the lists");
    assert!(compared.unable.iter().all(|(_, violations)| violations.iter().next().is_some()));
    compared.offers.into_iter().map(|plan| (plan.model_id, plan.estimate)).collect()
}

#[test]
fn the_cheapest_comes_first_and_the_unknown_last() {
    let offers = offers(&request("any"));
    let bounds: Vec<_> = offers.iter().map(|(_, estimate)| estimate.upper_bound()).collect();
    let known = bounds.iter().take_while(|bound| bound.is_some()).count();
    assert!(bounds[..known].is_sorted() && bounds[known..].iter().all(Option::is_none), "{offers:?}");
    assert!((1..5).contains(&(bounds.len() - known)), "a few have no price: {offers:?}");
    assert!(offers.len() > 60, "{}", offers.len());
}

#[test]
fn only_models_that_can_do_it_make_an_offer() {
    let ten_seconds = offers(&request("any").with_duration_seconds(10).with_audio(true));
    let names: Vec<&str> = ten_seconds.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"kling_2.6_pro") && names.contains(&"wan_2.6"), "{names:?}");
    for silent_or_short in ["kling_2.1", "hailuo_02", "veo_3.1", "sora_2"] {
        assert!(!names.contains(&silent_or_short), "{silent_or_short}");
    }

    let with_end = request("any").with_end_image(ImageInput::Path("b.png".into())).with_aspect_ratio("9:16", Fit::Crop);
    let names: Vec<String> = offers(&with_end).into_iter().map(|(name, _)| name).collect();
    assert!(
        names.contains(&"veo_3.1_first_last".to_owned()) && names.contains(&"kling_2.1_pro".to_owned()),
        "{names:?}"
    );
    assert!(!names.contains(&"kling_2.1".to_owned()), "it takes no last frame");
}
