//! Which rule strikes which exchange: a matter of the seed and of each rule's own count, never of the clock.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde::Serialize;

use crate::faults::exchange::Exchange;
use crate::faults::fault::{Fault, Subject};
use crate::faults::rule::FaultRule;

/// The rules in force, and what they have done.
pub(crate) struct Plan {
    pub(super) seed: u64,
    /// Each rule's own generator is drawn from this one, in the order in which rules are added.
    rules_rng: Rng,
    last_id: u64,
    rules: Vec<(ActiveRule, Rng)>,
    hits: BTreeMap<&'static str, u64>,
}

/// A rule in force and its counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActiveRule {
    /// The number of the rule: 1 for the first one that was added, never used again.
    pub id: u64,
    /// The rule.
    #[serde(flatten)]
    pub rule: FaultRule,
    /// How many exchanges, or submits, matched it.
    pub matched: u64,
    /// How many of them it hit.
    pub hits: u64,
}

impl Plan {
    pub(crate) fn new(seed: u64, rules: impl IntoIterator<Item = FaultRule>) -> Self {
        let rules_rng = Rng::with_seed(seed);
        let mut plan = Self { seed, rules_rng, last_id: 0, rules: Vec::new(), hits: BTreeMap::new() };
        for rule in rules {
            plan.add(rule);
        }
        plan
    }

    pub(super) fn add(&mut self, rule: FaultRule) -> u64 {
        self.last_id += 1;
        let active = ActiveRule { id: self.last_id, rule, matched: 0, hits: 0 };
        self.rules.push((active, self.rules_rng.fork()));
        self.last_id
    }

    /// Whether there was such a rule.
    pub(super) fn remove(&mut self, id: u64) -> bool {
        let before = self.rules.len();
        self.rules.retain(|(active, _)| active.id != id);
        self.rules.len() < before
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    pub(super) fn rules(&self) -> Vec<ActiveRule> {
        self.rules.iter().map(|(active, _)| active.clone()).collect()
    }

    /// Hits of rules and headers since the start, by the name of the fault.
    pub(super) fn hits(&self) -> BTreeMap<&'static str, u64> {
        self.hits.clone()
    }

    /// The faults of one exchange: those that its header asks for, or else the one of the first rule that hits.
    pub(super) fn for_exchange(&mut self, exchange: &Exchange, asked: Vec<Fault>) -> Vec<Fault> {
        self.choose(asked, |rule| {
            rule.fault.subject() == Subject::Exchange
                && rule.on.covers(exchange.operation)
                && rule.is_about(exchange.endpoint.as_deref())
        })
    }

    /// The faults that a request carries from its submit on.
    pub(super) fn for_request(&mut self, endpoint_id: &str, asked: Vec<Fault>) -> Vec<Fault> {
        self.choose(asked, |rule| rule.fault.subject() != Subject::Exchange && rule.is_about(Some(endpoint_id)))
    }

    /// Every matching rule counts and draws, also where an earlier one has the say: so its n-th draw is always the same.
    fn choose(&mut self, asked: Vec<Fault>, matches: impl Fn(&FaultRule) -> bool) -> Vec<Fault> {
        let mut chosen = asked;
        for (active, rng) in self.rules.iter_mut().filter(|(active, _)| matches(&active.rule)) {
            let subject = active.rule.fault.subject();
            if active.draw(rng) && chosen.iter().all(|fault| fault.subject() != subject) {
                active.hits += 1;
                chosen.push(active.rule.fault.clone());
            }
        }
        for fault in &chosen {
            *self.hits.entry(fault.name()).or_default() += 1;
        }
        chosen
    }
}

impl ActiveRule {
    fn draw(&mut self, rng: &mut Rng) -> bool {
        self.matched += 1;
        let drawn = rng.f64() < self.rule.probability;
        drawn
            && self.matched > self.rule.skip.into()
            && self.rule.times.is_none_or(|times| self.hits < u64::from(times))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Operation;

    const KLING: &str = "fal-ai/kling-video/v2.1/pro/image-to-video";

    fn exchange(operation: Operation) -> Exchange {
        Exchange { operation: Some(operation), endpoint: Some(KLING.to_owned()), request_id: None }
    }

    fn pattern(plan: &mut Plan, operation: Operation, length: usize) -> Vec<bool> {
        (0..length).map(|_| !plan.for_exchange(&exchange(operation), Vec::new()).is_empty()).collect()
    }

    fn half(fault: Fault, operation: Operation) -> FaultRule {
        FaultRule::new(fault).on(operation).probability(0.5)
    }

    #[test]
    fn the_nth_choice_of_a_rule_depends_on_the_seed_alone_and_not_on_what_else_happens() {
        let rules = || [half(Fault::ReplyLost, Operation::Submit), half(Fault::StalledBody, Operation::Status)];
        let mut alone = Plan::new(7, rules());
        let (submits, statuses) =
            (pattern(&mut alone, Operation::Submit, 64), pattern(&mut alone, Operation::Status, 64));
        let mut mixed = Plan::new(7, rules());
        for (submit, status) in submits.iter().zip(&statuses) {
            assert_eq!(pattern(&mut mixed, Operation::Status, 1), [*status]);
            assert_eq!(pattern(&mut mixed, Operation::Submit, 1), [*submit]);
        }
        assert_ne!(submits, statuses, "each rule draws for itself");
        assert_ne!(submits, pattern(&mut Plan::new(8, rules()), Operation::Submit, 64), "another seed, other hits");
        let hits = submits.iter().filter(|hit| **hit).count();
        assert!((16..=48).contains(&hits), "{hits} of 64 at a probability of one half");
    }

    #[test]
    fn an_earlier_rule_that_hits_now_and_then_does_not_shift_the_draws_of_a_later_one() {
        let later = || half(Fault::ReplyLost, Operation::Submit);
        let alone: Vec<bool> = {
            // The first place is taken by a rule that never hits, so that both plans number alike.
            let never = FaultRule::new(Fault::ServerError { after_accept: false }).probability(0.0);
            pattern(&mut Plan::new(7, [never, later()]), Operation::Submit, 64)
        };
        let mut shared = Plan::new(7, [half(Fault::RateLimited { retry_after: None }, Operation::Any), later()]);
        for expected in alone {
            let chosen = shared.for_exchange(&exchange(Operation::Submit), Vec::new());
            let first_hit = chosen == [Fault::RateLimited { retry_after: None }];
            assert!(first_hit || chosen.contains(&Fault::ReplyLost) == expected);
        }
    }

    #[test]
    fn rules_on_one_exchange_take_their_turns() {
        let once = |fault| FaultRule::new(fault).on(Operation::Submit).times(1);
        let mut plan = Plan::new(0, [once(Fault::ResetBeforeAccept), once(Fault::ReplyLost).skip(1)]);
        let mut next = || plan.for_exchange(&exchange(Operation::Submit), Vec::new());
        assert_eq!((next(), next(), next()), (vec![Fault::ResetBeforeAccept], vec![Fault::ReplyLost], vec![]));
        let counts: Vec<_> = plan.rules().iter().map(|active| (active.id, active.matched, active.hits)).collect();
        assert_eq!(counts, [(1, 3, 1), (2, 3, 1)]);
        assert_eq!(plan.hits(), BTreeMap::from([("reply-lost", 1), ("reset-before-accept", 1)]));
    }

    #[test]
    fn a_rule_strikes_its_operation_and_endpoint_alone() {
        let mut plan = Plan::new(0, [FaultRule::new(Fault::ReplyLost).endpoint("fal-ai/minimax")]);
        assert_eq!(pattern(&mut plan, Operation::Submit, 1), [false]);
        plan.add(FaultRule::new(Fault::ReplyLost).endpoint("fal-ai/kling-video"));
        assert_eq!(pattern(&mut plan, Operation::Status, 1), [false]);
        assert_eq!(pattern(&mut plan, Operation::Submit, 1), [true]);
        let about_nothing = Exchange { operation: Some(Operation::Submit), endpoint: None, request_id: None };
        assert!(plan.for_exchange(&about_nothing, Vec::new()).is_empty());
        assert!(plan.remove(2) && !plan.remove(2));
        assert_eq!(pattern(&mut plan, Operation::Submit, 1), [false]);
        plan.clear();
        assert_eq!(plan.add(FaultRule::new(Fault::ReplyLost)), 3, "a number is not used again");
    }

    #[test]
    fn a_request_carries_one_fault_of_each_subject_and_none_of_the_exchange() {
        let rules = [
            Fault::ContentPolicy,
            Fault::NeverFinishing,
            Fault::RunnerLost { retries: 2 },
            Fault::ReplyLost,
            Fault::ForgedWebhook,
        ];
        let mut plan = Plan::new(0, rules.map(FaultRule::new));
        let own = [Fault::ContentPolicy, Fault::RunnerLost { retries: 2 }, Fault::ForgedWebhook];
        assert_eq!(plan.for_request(KLING, Vec::new()), own);
        let asked = plan.for_request(KLING, vec![Fault::SourceExpired]);
        assert_eq!(asked, [Fault::SourceExpired, Fault::RunnerLost { retries: 2 }, Fault::ForgedWebhook]);
    }
}
