//! What holds for whatever is asked of whichever model.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use videogen_domain::{
    CostEstimate, Fit, GenerationRequest, ImageFacts, ImageInput, InspectedImages, ModelSpec, Usd, ValidationRules,
    compare, validate,
};

use crate::ask::{MODELS, check_with, request};
use crate::schema::{Endpoint, endpoints};

static ENDPOINTS: LazyLock<Vec<Endpoint>> = LazyLock::new(endpoints);

/// The request's own fields, as violations name them.
const FIELDS: [&str; 11] = [
    "image",
    "end_image",
    "motion_prompt",
    "model",
    "duration",
    "aspect_ratio",
    "resolution",
    "audio",
    "negative_prompt",
    "parameters",
    "max_cost",
];

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5_i64..200).prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        prop::sample::select(vec!["auto", "5", "8s", "720p", "1080p", "16:9", "https://f/b.png"]).prop_map(Value::from),
        Just(json!(["https://f/b.png"])),
        Just(json!([1, {}])),
        Just(json!({ "a": 1 })),
    ]
}

/// A parameter that some model has, or none.
fn name() -> impl Strategy<Value = String> {
    let known: BTreeSet<String> = ENDPOINTS.iter().flat_map(|endpoint| endpoint.input.keys().cloned()).collect();
    prop_oneof![9 => prop::sample::select(known.into_iter().collect::<Vec<_>>()), 1 => "[a-z_]{1,12}"]
}

prop_compose! {
    pub(crate) fn any_request()(
        place in 0..ENDPOINTS.len(),
        prompt in prop_oneof![4 => Just("slow zoom in on the lighthouse".to_owned()), 1 => "\\PC{0,40}"],
        duration in prop::option::of(prop_oneof![1_u32..20, any::<u32>()]),
        ratio in prop::option::of(prop::sample::select(vec!["16:9", "9:16", "1:1", "4:5", "auto", "7:3", ""])),
        resolution in prop::option::of(prop::sample::select(vec!["720p", "1080P", "768p", "4k", "tall"])),
        audio in prop::option::of(any::<bool>()),
        negative in prop::option::of("\\PC{0,20}"),
        end in prop::option::weighted(0.3, Just(ImageInput::Path("b.png".into()))),
        parameters in prop::collection::btree_map(name(), value(), 0..3),
    ) -> (usize, GenerationRequest) {
        let mut asked = request(&ENDPOINTS[place].id);
        asked.motion_prompt = prompt;
        asked.duration_seconds = duration;
        asked.aspect_ratio = ratio.map(str::to_owned);
        asked.fit = Fit::Pad;
        asked.resolution = resolution.map(str::to_owned);
        asked.audio = audio;
        asked.negative_prompt = negative;
        asked.end_image = end;
        asked.parameters = parameters;
        (place, asked)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_valid_passes_the_schema_and_what_is_not_names_a_field_that_exists((place, asked) in any_request()) {
        let endpoint = &ENDPOINTS[place];
        match check_with(&asked, &MODELS) {
            Ok(plan) => {
                let input = plan.input("https://f/a.png", asked.end_image.as_ref().map(|_| "https://f/b.png"));
                prop_assert_eq!(endpoint.refusals(&input), Vec::<String>::new(), "{}", input);
                prop_assert!(plan.estimate.upper_bound().is_none_or(|cost| Usd::ZERO < cost), "{:?}", plan);
            }
            Err(violations) => for violation in violations.iter() {
                let field = violation.field.as_str();
                let parameter = field.strip_prefix("parameters.");
                let exists = FIELDS.contains(&field)
                    || parameter.is_some_and(|name| asked.parameters.contains_key(name) || endpoint.input.contains_key(name));
                prop_assert!(exists, "{}", violation);
                prop_assert!(!violation.message.is_empty() && !violation.message.ends_with('.'), "{}", violation);
            }
        }
    }

    #[test]
    fn no_picture_and_no_name_of_a_model_makes_it_panic(
        (_, asked) in any_request(),
        model in "\\PC{0,30}",
        (width, height, bytes) in any::<(u32, u32, u64)>(),
        ratio in "\\PC{0,9}|[0-9]{1,6}:[0-9]{1,6}",
    ) {
        let facts = ImageFacts { format: "png".into(), width, height, bytes };
        let images = InspectedImages { image: Ok(Some(facts.clone())), end_image: Ok(Some(facts)) };
        let rules = ValidationRules::default();
        let asked = asked.with_aspect_ratio(ratio, Fit::Crop);
        let _ = validate(&asked, &MODELS, &rules, images.clone());
        let _ = validate(&asked.with_model(model), &MODELS, &rules, images);
    }

    #[test]
    fn no_input_makes_pricing_panic(
        place in 0..ENDPOINTS.len(),
        input in prop::collection::btree_map(name(), value(), 0..6),
    ) {
        let model = MODELS.get(&ENDPOINTS[place].id).unwrap();
        let cost = model.calculate_cost(&input.into_iter().collect());
        prop_assert!(cost.upper_bound().is_none_or(|cost| Usd::ZERO <= cost));
    }

    #[test]
    fn no_document_makes_reading_it_panic(schema in value(), key in name(), other in value()) {
        let mut document: Value = serde_json::from_str(include_str!("../fixtures/openapi/kling_v3_pro_i2v.json")).unwrap();
        let input = document["components"]["schemas"].as_object_mut().unwrap().values_mut()
            .find(|schema| schema["required"] == json!(["start_image_url"])).unwrap();
        input["properties"][&key] = json!({ "type": schema, "enum": [other], "default": other, "anyOf": other });
        input["required"] = other;
        let _ = ModelSpec::from_openapi(&document);
    }
}

/// Each way of asking for size and sound, on each model.
fn ways() -> Vec<GenerationRequest> {
    let mut ways = Vec::new();
    for model in MODELS.iter() {
        let sizes = model.capabilities().resolutions.into_iter().map(Some).chain([None]);
        for size in sizes {
            for audio in [None, Some(false), Some(true)] {
                let mut way = request(model.model_id());
                way.end_image = model.end_image_parameter().map(|_| ImageInput::Path("b.png".into()));
                way.resolution = size.clone();
                way.audio = audio;
                ways.push(way);
            }
        }
    }
    ways
}

#[test]
fn cost_never_falls_when_the_duration_grows() {
    let mut steps = 0;
    for way in ways() {
        let mut before: Option<Usd> = None;
        for seconds in MODELS.get(&way.model).unwrap().valid_durations() {
            let plan = check_with(&way.clone().with_duration_seconds(seconds), &MODELS);
            let Some(cost) = plan.ok().and_then(|plan| plan.estimate.upper_bound()) else { continue };
            assert!(before.is_none_or(|before| before <= cost), "{way:?} at {seconds} s: {before:?}, then {cost}");
            assert!(Usd::ZERO < cost, "{way:?} at {seconds} s");
            before = Some(cost);
            steps += 1;
        }
    }
    assert!(steps > 2000, "{steps} steps were taken");
}

#[test]
fn a_bound_is_reached_by_one_of_the_choices_and_passed_by_none() {
    let mut bounded = 0;
    for way in ways() {
        let Ok(plan) = check_with(&way, &MODELS) else { continue };
        let CostEstimate::UpTo(bound) = plan.estimate else { continue };
        let model = MODELS.get(&way.model).unwrap();
        let sizes: Vec<Option<String>> = match &way.resolution {
            Some(size) if size != "auto" => vec![Some(size.clone())],
            _ => model.capabilities().resolutions.into_iter().filter(|size| size != "auto").map(Some).collect(),
        };
        let open_size = plan.parameters.get("resolution").is_none_or(|size| size == "auto");
        let mut costs = Vec::new();
        let open_length = plan.parameters.get("duration").is_none_or(|length| length == "auto");
        let lengths = if open_length { model.valid_durations() } else { plan.duration_seconds.into_iter().collect() };
        for seconds in lengths {
            for size in sizes.iter().filter(|_| open_size).cloned().chain([way.resolution.clone()]) {
                let mut choice = way.clone().with_duration_seconds(seconds);
                choice.resolution = size;
                costs.extend(check_with(&choice, &MODELS).ok().and_then(|plan| plan.estimate.upper_bound()));
            }
        }
        assert_eq!(costs.iter().max(), Some(&bound), "{way:?}");
        bounded += 1;
    }
    assert!(bounded > 10, "{bounded} requests left something to the model");
}

#[test]
fn comparing_agrees_with_asking_each_model() {
    let asked = request("any").with_duration_seconds(5);
    let compared = compare(&asked, &MODELS, &ValidationRules::default(), Ok(None));
    for plan in &compared.offers {
        let alone = validate(&asked.clone().with_model(&plan.model_id), &MODELS, &ValidationRules::default(), Ok(None));
        assert_eq!(alone.as_ref(), Ok(plan));
    }
}
