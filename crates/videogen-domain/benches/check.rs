//! How long it takes to check and price a request.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use videogen_domain::{GenerationRequest, ImageFacts, ImageInput, ModelRegistry, ValidationRules, compare, validate};

fn picture() -> ImageFacts {
    ImageFacts { format: "png".to_owned(), width: 1920, height: 1080, bytes: 1_500_000 }
}

fn request(model: &str) -> GenerationRequest {
    GenerationRequest::new(ImageInput::Path("lighthouse.png".into()), "slow zoom in on the lighthouse")
        .with_model(model)
}

fn check(criterion: &mut Criterion) {
    let (models, rules) = (ModelRegistry::builtin(), ValidationRules::default());
    let requests = [
        ("first seconds and each further one", request("kling_2.1").with_duration_seconds(10)),
        ("by size and sound", request("veo_3.1").with_resolution("1080p").with_audio(false)),
        (
            "many parameters",
            request("wan_2.2").with_duration_seconds(5).with_negative_prompt("blur").with_parameter("seed", 7),
        ),
        ("a bound over 12 lengths", request("seedance_2.0")),
        ("three mistakes", request("hailuo_02").with_duration_seconds(7).with_parameter("motion_strength", 0.5)),
    ];
    let mut group = criterion.benchmark_group("validate and price");
    for (name, request) in &requests {
        group.bench_function(*name, |bencher| {
            bencher.iter(|| validate(black_box(request), &models, &rules, Ok(Some(picture()))).map_err(drop));
        });
    }
    group.finish();
    criterion.bench_function("compare all models", |bencher| {
        bencher.iter(|| compare(black_box(&request("any")), &models, &rules, Ok(Some(picture()))));
    });
    criterion.bench_function("read the catalogue", |bencher| bencher.iter(ModelRegistry::builtin));
}

criterion_group!(benches, check);
criterion_main!(benches);
