//! The built-in catalogue: every model validates, prepares and costs what fal says.

use serde_json::{Value, json};
use videogen_domain::{
    Decimal, Fit, GenerationRequest, ImageFacts, ImageInput, ModelRegistry, Sound, Usd, ValidationRules, Violation,
    ViolationCode, validate,
};

use crate::ask::{MODELS, check, codes, exactly, request};

#[test]
fn the_four_models_of_the_first_release_are_sent_what_they_were_and_cost_the_same() {
    let expected = [
        ("kling_2.1", "fal-ai/kling-video/v2.1/standard/image-to-video", "0.28", json!({"duration": "5"})),
        ("kling_2.1_pro", "fal-ai/kling-video/v2.1/pro/image-to-video", "0.49", json!({"duration": "5"})),
        ("kling_2.1_master", "fal-ai/kling-video/v2.1/master/image-to-video", "1.40", json!({"duration": "5"})),
        (
            "hailuo_02",
            "fal-ai/minimax/hailuo-02/standard/image-to-video",
            "0.27",
            json!({"duration": "6", "resolution": "768P"}),
        ),
    ];
    for (id, endpoint_id, price, extra) in expected {
        let plan = check(&request(id)).unwrap();
        assert_eq!((plan.endpoint_id.as_str(), plan.estimate), (endpoint_id, exactly(price)), "{id}");
        let mut input = json!({"prompt": "slow zoom in on the lighthouse", "image_url": "https://f/a.png"});
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        assert_eq!(plan.input("https://f/a.png", None), input, "{id}");
        assert_eq!(check(&request(endpoint_id)).unwrap(), plan, "{id} is found by its endpoint id");
    }
}

#[test]
fn cost_follows_duration_and_resolution_exactly() {
    for (request, price) in [
        (request("kling_2.1").with_duration_seconds(10), "0.56"),
        (request("kling_2.1_pro").with_duration_seconds(10), "0.98"),
        (request("kling_2.1_master").with_duration_seconds(10), "2.80"),
        (request("hailuo_02").with_duration_seconds(10), "0.45"),
        (request("hailuo_02").with_parameter("resolution", "512P"), "0.102"),
        (request("hailuo_02").with_parameter("resolution", "512P").with_duration_seconds(10), "0.17"),
    ] {
        assert_eq!(check(&request).unwrap().estimate, exactly(price), "{request:?}");
    }
}

#[test]
fn what_fal_billed_is_units_times_unit_price() {
    let models = ModelRegistry::builtin();
    for (id, units, billed) in
        [("kling_2.1", "5", "0.28"), ("hailuo_02", "2.26666667", "0.102"), ("kling_2.1", "0", "0")]
    {
        let units = Decimal::from_str_exact(units).unwrap();
        assert_eq!(models.get(id).unwrap().billed(units), Some(billed.parse::<Usd>().unwrap()), "{id}");
    }
}

#[test]
fn every_mistake_is_reported_at_once() {
    let wrong = GenerationRequest::new(ImageInput::Path("a.png".into()), "zoo")
        .with_duration_seconds(7)
        .with_aspect_ratio("7:3", Fit::Crop)
        .with_negative_prompt("x".repeat(2501))
        .with_parameter("cfg_scale", 1.5)
        .with_parameter("motion_strength", 0.5)
        .with_parameter("prompt", "another");
    let unusable = Violation::new("image", ViolationCode::UnusableImage, "there is no file a.png");
    let result = validate(&wrong, &ModelRegistry::builtin(), &ValidationRules::default(), Err(unusable));
    let field = |name: &str, code| (name.to_owned(), code);
    assert_eq!(
        codes(result),
        [
            field("image", ViolationCode::UnusableImage),
            field("motion_prompt", ViolationCode::TooShort),
            field("duration", ViolationCode::NotAllowed),
            field("negative_prompt", ViolationCode::TooLong),
            field("parameters.cfg_scale", ViolationCode::OutOfRange),
            field("parameters.motion_strength", ViolationCode::UnknownParameter),
            field("parameters.prompt", ViolationCode::Conflict),
            field("aspect_ratio", ViolationCode::NotAllowed),
        ]
    );
}

#[test]
fn a_price_above_the_limit_is_refused_and_one_at_the_limit_is_not() {
    let limited = |limit: &str| check(&request("kling_2.1").with_max_cost(limit.parse().unwrap()));
    assert!(limited("0.28").is_ok());
    assert_eq!(codes(limited("0.279999")), [("max_cost".to_owned(), ViolationCode::OverBudget)]);
    let impossible = request("kling_2.1").with_duration_seconds(7).with_max_cost("0.01".parse().unwrap());
    assert_eq!(codes(check(&impossible)), [("duration".to_owned(), ViolationCode::NotAllowed)], "it has no price");
}

#[test]
fn a_mistake_names_what_was_meant() {
    let shown = |request| check(&request).unwrap_err().to_string();
    for (request, text) in [
        (request("kling2.1"), "model: there is no model kling2.1; did you mean kling_2.1? Allowed: kling_1.6, "),
        (request("hailuo_02").with_duration_seconds(7), "did you mean 6? Allowed: 6, 10"),
        (
            request("kling_2.1").with_parameter("motion_strength", 0.5),
            "no parameter motion_strength; did you mean cfg_scale?",
        ),
        (request("kling_2.1_pro").with_parameter("end_image_url", "https://f/b.png"), "did you mean tail_image_url?"),
        (
            request("hailuo_02").with_parameter("resolution", "768p"),
            "resolution cannot be \"768p\"; did you mean 768P?",
        ),
        (request("hailuo_02").with_parameter("prompt_optimizer", "yes"), "must be true or false, not \"yes\""),
        (request("hailuo_02").with_negative_prompt("blur"), "hailuo_02 takes no negative prompt"),
        (request("kling_2.1").with_aspect_ratio("16:10", Fit::Crop), "aspect_ratio: 16:10 is not an aspect ratio"),
    ] {
        let message = shown(request);
        assert!(message.contains(text), "{message}");
    }
}

#[test]
fn an_aspect_ratio_is_honoured_by_reshaping_the_picture_only_where_needed() {
    let plan = |ratio, fit| check(&request("kling_2.1").with_aspect_ratio(ratio, fit));
    assert_eq!(plan("16:9", Fit::Pad).unwrap().image.reshape, Some(("16:9".parse().unwrap(), Fit::Pad)));
    assert_eq!(codes(plan("16:9", Fit::None)), [("aspect_ratio".to_owned(), ViolationCode::Conflict)]);

    let square = ImageFacts { format: "png".into(), width: 500, height: 500, bytes: 1000 };
    let asked = request("kling_2.1").with_aspect_ratio("1:1", Fit::None);
    let fitting = validate(&asked, &ModelRegistry::builtin(), &ValidationRules::default(), Ok(Some(square)));
    assert_eq!(fitting.unwrap().image.reshape, None);
}

#[test]
fn a_picture_that_nobody_can_reshape_is_taken_as_it_is_or_not_at_all() {
    for format in ["gif", "avif"] {
        let facts = ImageFacts { format: format.into(), width: 500, height: 400, bytes: 1000 };
        let check = |request: &GenerationRequest| {
            validate(request, &ModelRegistry::builtin(), &ValidationRules::default(), Ok(Some(facts.clone())))
        };
        assert_eq!(check(&request("kling_2.1")).unwrap().image.reshape, None);
        let refused = check(&request("kling_2.1").with_aspect_ratio("1:1", Fit::Crop)).unwrap_err();
        assert_eq!(refused.iter().map(|violation| violation.code).collect::<Vec<_>>(), [ViolationCode::Conflict]);
        assert!(refused.to_string().contains("only a PNG, JPEG or WebP can be brought to 1:1"), "{refused}");
    }
}

#[test]
fn a_broken_catalogue_is_refused_whole_and_says_why() {
    let mut models = ModelRegistry::builtin();
    let before = models.iter().count();
    for (text, reason) in [
        ("model = 5", "invalid type"),
        ("[[model]]\nid = \"x\"", "missing field"),
        (include_str!("../../catalogue/hailuo.toml"), "there is a model hailuo_02 already"),
    ] {
        let error = models.register_toml("mine.toml", text).unwrap_err().to_string();
        assert!(error.starts_with("mine.toml: ") && error.contains(reason), "{error}");
    }
    assert_eq!(models.iter().count(), before);
}

#[test]
fn a_model_of_ones_own_needs_no_code() {
    let mut models = ModelRegistry::builtin();
    let text = r#"
        [[model]]
        id = "mine"
        endpoint_id = "me/mine"
        display_name = "Mine"
        parameters = [
            { name = "prompt", role = "prompt", type = "string" },
            { name = "start_image_url", role = "start_image", type = "string" },
            { name = "aspect_ratio", role = "aspect_ratio", type = "string", enum = ["21:9"] },
            { name = "motion_strength", type = "number", min = 0.1, max = 1.0 },
        ]
        [model.pricing]
        rates = [{ base_usd = "0.5" }]
        as_of = "2026-11-01"
        source = "me"
        confidence = "configured"
    "#;
    models.register_toml("mine.toml", text).unwrap();
    for (strength, is_fine) in [(0.05, false), (0.1, true), (1.0, true), (1.1, false)] {
        let asked = request("mine").with_parameter("motion_strength", strength);
        let plan = validate(&asked, &models, &ValidationRules::default(), Ok(None));
        assert_eq!(plan.is_ok(), is_fine, "{strength}");
    }
    let asked = request("mine").with_aspect_ratio("21:9", Fit::None);
    let plan = validate(&asked, &models, &ValidationRules::default(), Ok(None)).unwrap();
    assert_eq!(plan.estimate, exactly("0.50"));
    let input = plan.input("https://f/a.png", None);
    assert_eq!((&input["aspect_ratio"], &input["start_image_url"]), (&Value::from("21:9"), &"https://f/a.png".into()));
}

#[test]
fn other_models_are_planned_with_the_first_and_what_they_cannot_do_is_told_of_their_place() {
    let asked = request("hailuo_02").with_fallback_model("kling_2.1").with_fallback_model("hailuo_2.3");
    let plan = check(&asked).unwrap();
    let fallbacks: Vec<_> = plan.fallbacks.iter().map(|plan| (plan.model_id.as_str(), plan.estimate)).collect();
    assert_eq!(fallbacks, [("kling_2.1", exactly("0.28")), ("hailuo_2.3", exactly("0.28"))]);

    let dear = asked.with_fallback_model("nobody").with_max_cost("0.27".parse().unwrap());
    let dear = dear.with_duration_seconds(6);
    let field = |name: &str, code| (name.to_owned(), code);
    assert_eq!(
        codes(check(&dear)),
        [
            field("fallback_models[0].duration", ViolationCode::NotAllowed),
            field("fallback_models[1].max_cost", ViolationCode::OverBudget),
            field("fallback_models[2].model", ViolationCode::UnknownModel),
        ]
    );
}

#[test]
fn a_prompt_has_the_most_characters_of_its_model() {
    let of = |length: usize| {
        let mut asked = request("kling_2.1");
        asked.motion_prompt = "é".repeat(length);
        check(&asked)
    };
    assert!(of(2500).is_ok());
    assert_eq!(codes(of(2501)), [("motion_prompt".to_owned(), ViolationCode::TooLong)]);
}

#[test]
fn what_a_model_can_do_is_told() {
    let can = |model: &str| MODELS.get(model).unwrap().capabilities();
    let veo = can("veo_3.1_first_last");
    assert!(veo.end_image && veo.needs_end_image && veo.negative_prompt && veo.seed && !veo.camera);
    assert_eq!((veo.sound, veo.resolutions), (Sound::Switch { on_by_default: true }, words("720p 1080p 4k")));
    assert_eq!(veo.aspect_ratios, words("auto 16:9 9:16"));

    let kling = can("kling_2.1");
    assert!(!kling.end_image && !kling.reference_images && kling.negative_prompt && !kling.seed);
    assert_eq!((kling.sound, kling.resolutions, kling.aspect_ratios), (Sound::Never, words(""), words("")));
    assert!(can("kling_2.1_pro").end_image && !can("kling_2.1_pro").needs_end_image);
    assert!(can("veo_3.1_reference").reference_images && can("vidu_q2_pro").camera);
    assert_eq!(can("minimax_h3").sound, Sound::Always);
    assert!(!can("seedance_1.0_pro").end_image, "it is taken and not heeded");
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
