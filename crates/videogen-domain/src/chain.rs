//! Clips in a row, each of which begins where the one before ends.

use crate::{CostEstimate, GenerationPlan, GenerationRequest, Violation, ViolationCode, Violations};

/// Clips in a row: the last frame of each is the first of the next. Nothing in it has been checked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChainRequest {
    /// The first clip. Its model, length, parameters and project are those of all clips, and its `max_cost` is for all of
    /// them together. Of its `file_name`, `film.mp4`, are made `film-1.mp4`, `film-2.mp4` and so on.
    pub first: GenerationRequest,
    /// The clips after it.
    pub further: Vec<ChainLink>,
}

/// A clip after the first.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChainLink {
    /// How the picture shall move.
    pub motion_prompt: String,
    /// Its length in seconds. Default: that of the first clip.
    pub duration_seconds: Option<u32>,
}

// Prompts are the user's own words and stay out of logs.
impl std::fmt::Debug for ChainLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChainLink").field("duration_seconds", &self.duration_seconds).finish_non_exhaustive()
    }
}

impl ChainLink {
    /// A clip of the length of the first.
    pub fn new(motion_prompt: impl Into<String>) -> Self {
        Self { motion_prompt: motion_prompt.into(), duration_seconds: None }
    }

    /// Sets its length in seconds.
    pub fn with_duration_seconds(mut self, seconds: u32) -> Self {
        self.duration_seconds = Some(seconds);
        self
    }
}

impl ChainRequest {
    /// A chain that begins with this clip.
    pub fn new(first: GenerationRequest) -> Self {
        Self { first, further: Vec::new() }
    }

    /// Adds a clip.
    pub fn with_link(mut self, link: ChainLink) -> Self {
        self.further.push(link);
        self
    }

    /// The request of each clip, in order, all with the first picture: that of a later one is not known yet.
    pub fn requests(&self) -> Vec<GenerationRequest> {
        let count = 1 + self.further.len();
        let of = |number: usize, link: Option<&ChainLink>| {
            let mut request = GenerationRequest { max_cost: None, ..self.first.clone() };
            request.file_name = request.file_name.map(|name| numbered(&name, number, count));
            if let Some(link) = link {
                request.motion_prompt = link.motion_prompt.clone();
                request.duration_seconds = link.duration_seconds.or(request.duration_seconds);
            }
            request
        };
        let further = self.further.iter().enumerate().map(|(index, link)| of(index + 2, Some(link)));
        std::iter::once(of(1, None)).chain(further).collect()
    }

    /// The plan of the chain from those of its clips, or what is wrong with it as a whole and with them; what is wrong with
    /// a later clip is told of its place.
    ///
    /// # Errors
    /// Every mistake at once.
    pub fn planned(&self, clips: Vec<Result<GenerationPlan, Violations>>) -> Result<ChainPlan, Violations> {
        let (mut plans, mut mistakes) = (Vec::new(), self.mistakes());
        for (index, clip) in clips.into_iter().enumerate() {
            match clip {
                Ok(plan) => plans.push(plan),
                // What all have in common is told once.
                Err(violations) => mistakes.extend(violations.iter().filter_map(|violation| {
                    let is_own = index == 0 || ["motion_prompt", "duration"].contains(&violation.field.as_str());
                    let field = match index {
                        0 => violation.field.clone(),
                        _ => format!("further[{}].{}", index - 1, violation.field),
                    };
                    is_own.then(|| Violation { field, ..violation.clone() })
                })),
            }
        }
        let estimate: CostEstimate = plans.iter().map(|plan| plan.estimate).sum();
        if mistakes.is_empty() {
            mistakes.extend(self.first.max_cost.and_then(|most| estimate.beyond(most, "the clips")));
        }
        Violations::check(mistakes).map(|()| ChainPlan { request: self.clone(), clips: plans, estimate })
    }

    fn mistakes(&self) -> Vec<Violation> {
        let conflict = |field, message: &str| Violation::new(field, ViolationCode::Conflict, message);
        let ends = self.first.end_image.is_some();
        let ends = ends.then(|| conflict("end_image", "each clip of a chain ends where its model leads it"));
        let shown = self.first.scene_id.is_some();
        let shown = shown.then(|| conflict("scene_id", "a chain makes several videos; name the project alone"));
        let alone = self.further.is_empty();
        let alone = alone.then(|| Violation::new("further", ViolationCode::TooShort, "a chain has two clips at least"));
        [ends, shown, alone].into_iter().flatten().collect()
    }
}

/// A chain that has been checked and priced.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ChainPlan {
    /// What was asked for.
    pub request: ChainRequest,
    /// The plan of each clip, in order, all with the first picture.
    pub clips: Vec<GenerationPlan>,
    /// What all clips cost together.
    pub estimate: CostEstimate,
}

/// `film.mp4` becomes `film-02.mp4` where there are ten clips or more, so that they stand in order.
fn numbered(name: &str, number: usize, count: usize) -> String {
    let digits = count.to_string().len();
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => format!("{stem}-{number:0digits$}.{extension}"),
        _ => format!("{name}-{number:0digits$}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clips_are_numbered_in_order() {
        assert_eq!(numbered("film.mp4", 2, 3), "film-2.mp4");
        assert_eq!(numbered("my.film.mp4", 2, 12), "my.film-02.mp4");
        assert_eq!(numbered("film", 12, 12), "film-12");
        assert_eq!(numbered(".mp4", 1, 2), ".mp4-1");
    }

    #[test]
    fn what_one_of_them_costs_is_not_lost() {
        let exact = |text: &str| CostEstimate::Exact(text.parse().unwrap());
        let up_to = |text: &str| CostEstimate::UpTo(text.parse().unwrap());
        assert_eq!([exact("0.28"), exact("0.56")].into_iter().sum::<CostEstimate>(), exact("0.84"));
        assert_eq!([exact("0.28"), up_to("0.56"), exact("0.1")].into_iter().sum::<CostEstimate>(), up_to("0.94"));
        assert_eq!(
            [exact("0.28"), CostEstimate::Unknown, exact("0.1")].into_iter().sum::<CostEstimate>(),
            CostEstimate::Unknown
        );
    }
}
