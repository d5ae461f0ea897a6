//! The same request on every model that can do it, cheapest first.

use crate::{GenerationPlan, GenerationRequest, InspectedImages, ModelRegistry, ValidationRules, Violations, validate};

/// What every model makes of one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// The models that can do it, cheapest first by the most that it can cost; those of unknown price last.
    pub offers: Vec<GenerationPlan>,
    /// The models that cannot, in the catalogue's order, with everything that stands in the way.
    pub unable: Vec<(String, Violations)>,
}

/// Checks and prices one request on every model that fal still offers; the request's own model is not looked at.
pub fn compare(
    request: &GenerationRequest,
    models: &ModelRegistry,
    rules: &ValidationRules,
    images: impl Into<InspectedImages>,
) -> Comparison {
    let images = images.into();
    let mut comparison = Comparison { offers: Vec::new(), unable: Vec::new() };
    for model in models.active() {
        let asked = request.clone().with_model(model.model_id());
        match validate(&asked, models, rules, images.clone()) {
            Ok(plan) => comparison.offers.push(plan),
            Err(violations) => comparison.unable.push((model.model_id().to_owned(), violations)),
        }
    }
    comparison.offers.sort_by_key(|plan| {
        let bound = plan.estimate.upper_bound();
        (bound.is_none(), bound)
    });
    comparison
}
