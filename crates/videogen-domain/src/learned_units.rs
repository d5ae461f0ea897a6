//! What fal has lately counted for videos of a kind, which tells what the next one costs.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::{CostEstimate, VideoGenerationModel};

/// What changes no price.
const FREE: [&str; 3] = ["prompt", "negative_prompt", "seed"];
/// The least number of bills that outweighs the catalogue.
const ENOUGH: usize = 3;

/// What fal has lately counted in `x-fal-billable-units`, by endpoint and class of price.
///
/// A class is everything of an input that may change its price: all parameters but the prompts and the seed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LearnedUnits(BTreeMap<(String, String), Vec<Decimal>>);

impl LearnedUnits {
    /// How many bills of a class count: the latest ones. Older ones tell of tariffs that may be gone.
    pub const KEPT: usize = 9;

    /// The class of an input, all but the pictures.
    pub fn class_of(parameters: &Map<String, Value>) -> String {
        let priced: BTreeMap<_, _> = parameters.iter().filter(|(name, _)| !FREE.contains(&name.as_str())).collect();
        serde_json::to_string(&priced).unwrap_or_default()
    }

    /// Adds what fal counted for one video. More than [`KEPT`](Self::KEPT) of a class are not kept.
    pub fn add(&mut self, endpoint_id: &str, class: &str, units: Decimal) {
        let seen = self.0.entry((endpoint_id.to_owned(), class.to_owned())).or_default();
        if seen.len() < Self::KEPT {
            seen.push(units);
        }
    }

    /// The cost of an input by what fal has counted for such inputs; `None` where too little is known of them, or no
    /// unit has a price.
    ///
    /// It is the median where more than half of the counts agree on it, and else at most the largest of them.
    pub fn estimate(&self, model: &dyn VideoGenerationModel, parameters: &Map<String, Value>) -> Option<CostEstimate> {
        let class = (model.endpoint_id().to_owned(), Self::class_of(parameters));
        let mut seen = self.0.get(&class).filter(|seen| ENOUGH <= seen.len())?.clone();
        seen.sort();
        let median = seen[seen.len() / 2];
        let agreeing = seen.iter().filter(|units| **units == median).count();
        if seen.len() < agreeing * 2 {
            return model.billed(median).map(CostEstimate::Exact);
        }
        model.billed(seen[seen.len() - 1]).map(CostEstimate::UpTo)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ModelRegistry;

    fn parameters(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    fn estimate(counts: &[u32]) -> Option<CostEstimate> {
        let models = ModelRegistry::builtin();
        let model = models.get("kling_2.1").unwrap();
        let input = parameters(json!({ "prompt": "slow zoom", "duration": "5" }));
        let mut learned = LearnedUnits::default();
        for count in counts {
            learned.add(model.endpoint_id(), &LearnedUnits::class_of(&input), (*count).into());
        }
        learned.estimate(model.as_ref(), &input)
    }

    #[test]
    fn prompts_and_the_seed_make_no_class_of_their_own() {
        let one = parameters(json!({ "prompt": "a", "negative_prompt": "b", "seed": 1, "duration": "5" }));
        let other = parameters(json!({ "duration": "5", "seed": 2, "prompt": "c" }));
        let longer = parameters(json!({ "duration": "10", "prompt": "a" }));
        assert_eq!(LearnedUnits::class_of(&one), LearnedUnits::class_of(&other));
        assert_ne!(LearnedUnits::class_of(&one), LearnedUnits::class_of(&longer));
    }

    #[test]
    fn the_median_counts_where_most_agree_on_it_and_else_the_largest() {
        let usd = |text: &str| text.parse().unwrap();
        assert_eq!(estimate(&[5, 5]), None, "two bills are too few");
        assert_eq!(estimate(&[5, 5, 5]), Some(CostEstimate::Exact(usd("0.28"))));
        assert_eq!(estimate(&[10, 5, 10, 10]), Some(CostEstimate::Exact(usd("0.56"))));
        assert_eq!(estimate(&[5, 10, 6, 7]), Some(CostEstimate::UpTo(usd("0.56"))));
        let latest: Vec<u32> = [[5; LearnedUnits::KEPT], [10; LearnedUnits::KEPT]].concat();
        assert_eq!(estimate(&latest), Some(CostEstimate::Exact(usd("0.28"))), "the first to be added are the latest");
    }
}
