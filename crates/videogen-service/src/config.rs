//! What a service is told.

use fal_core::WatchOptions;
use videogen_domain::ValidationRules;

/// What a service is told.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// What holds for every request.
    pub rules: ValidationRules,
    /// How a request is followed until it is done.
    pub watch: WatchOptions,
}

impl ServiceConfig {
    /// Sets what holds for every request.
    pub fn with_rules(mut self, rules: ValidationRules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets how a request is followed until it is done.
    pub fn with_watch(mut self, watch: WatchOptions) -> Self {
        self.watch = watch;
        self
    }
}
