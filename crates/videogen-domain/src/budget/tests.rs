//! Decisions one by one, and whole histories of them.

use proptest::prelude::*;
use rust_decimal::Decimal;

use super::*;

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

fn exact(text: &str) -> CostEstimate {
    CostEstimate::Exact(usd(text))
}

/// In a project, with ten dollars spent in all: four of them today, of which one in the project.
fn ledgers() -> Ledgers {
    let spent = |amount: &str| Ledger::new(usd(amount), Usd::ZERO);
    Ledgers { project: Some(spent("1")), day: spent("4"), overall: spent("10") }
}

#[test]
fn each_limit_allows_to_the_cent_and_refuses_with_what_is_left() {
    let none = Budget::default();
    for (budget, limit, left) in [
        (Budget { per_request: Some(usd("0.28")), ..none }, Limit::Request, "0.28"),
        (Budget { per_project: Some(usd("1.28")), ..none }, Limit::Project, "0.28"),
        (Budget { per_day: Some(usd("4.28")), ..none }, Limit::Day, "0.28"),
        (Budget { overall: Some(usd("10.28")), ..none }, Limit::Overall, "0.28"),
        (Budget { per_day: Some(usd("3")), ..none }, Limit::Day, "0"),
        (Budget { per_request: Some(usd("0.5")), per_day: Some(usd("4.2")), ..none }, Limit::Day, "0.2"),
        (Budget { per_request: Some(usd("0.2")), per_day: Some(usd("4.2")), ..none }, Limit::Request, "0.2"),
    ] {
        let fits = budget.decide(&ledgers(), exact(left));
        assert_eq!(fits, Decision::Allowed { reserve: usd(left) }, "{budget:?}");

        let needed = usd(left) + usd("0.000001");
        let Decision::Refused(refusal) = budget.decide(&ledgers(), CostEstimate::Exact(needed)) else {
            panic!("{budget:?} has been exceeded");
        };
        assert_eq!((refusal.limit, refusal.left, refusal.needed), (limit, usd(left), Some(needed)), "{budget:?}");
    }
}

#[test]
fn what_is_reserved_is_not_left() {
    let mut ledgers = ledgers();
    ledgers.day.reserve(usd("0.9"));
    let budget = Budget { per_day: Some(usd("5")), ..Budget::default() };
    assert_eq!(budget.decide(&ledgers, exact("0.1")), Decision::Allowed { reserve: usd("0.1") });
    assert!(matches!(budget.decide(&ledgers, exact("0.11")), Decision::Refused(_)));
}

#[test]
fn a_project_s_limit_is_not_for_videos_without_one() {
    let budget = Budget { per_project: Some(usd("1")), ..Budget::default() };
    let outside = Ledgers { project: None, ..ledgers() };
    assert_eq!(budget.decide(&outside, exact("14")), Decision::Allowed { reserve: usd("14") });
    assert!(matches!(budget.decide(&ledgers(), exact("14")), Decision::Refused(_)));
}

#[test]
fn an_unknown_cost_is_refused_under_any_limit_unless_an_amount_is_named_for_it() {
    let without = Budget::default();
    assert_eq!(without.decide(&ledgers(), CostEstimate::Unknown), Decision::Allowed { reserve: Usd::ZERO });
    for limited in [
        Budget { per_request: Some(usd("1000")), ..without },
        Budget { per_project: Some(usd("1000")), ..without },
        Budget { per_day: Some(usd("1000")), ..without },
        Budget { overall: Some(usd("1000")), ..without },
    ] {
        let Decision::Refused(refusal) = limited.decide(&ledgers(), CostEstimate::Unknown) else {
            panic!("an unknown cost has been allowed under {limited:?}");
        };
        assert_eq!(refusal.needed, None);

        let named = |amount: &str| Budget { unknown_cost: UnknownCost::Reserve(usd(amount)), ..limited };
        let allowed = named("2").decide(&ledgers(), CostEstimate::Unknown);
        assert_eq!(allowed, Decision::Allowed { reserve: usd("2") }, "{limited:?}");
        assert!(matches!(named("1001").decide(&ledgers(), CostEstimate::Unknown), Decision::Refused(_)));
    }
}

/// A step in the life of a ledger. Amounts are in millionths of a dollar.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A video is asked for.
    Ask { estimate: Option<u32> },
    /// One of the videos being made, picked by its number, is billed.
    Settle { which: prop::sample::Index, billed: Option<u32> },
    /// One of the videos being made costs nothing.
    Release { which: prop::sample::Index },
    /// A store that is out of step gives back what was never reserved.
    Stray { amount: u32 },
}

fn step(strays: u32) -> impl Strategy<Value = Step> {
    let amount = || 0..3_000_000_u32;
    let which = any::<prop::sample::Index>;
    prop_oneof![
        6 => prop::option::weighted(0.9, amount()).prop_map(|estimate| Step::Ask { estimate }),
        3 => (which(), prop::option::weighted(0.8, amount())).prop_map(|(which, billed)| Step::Settle { which, billed }),
        2 => which().prop_map(|which| Step::Release { which }),
        strays => amount().prop_map(|amount| Step::Stray { amount }),
    ]
}

fn micros(amount: u32) -> Usd {
    Usd::new(Decimal::new(amount.into(), 6)).unwrap()
}

/// A day's ledger under a limit, beside it the reservations one by one, what was billed, and what was billed beyond.
#[derive(Default)]
struct History {
    ledger: Ledger,
    open: Vec<Usd>,
    paid: Usd,
    beyond: Usd,
}

impl History {
    fn take(&mut self, budget: &Budget, step: Step) {
        match step {
            Step::Ask { estimate } => self.ask(budget, estimate),
            Step::Settle { which, billed } if !self.open.is_empty() => {
                let reservation = self.open.swap_remove(which.index(self.open.len()));
                let billed = billed.map(micros);
                self.ledger.settle(reservation, billed);
                self.paid = self.paid + billed.unwrap_or(reservation);
                self.beyond = self.beyond + billed.unwrap_or_default().saturating_sub(reservation);
            }
            Step::Release { which } if !self.open.is_empty() => {
                self.ledger.release(self.open.swap_remove(which.index(self.open.len())));
            }
            Step::Settle { .. } | Step::Release { .. } => {}
            Step::Stray { amount } => self.ledger.release(micros(amount)),
        }
    }

    fn ask(&mut self, budget: &Budget, estimate: Option<u32>) {
        let estimate = estimate.map_or(CostEstimate::Unknown, |amount| CostEstimate::Exact(micros(amount)));
        let ledgers = Ledgers { day: self.ledger, ..Ledgers::default() };
        if let Decision::Allowed { reserve } = budget.decide(&ledgers, estimate) {
            self.ledger.reserve(reserve);
            self.open.push(reserve);
        }
    }
}

proptest! {
    /// Money goes over a limit only by bills that are higher than what was reserved for them.
    #[test]
    fn no_history_spends_more_than_the_limit_and_what_was_billed_beyond(
        limit in 0..20_000_000_u32,
        unknown in prop::option::of(0..3_000_000_u32),
        steps in prop::collection::vec(step(0), 0..200),
    ) {
        let unknown_cost = unknown.map_or(UnknownCost::Refuse, |amount| UnknownCost::Reserve(micros(amount)));
        let budget = Budget { per_day: Some(micros(limit)), unknown_cost, ..Budget::default() };
        let mut history = History::default();
        for step in steps {
            history.take(&budget, step);
            let reserved = history.open.iter().fold(Usd::ZERO, |sum, amount| sum + *amount);
            prop_assert_eq!(history.ledger, Ledger::new(history.paid, reserved));
            prop_assert!(history.paid + reserved <= micros(limit) + history.beyond);
        }
    }

    /// Even a store that gives back more than was reserved makes no figure negative and loses no bill.
    #[test]
    fn no_history_makes_a_figure_negative(steps in prop::collection::vec(step(4), 0..200)) {
        let budget = Budget { per_day: Some(usd("10")), ..Budget::default() };
        let mut history = History::default();
        for step in steps {
            history.take(&budget, step);
            prop_assert_eq!(history.ledger.spent(), history.paid);
            prop_assert!(history.ledger.reserved() >= Usd::ZERO);
        }
    }

    /// What a refusal says is left is exactly what would have been allowed.
    #[test]
    fn what_is_left_would_have_been_allowed(
        limits in prop::array::uniform4(prop::option::of(0..9_000_000_u32)),
        booked in prop::array::uniform3((0..9_000_000_u32, 0..9_000_000_u32)),
        estimate in 0..9_000_000_u32,
    ) {
        let [per_request, per_project, per_day, overall] = limits.map(|limit| limit.map(micros));
        let budget = Budget { per_request, per_project, per_day, overall, unknown_cost: UnknownCost::Refuse };
        let [project, day, overall] = booked.map(|(spent, reserved)| Ledger::new(micros(spent), micros(reserved)));
        let ledgers = Ledgers { project: Some(project), day, overall };
        match budget.decide(&ledgers, CostEstimate::Exact(micros(estimate))) {
            Decision::Allowed { reserve } => prop_assert_eq!(reserve, micros(estimate)),
            Decision::Refused(refusal) => {
                prop_assert!(refusal.left < micros(estimate));
                let left = budget.decide(&ledgers, CostEstimate::Exact(refusal.left));
                prop_assert_eq!(left, Decision::Allowed { reserve: refusal.left });
            }
        }
    }
}
