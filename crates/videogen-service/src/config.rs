//! What a service is told.

use fal_core::WatchOptions;
use videogen_domain::{Decimal, ValidationRules};

use crate::WhichFrame;

/// What a service is told.
///
/// # Defaults
/// Those of its parts; `bill_tolerance`: 0.1; `provider`: `fal`; `poster`: none
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// What holds for every request.
    pub rules: ValidationRules,
    /// How a request is followed until it is done.
    pub watch: WatchOptions,
    /// By which share of its estimate a bill may be higher before an alarm is raised.
    pub bill_tolerance: Decimal,
    /// Who makes the videos. What one has made is not taken for the work of another, an emulator least of all.
    pub provider: String,
    /// Which frame is kept as a picture beside each video, where the service [has frames](crate::GenerationService::with_frames).
    pub poster: Option<WhichFrame>,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        let (rules, watch) = (ValidationRules::default(), WatchOptions::default());
        Self { rules, watch, bill_tolerance: Decimal::new(1, 1), provider: "fal".to_owned(), poster: None }
    }
}

impl ServiceConfig {
    /// Sets what holds for every request.
    pub fn with_rules(mut self, rules: ValidationRules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets by which share of its estimate a bill may be higher before an alarm is raised.
    pub fn with_bill_tolerance(mut self, share: Decimal) -> Self {
        self.bill_tolerance = share;
        self
    }

    /// Names who makes the videos.
    pub fn with_provider(mut self, provider: impl Into<String>) -> Self {
        self.provider = provider.into();
        self
    }

    /// Keeps this frame of each video as a picture beside it.
    pub fn with_poster(mut self, poster: Option<WhichFrame>) -> Self {
        self.poster = poster;
        self
    }

    /// Sets how a request is followed until it is done.
    pub fn with_watch(mut self, watch: WatchOptions) -> Self {
        self.watch = watch;
        self
    }
}
