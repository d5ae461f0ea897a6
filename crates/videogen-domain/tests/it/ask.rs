//! Requests, and what becomes of them.

use std::sync::LazyLock;

use videogen_domain::{
    CostEstimate, GenerationPlan, GenerationRequest, ImageFacts, ImageInput, ModelRegistry, ValidationRules,
    ViolationCode, Violations, validate,
};

pub(crate) const PROMPT: &str = "slow zoom in on the lighthouse";

pub(crate) static MODELS: LazyLock<ModelRegistry> = LazyLock::new(ModelRegistry::builtin);

/// A picture that every model takes.
pub(crate) fn picture() -> ImageFacts {
    ImageFacts { format: "png".into(), width: 1024, height: 768, bytes: 1000 }
}

pub(crate) fn request(model: &str) -> GenerationRequest {
    GenerationRequest::new(ImageInput::Path("a.png".into()), PROMPT).with_model(model)
}

pub(crate) fn check_with(request: &GenerationRequest, models: &ModelRegistry) -> Result<GenerationPlan, Violations> {
    validate(request, models, &ValidationRules::default(), Ok(Some(picture())))
}

pub(crate) fn check(request: &GenerationRequest) -> Result<GenerationPlan, Violations> {
    check_with(request, &MODELS)
}

pub(crate) fn codes(result: Result<GenerationPlan, Violations>) -> Vec<(String, ViolationCode)> {
    result.unwrap_err().iter().map(|violation| (violation.field.clone(), violation.code)).collect()
}

pub(crate) fn exactly(usd: &str) -> CostEstimate {
    CostEstimate::Exact(usd.parse().unwrap())
}

pub(crate) fn up_to(usd: &str) -> CostEstimate {
    CostEstimate::UpTo(usd.parse().unwrap())
}
