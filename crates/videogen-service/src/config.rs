//! What a service is told.

use fal_core::WatchOptions;
use videogen_domain::{Decimal, ValidationRules};

/// What a service is told.
///
/// # Defaults
/// Those of its parts; `bill_tolerance`: 0.1
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ServiceConfig {
    /// What holds for every request.
    pub rules: ValidationRules,
    /// How a request is followed until it is done.
    pub watch: WatchOptions,
    /// By which share of its estimate a bill may be higher before an alarm is raised.
    pub bill_tolerance: Decimal,
}

impl Default for ServiceConfig {
    fn default() -> Self {
        Self { rules: ValidationRules::default(), watch: WatchOptions::default(), bill_tolerance: Decimal::new(1, 1) }
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

    /// Sets how a request is followed until it is done.
    pub fn with_watch(mut self, watch: WatchOptions) -> Self {
        self.watch = watch;
        self
    }
}
