//! What users change: overrides from their configuration, models of their own, parameters passed on unchecked.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use videogen_domain::{
    CostEstimate, GenerationRequest, ImageInput, ModelOverride, ModelRegistry, ModelSpec, NoticeCode, Pricing, Usd,
    VideoGenerationModel, Violation, ViolationCode,
};

use crate::ask::{check, check_with, codes, exactly, request};

fn overridden(model: &str, change: impl FnOnce(&mut ModelOverride)) -> ModelRegistry {
    let mut models = ModelRegistry::builtin();
    let mut wanted = ModelOverride::default();
    change(&mut wanted);
    models.override_model(model, wanted).unwrap();
    models
}

#[test]
fn a_price_of_ones_own_takes_the_place_of_the_catalogues() {
    let models = overridden("kling_2.1", |change| change.cost_per_second = Some("0.05".parse().unwrap()));
    let cost = |asked| check_with(&asked, &models).unwrap().estimate;
    assert_eq!(cost(request("kling_2.1")), exactly("0.25"));
    assert_eq!(cost(request("kling_2.1").with_duration_seconds(10)), exactly("0.50"));
    assert_eq!(cost(request("kling_2.1_pro")), exactly("0.49"), "others keep theirs");

    let models = overridden("seedance_2.0", |change| change.cost_per_second = Some("0.10".parse().unwrap()));
    let open = check_with(&request("seedance_2.0"), &models).unwrap().estimate;
    assert_eq!(open, CostEstimate::UpTo("1.50".parse().unwrap()), "the longest is the bound");
}

#[test]
fn lengths_can_be_narrowed_and_the_default_follows() {
    let models = overridden("kling_2.1", |change| change.valid_durations = Some(vec![10]));
    let plan = check_with(&request("kling_2.1"), &models).unwrap();
    assert_eq!((plan.duration_seconds, plan.estimate), (Some(10), exactly("0.56")));
    assert_eq!(plan.parameters["duration"], "10");
    let refused = check_with(&request("kling_2.1").with_duration_seconds(5), &models);
    assert_eq!(codes(refused), [("duration".to_owned(), ViolationCode::NotAllowed)]);
}

#[test]
fn the_prompt_optimizer_can_be_switched_off() {
    let models = overridden("hailuo_02", |change| change.supports_prompt_optimizer = Some(false));
    let refused = check_with(&request("hailuo_02").with_parameter("prompt_optimizer", true), &models);
    assert_eq!(codes(refused), [("parameters.prompt_optimizer".to_owned(), ViolationCode::NotAllowed)]);
    assert!(check_with(&request("hailuo_02"), &models).is_ok());
}

#[test]
fn an_override_that_makes_no_sense_is_refused_with_the_reason() {
    let refusal = |model: &str, change: fn(&mut ModelOverride)| {
        let mut wanted = ModelOverride::default();
        change(&mut wanted);
        ModelRegistry::builtin().override_model(model, wanted).unwrap_err().to_string()
    };
    for (message, expected) in [
        (refusal("kling2.1", |_| ()), "model kling2.1: there is no such model; did you mean kling_2.1?"),
        (refusal("kling_2.1", |it| it.valid_durations = Some(vec![7])), "cannot make a video of 7 s"),
        (refusal("kling_2.1", |it| it.valid_durations = Some(vec![])), "valid_durations is empty"),
        (
            refusal("kling_2.1", |it| {
                it.min_motion_strength = Some(1.0);
                it.max_motion_strength = Some(0.1);
            }),
            "min_motion_strength is greater",
        ),
    ] {
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn what_is_not_known_is_refused_unless_it_is_passed_on_on_purpose() {
    let refused = check(&request("hailuo_02").with_parameter("motion_strength", 0.5));
    assert_eq!(codes(refused), [("parameters.motion_strength".to_owned(), ViolationCode::UnknownParameter)]);

    let plan = check(&request("hailuo_02").with_unchecked_parameter("motion_strength", 0.5)).unwrap();
    assert_eq!(plan.parameters["motion_strength"], 0.5);
    assert_eq!(plan.notices.iter().map(|notice| notice.code).collect::<Vec<_>>(), [NoticeCode::UncheckedParameters]);
}

#[test]
fn what_is_billed_without_being_heeded_is_refused_unless_it_is_passed_on_on_purpose() {
    let end = ImageInput::Path("b.png".into());
    for asked in [
        request("seedance_1.0_pro").with_end_image(end),
        request("seedance_1.0_pro").with_parameter("end_image_url", "https://f/b.png"),
    ] {
        let refused = codes(check(&asked));
        assert_eq!(refused.iter().map(|(_, code)| *code).collect::<Vec<_>>(), [ViolationCode::IgnoredParameter]);
    }
    let on_purpose = request("seedance_1.0_pro").with_unchecked_parameter("end_image_url", "https://f/b.png");
    assert_eq!(check(&on_purpose).unwrap().parameters["end_image_url"], "https://f/b.png");
}

#[test]
fn contradictions_within_a_model_are_told() {
    let field = |name: &str| vec![(name.to_owned(), ViolationCode::Conflict)];
    let shots = json!([{ "prompt": "one" }]);
    for (asked, expected) in [
        (request("pixverse_5").with_resolution("1080p").with_duration_seconds(8), field("duration")),
        (request("vidu_q2_pro").with_audio(true).with_duration_seconds(5), field("audio")),
        (request("ltx_2.3_fast").with_duration_seconds(12).with_parameter("fps", 50), field("duration")),
        (request("seedance_1.0_pro_fast").with_duration_seconds(5).with_parameter("num_frames", 48), field("duration")),
        (
            request("veo_3.1").with_audio(true).with_parameter("generate_audio", false),
            field("parameters.generate_audio"),
        ),
        (request("kling_3").with_parameter("multi_prompt", shots.clone()), field("motion_prompt")),
    ] {
        assert_eq!(codes(check(&asked)), expected, "{asked:?}");
    }
    let mut of_shots = request("kling_3").with_parameter("multi_prompt", shots);
    of_shots.motion_prompt = String::new();
    let plan = check(&of_shots).unwrap();
    assert_eq!((plan.parameters.get("prompt"), plan.estimate), (None, CostEstimate::Unknown));
}

#[test]
fn sound_and_size_are_asked_for_alike_on_every_model() {
    let sent = |asked: GenerationRequest| check(&asked).unwrap().parameters;
    assert_eq!(sent(request("pixverse_5.5").with_audio(true))["generate_audio_switch"], true);
    assert_eq!(sent(request("veo_3.1").with_audio(false))["generate_audio"], false);
    assert_eq!(sent(request("hailuo_02").with_resolution("768p"))["resolution"], "768P");
    let unsupported = |field: &str| vec![(field.to_owned(), ViolationCode::UnknownParameter)];
    assert_eq!(codes(check(&request("kling_2.1").with_audio(true))), unsupported("audio"));
    assert_eq!(codes(check(&request("minimax_h3").with_audio(false))), unsupported("audio"));
    assert_eq!(codes(check(&request("kling_2.1").with_resolution("720p"))), unsupported("resolution"));
    assert!(check(&request("kling_2.1").with_audio(false)).is_ok(), "it is silent anyway");
}

/// A model that no data describes.
#[derive(Debug)]
struct Flipbook;

impl VideoGenerationModel for Flipbook {
    fn model_id(&self) -> &str {
        "flipbook"
    }

    fn endpoint_id(&self) -> &str {
        "me/flipbook"
    }

    fn valid_durations(&self) -> Vec<u32> {
        vec![1]
    }

    fn default_duration(&self) -> Option<u32> {
        Some(1)
    }

    fn valid_aspect_ratios(&self) -> Vec<String> {
        Vec::new()
    }

    fn violations(&self, _request: &GenerationRequest) -> Vec<Violation> {
        Vec::new()
    }

    fn prepare_parameters(&self, request: &GenerationRequest) -> Map<String, Value> {
        [("prompt".to_owned(), Value::from(request.motion_prompt.as_str()))].into_iter().collect()
    }

    fn calculate_cost(&self, _parameters: &Map<String, Value>) -> CostEstimate {
        exactly("0.01")
    }

    fn unit_price(&self) -> Option<Usd> {
        None
    }
}

#[test]
fn a_model_in_code_stands_beside_those_of_the_catalogue() {
    let mut models = ModelRegistry::builtin();
    models.register(Arc::new(Flipbook)).unwrap();
    let plan = check_with(&request("me/flipbook"), &models).unwrap();
    assert_eq!((plan.model_id.as_str(), plan.estimate), ("flipbook", exactly("0.01")));
    assert_eq!(plan.input("https://f/a.png", None)["image_url"], "https://f/a.png");
    let twice = models.register(Arc::new(Flipbook)).unwrap_err().to_string();
    assert!(twice.contains("there is a model flipbook already"), "{twice}");
}

#[test]
fn a_description_that_makes_no_sense_is_refused_with_the_reason() {
    const SOUND: &str = r#"
        [[model]]
        id = "mine"
        endpoint_id = "me/mine"
        display_name = "Mine"
        parameters = [
            { name = "prompt", role = "prompt", type = "string" },
            { name = "image_url", role = "start_image", type = "string" },
            { name = "duration", role = "duration", type = "string", enum = ["5", "10"], default = "5" },
            { name = "scale", type = "number", min = 0.0, max = 1.0, default = 0.5 },
        ]
        [model.pricing]
        rates = [{ when = { duration = "5" }, base_usd = "1.00" }, { base_usd = "2.00" }]
        multipliers = [{ when = { scale = { above = 0.5 } }, by = "2" }]
        as_of = "2026-11-01"
        source = "me"
        confidence = "configured"
    "#;
    let mut models = ModelRegistry::builtin();
    models.register_toml("mine.toml", SOUND).unwrap();
    for (sound, nonsense, reason) in [
        (r#"id = "mine""#, r#"id = " ""#, "must not be empty"),
        (r#"role = "start_image", "#, "", "no parameter has the role start_image"),
        (r#"name = "scale""#, r#"name = "prompt""#, "parameter prompt is there twice"),
        (r#"role = "duration", "#, r#"role = "prompt", "#, "two parameters have the role Prompt"),
        (r#"default = "5""#, r#"default = "7""#, "duration cannot be \"7\""),
        ("default = 0.5", "default = 1.5", "scale must be at most 1"),
        ("min = 0.0", "min = 2.0", "min is greater than max"),
        (r#"when = { duration = "5" }"#, r#"when = { duration = 5 }"#, "depends on a value that cannot be"),
        (r#"when = { duration = "5" }"#, r#"when = { length = "5" }"#, "names the parameter length"),
        ("{ scale = {", "{ scales = {", "names the parameter scales"),
        (r#"base_usd = "2.00""#, r#"base_usd = "-2.00""#, "not an amount of US dollars"),
        (r#"base_usd = "2.00""#, r#"base_usd = "2000000""#, "a price above 1000000 USD"),
        (r#"by = "2""#, r#"by = "-2""#, "is not a factor"),
        (r#"by = "2""#, r#"by = "2000""#, "a multiplier above 1000"),
        (r#"as_of = "2026-11-01""#, "", "missing field `as_of`"),
        (r#"source = "me""#, r#"sauce = "me""#, "unknown field `sauce`"),
    ] {
        let text = SOUND.replacen(sound, nonsense, 1).replace("me/mine", "me/other").replace(r#""mine""#, r#""other""#);
        assert_ne!(text, SOUND.replace("me/mine", "me/other").replace(r#""mine""#, r#""other""#), "{sound}");
        let before = models.iter().count();
        let error = models.register_toml("mine.toml", &text).unwrap_err().to_string();
        assert!(error.starts_with("mine.toml: ") && error.contains(reason), "{reason}: {error}");
        assert_eq!(models.iter().count(), before);
    }
}

#[test]
fn a_price_can_be_given_to_a_model_that_came_without() {
    let document: Value =
        serde_json::from_str(include_str!("../fixtures/openapi/hailuo_02_standard_i2v.json")).unwrap();
    let mut spec = ModelSpec::from_openapi(&document).unwrap();
    spec.id = "hailuo_here".to_owned();
    spec.endpoint_id = "here/hailuo".to_owned();
    spec.pricing = Some(Pricing::per_second("0.05".parse().unwrap(), "2026-11-01", "a contract"));
    let mut models = ModelRegistry::default();
    models.register_spec(spec).unwrap();
    assert_eq!(check_with(&request("hailuo_here"), &models).unwrap().estimate, exactly("0.30"));
}
