//! Pictures that a model does not take are refused before they are uploaded.

use videogen_domain::{
    Fit, GenerationRequest, ImageFacts, ImageInput, InspectedImages, ValidationRules, Violation, ViolationCode,
    validate,
};

use crate::ask::{MODELS, codes, picture, request};

fn told(request: &GenerationRequest, facts: ImageFacts) -> Vec<String> {
    match validate(request, &MODELS, &ValidationRules::default(), Ok(Some(facts))) {
        Ok(_) => Vec::new(),
        Err(violations) => violations.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn every_limit_of_the_model_is_held_against_the_picture() {
    let kling = request("kling_2.5_turbo");
    // A GIF cannot be decoded here, so nothing can be done about it.
    let of = |width, height, bytes| ImageFacts { format: "gif".into(), width, height, bytes };
    for (facts, expected) in [
        (of(300, 300, 10_485_760), None),
        (of(300, 300, 10_485_761), Some("has 10485761 bytes and may have 10485760")),
        (of(299, 300, 1), Some("is 299 x 300 pixels and must be at least 300 pixels wide")),
        (of(300, 299, 1), Some("must be at least 300 pixels high")),
        (of(1000, 400, 1), None),
        (of(1001, 400, 1), Some("times as wide as high and must be at most 2.5 times")),
        (of(400, 1001, 1), Some("must be at least 0.4 times")),
    ] {
        let told = told(&kling, facts.clone());
        assert_eq!(told.len(), usize::from(expected.is_some()), "{facts:?}: {told:?}");
        assert!(expected.is_none_or(|expected| told[0].contains(expected)), "{facts:?}: {told:?}");
    }
    let too_wide = told(&request("wan_2.5"), of(8001, 240, 1));
    assert!(too_wide[0].contains("at most 8000 pixels wide"), "{too_wide:?}");
    let gif = told(&request("seedance_2.0"), ImageFacts { format: "gif".into(), ..picture() });
    assert!(gif[0].contains("is gif") && gif[0].contains("allowed: jpeg, png, webp"), "{gif:?}");
}

#[test]
fn a_picture_that_is_too_large_or_of_another_format_is_brought_below_the_limits() {
    let of = |format: &str, width, height, bytes| ImageFacts { format: format.into(), width, height, bytes };
    let bounds = |asked: &GenerationRequest, facts| {
        validate(asked, &MODELS, &ValidationRules::default(), Ok(Some(facts))).map(|plan| plan.image.bounds)
    };
    let kling = request("kling_2.5_turbo");
    assert_eq!(bounds(&kling, of("png", 300, 300, 10_485_760)), Ok(None), "what fits is left alone");
    let heavy = bounds(&kling, of("png", 4000, 3000, 10_485_761)).unwrap().unwrap();
    assert_eq!((heavy.max_bytes, heavy.max_width), (Some(10_485_760), None));

    let wide = bounds(&request("wan_2.5"), of("jpeg", 16_000, 9000, 1)).unwrap().unwrap();
    assert_eq!(wide.scaled_down(16_000, 9000), (8000, 4500));
    let narrow = bounds(&request("wan_2.5"), of("jpeg", 20_000, 300, 1)).unwrap_err();
    assert!(narrow.to_string().contains("at most 8000 pixels wide"), "scaled down it would be too low: {narrow}");

    let converted = |model: &str| bounds(&request(model), of("webp", 1024, 768, 1)).map(|bounds| bounds.is_some());
    assert_eq!(
        (converted("seedance_2.0"), converted("kling_3_turbo")),
        (Ok(false), Ok(true)),
        "only where it is not taken"
    );
    let reshaped = bounds(&kling.with_aspect_ratio("1:1", Fit::Pad), of("png", 400, 300, 1)).unwrap().unwrap();
    assert_eq!(reshaped.max_bytes, Some(10_485_760), "nobody knows how many bytes it will have");
}

#[test]
fn a_picture_is_measured_as_it_will_be_after_it_was_brought_to_the_aspect_ratio() {
    let wide = ImageFacts { format: "png".into(), width: 3000, height: 400, bytes: 1000 };
    assert_eq!(told(&request("kling_2.5_turbo"), wide.clone()).len(), 1);
    assert_eq!(told(&request("kling_2.5_turbo").with_aspect_ratio("16:9", Fit::Crop), wide.clone()), [""; 0]);
    let small = ImageFacts { height: 310, width: 3000, ..wide };
    let narrow = told(&request("kling_2.5_turbo").with_aspect_ratio("4:5", Fit::Crop), small);
    assert!(narrow[0].contains("248 x 310 pixels and must be at least 300 pixels wide"), "{narrow:?}");
}

#[test]
fn the_last_frame_is_measured_like_the_first() {
    let asked = request("kling_2.6_pro").with_end_image(ImageInput::Path("b.png".into()));
    let images = |end_image| InspectedImages { image: Ok(Some(picture())), end_image };
    let check = |end| validate(&asked, &MODELS, &ValidationRules::default(), images(end));
    assert_eq!(check(Ok(Some(picture()))).unwrap().end_image.unwrap().input, ImageInput::Path("b.png".into()));
    let small = ImageFacts { width: 200, height: 200, ..picture() };
    assert_eq!(codes(check(Ok(Some(small)))), [("end_image".to_owned(), ViolationCode::UnsuitableImage)]);
    let missing = Violation::new("end_image", ViolationCode::UnusableImage, "there is no file b.png");
    assert_eq!(codes(check(Err(missing))), [("end_image".to_owned(), ViolationCode::UnusableImage)]);
}

#[test]
fn a_last_frame_that_is_needed_or_not_taken_is_told() {
    let end = || ImageInput::Path("b.png".into());
    let field = |code| vec![("end_image".to_owned(), code)];
    let check = |asked: &GenerationRequest| codes(crate::ask::check(asked));
    assert_eq!(check(&request("veo_3.1_first_last")), field(ViolationCode::MissingParameter));
    assert_eq!(check(&request("kling_2.1").with_end_image(end())), field(ViolationCode::UnknownParameter));

    let plan = crate::ask::check(&request("kling_2.1_pro").with_end_image(end())).unwrap();
    assert_eq!(plan.input("https://f/a.png", Some("https://f/b.png"))["tail_image_url"], "https://f/b.png");
    let by_name = request("veo_3.1_first_last").with_parameter("last_frame_url", "https://f/b.png");
    assert!(crate::ask::check(&by_name).is_ok());
    assert_eq!(
        check(&by_name.with_end_image(end())),
        [("parameters.last_frame_url".to_owned(), ViolationCode::Conflict)]
    );
}
