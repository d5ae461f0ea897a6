//! Every endpoint: its default request is valid, passes fal's schema, and costs what fal says.

use videogen_domain::{CostEstimate, GenerationRequest, ImageInput, NoticeCode};

use crate::ask::{MODELS, check_with, exactly, request, up_to};
use crate::schema::{Endpoint, endpoints};

#[test]
fn the_catalogue_has_each_of_the_85_endpoints_once() {
    let models = &*MODELS;
    let mut known: Vec<String> = models.iter().map(|model| model.endpoint_id().to_owned()).collect();
    let mut expected: Vec<String> = endpoints().into_iter().map(|endpoint| endpoint.endpoint).collect();
    known.sort();
    expected.sort();
    assert_eq!(known, expected);
    assert_eq!(known.len(), 85);
}

#[test]
fn every_default_request_is_valid_passes_the_schema_and_costs_what_fal_says() {
    let models = &*MODELS;
    for endpoint in endpoints() {
        let Endpoint { id, cost_usd, cost_up_to_usd, cost_unknown, .. } = &endpoint;
        let asked = default_request(&endpoint);
        let plan = check_with(&asked, models).unwrap_or_else(|violations| panic!("{id}: {violations}"));
        assert_eq!(plan.endpoint_id, endpoint.endpoint);
        assert_eq!(check_with(&asked.clone().with_model(&endpoint.endpoint), models).as_ref(), Ok(&plan));

        let input = plan.input("https://f/a.png", asked.end_image.as_ref().map(|_| "https://f/b.png"));
        assert_eq!(endpoint.refusals(&input), Vec::<String>::new(), "{id}: {input}");
        assert!(input[&endpoint.image].to_string().contains("https://f/a.png"), "{id}: {input}");

        let expected = match (cost_usd, cost_up_to_usd, cost_unknown) {
            (Some(usd), None, false) => exactly(usd),
            (None, Some(usd), false) => up_to(usd),
            (None, None, true) => CostEstimate::Unknown,
            other => panic!("{id}: the fixture contradicts itself: {other:?}"),
        };
        assert_eq!(rounded(plan.estimate), expected, "{id}");
    }
}

/// A prompt, a picture, and the last frame where the endpoint makes no video without.
fn default_request(endpoint: &Endpoint) -> GenerationRequest {
    let asked = request(&endpoint.id);
    match endpoint.input.get("last_frame_url") {
        Some(property) if property.required => asked.with_end_image(ImageInput::Path("b.png".into())),
        _ => asked,
    }
}

/// The one price with more than five decimals is rounded in the fixture.
fn rounded(estimate: CostEstimate) -> CostEstimate {
    match estimate {
        CostEstimate::Exact(usd) if usd.to_string() == "$0.378125" => exactly("0.37812"),
        other => other,
    }
}

#[test]
fn what_fal_no_longer_offers_says_so_and_names_a_successor_that_it_does_offer() {
    let models = &*MODELS;
    for endpoint in endpoints() {
        let model = models.get(&endpoint.id).unwrap();
        let told = check_with(&default_request(&endpoint), models).map(|plan| plan.notices);
        let is_told = told.is_ok_and(|notices| notices.iter().any(|notice| notice.code == NoticeCode::RetiredModel));
        assert_eq!(is_told, endpoint.status == "retired", "{}", endpoint.id);
        assert_eq!(model.retired().map(|retired| &retired.successor), endpoint.successor.as_ref(), "{}", endpoint.id);
        if let Some(retired) = model.retired() {
            assert!(models.get(&retired.successor).unwrap().retired().is_none(), "{}", endpoint.id);
        }
    }
    assert_eq!(models.active().count(), 77);
}

#[test]
fn every_length_of_every_model_is_written_so_that_the_schema_takes_it() {
    let models = &*MODELS;
    let mut lengths = 0;
    for endpoint in endpoints() {
        for seconds in models.get(&endpoint.id).unwrap().valid_durations() {
            let asked = default_request(&endpoint).with_duration_seconds(seconds);
            // Some lengths cannot be made of one picture in the default size.
            let Ok(plan) = check_with(&asked, models) else { continue };
            let input = plan.input("https://f/a.png", asked.end_image.as_ref().map(|_| "https://f/b.png"));
            assert_eq!(endpoint.refusals(&input), Vec::<String>::new(), "{} {seconds} s: {input}", endpoint.id);
            assert_eq!(plan.duration_seconds, Some(seconds), "{}", endpoint.id);
            lengths += 1;
        }
    }
    assert!(lengths > 500, "{lengths} lengths were tried");
}
