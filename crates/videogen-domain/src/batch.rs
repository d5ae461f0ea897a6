//! Several videos that are asked for together.

use crate::{CostEstimate, GenerationPlan, Usd, Violation, ViolationCode, Violations};

/// Videos that have been checked and priced together. None depends on another.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BatchPlan {
    /// The plan of each, in their order.
    pub videos: Vec<GenerationPlan>,
    /// What all of them cost together.
    pub estimate: CostEstimate,
}

impl BatchPlan {
    /// The plan of a batch from those of its videos, or everything that is wrong with any of them. A mistake in the second is in
    /// the field `rows[2].duration`, for example. All of them together may cost `max_cost` at most.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn of(rows: Vec<Result<GenerationPlan, Violations>>, max_cost: Option<Usd>) -> Result<Self, Violations> {
        let (mut videos, mut mistakes) = (Vec::new(), Vec::new());
        if rows.is_empty() {
            mistakes.push(Violation::new("rows", ViolationCode::TooShort, "there is no video to make"));
        }
        for (index, row) in rows.into_iter().enumerate() {
            match row {
                Ok(plan) => videos.push(plan),
                Err(violations) => mistakes.extend(violations.iter().map(|violation| {
                    let field = format!("rows[{}].{}", index + 1, violation.field);
                    Violation { field, ..violation.clone() }
                })),
            }
        }
        let estimate: CostEstimate = videos.iter().map(|plan| plan.estimate).sum();
        if mistakes.is_empty() {
            mistakes.extend(max_cost.and_then(|most| estimate.beyond(most, "the videos")));
        }
        Violations::check(mistakes).map(|()| Self { videos, estimate })
    }
}
