//! Whose turn it is: how many tasks run at a time, in all, of an endpoint and of a project, and who is next.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use videogen_domain::ProjectId;

/// How many tasks run at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) overall: usize,
    pub(crate) per_endpoint: usize,
    pub(crate) per_project: usize,
}

/// What decides about the turn of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) endpoint_id: String,
    pub(crate) project_id: Option<ProjectId>,
    /// The higher, the sooner.
    pub(crate) priority: i32,
}

/// Gives turns out: the highest priority first; of those, the project that has the fewest tasks running; of those, whoever came
/// first. A task that its endpoint or project has no room for lets others pass.
#[derive(Debug)]
pub(crate) struct Turns {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: usize,
    of_endpoint: HashMap<String, usize>,
    of_project: HashMap<Option<ProjectId>, usize>,
    /// In the order in which they came.
    waiting: BTreeMap<u64, (Claim, oneshot::Sender<()>)>,
    came: u64,
}

impl Turns {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, state: Mutex::default() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn, which ends when it is dropped. Whoever waits no more gives up the place.
    pub(crate) async fn take(self: &Arc<Self>, claim: Claim) -> Turn {
        let (teller, told) = oneshot::channel();
        let place = {
            let mut state = self.state();
            state.came += 1;
            let place = state.came;
            state.waiting.insert(place, (claim.clone(), teller));
            place
        };
        // From here on it is given back, whether it was given already or not.
        let turn = Turn { turns: Arc::clone(self), place, claim };
        self.give();
        // The sender is dropped with its place alone.
        let _ = told.await;
        turn
    }

    /// Gives out what there is room for.
    fn give(&self) {
        let mut state = self.state();
        while state.running < self.limits.overall {
            let Some(place) = self.next(&state) else { return };
            let Some((claim, teller)) = state.waiting.remove(&place) else { return };
            state.running += 1;
            *state.of_endpoint.entry(claim.endpoint_id).or_default() += 1;
            *state.of_project.entry(claim.project_id).or_default() += 1;
            // Who has gone gives it back.
            let _ = teller.send(());
        }
    }

    fn next(&self, state: &State) -> Option<u64> {
        let of_endpoint = |claim: &Claim| state.of_endpoint.get(&claim.endpoint_id).copied().unwrap_or(0);
        let of_project = |claim: &Claim| state.of_project.get(&claim.project_id).copied().unwrap_or(0);
        let has_room = |claim: &Claim| {
            of_endpoint(claim) < self.limits.per_endpoint
                && (claim.project_id.is_none() || of_project(claim) < self.limits.per_project)
        };
        let fits = state.waiting.iter().filter(|(_, (claim, _))| has_room(claim));
        let first = fits.min_by_key(|(place, (claim, _))| (Reverse(claim.priority), of_project(claim), **place));
        first.map(|(place, _)| *place)
    }

    /// Takes a turn back, or a place.
    fn take_back(&self, place: u64, claim: &Claim) {
        let mut state = self.state();
        if state.waiting.remove(&place).is_none() {
            state.running -= 1;
            lower(&mut state.of_endpoint, &claim.endpoint_id);
            lower(&mut state.of_project, &claim.project_id);
        }
        drop(state);
        self.give();
    }
}

/// What nobody has any more is not remembered.
fn lower<K: std::hash::Hash + Eq>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// A turn, for as long as this is there.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    place: u64,
    claim: Claim,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.take_back(self.place, &self.claim);
    }
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;

    use futures::FutureExt;
    use proptest::prelude::*;

    use super::*;

    fn claim(endpoint: &str, project: Option<&str>, priority: i32) -> Claim {
        Claim { endpoint_id: endpoint.to_owned(), project_id: project.map(ProjectId::from), priority }
    }

    fn limits(overall: usize, per_endpoint: usize, per_project: usize) -> Limits {
        Limits { overall, per_endpoint, per_project }
    }

    type Waiting = Pin<Box<dyn Future<Output = Turn>>>;

    /// Those who wait, each with its claim, and those who have their turn.
    struct Scene {
        turns: Arc<Turns>,
        waiting: Vec<(Claim, Waiting)>,
        running: Vec<(Claim, Turn)>,
    }

    impl Scene {
        fn of(limits: Limits) -> Self {
            Self { turns: Turns::new(limits), waiting: Vec::new(), running: Vec::new() }
        }

        fn come(&mut self, claim: Claim) {
            let (turns, asked) = (Arc::clone(&self.turns), claim.clone());
            let mut waiting: Waiting = Box::pin(async move { turns.take(asked).await });
            match waiting.as_mut().now_or_never() {
                Some(turn) => self.running.push((claim, turn)),
                None => self.waiting.push((claim, waiting)),
            }
        }

        /// Those who have got their turn since.
        fn begun(&mut self) -> Vec<Claim> {
            let mut begun = Vec::new();
            let mut left = Vec::new();
            for (claim, mut waiting) in self.waiting.drain(..) {
                match waiting.as_mut().now_or_never() {
                    Some(turn) => {
                        begun.push(claim.clone());
                        self.running.push((claim, turn));
                    }
                    None => left.push((claim, waiting)),
                }
            }
            self.waiting = left;
            begun
        }

        fn end(&mut self, index: usize) {
            self.running.remove(index);
        }
    }

    #[test]
    fn a_higher_priority_goes_first_and_equals_in_their_order() {
        let mut scene = Scene::of(limits(1, 9, 9));
        scene.come(claim("first", None, 0));
        for (endpoint, priority) in [("low", -1), ("one", 0), ("other", 0), ("high", 5)] {
            scene.come(claim(endpoint, None, priority));
        }
        let mut order = Vec::new();
        while !scene.running.is_empty() {
            scene.end(0);
            order.extend(scene.begun().into_iter().map(|claim| claim.endpoint_id));
        }
        assert_eq!(order, ["high", "one", "other", "low"]);
    }

    #[test]
    fn a_project_that_asks_for_much_leaves_room_for_the_others() {
        let mut scene = Scene::of(limits(4, 9, 9));
        for _ in 0..8 {
            scene.come(claim("kling", Some("large"), 0));
        }
        scene.come(claim("kling", Some("small"), 0));
        assert_eq!((scene.running.len(), scene.waiting.len()), (4, 5));
        scene.end(0);
        assert_eq!(scene.begun(), [claim("kling", Some("small"), 0)]);
    }

    #[test]
    fn whoever_has_no_room_lets_others_pass() {
        let mut scene = Scene::of(limits(9, 2, 3));
        for _ in 0..3 {
            scene.come(claim("kling", Some("film"), 9));
        }
        scene.come(claim("hailuo", Some("film"), 0));
        scene.come(claim("wan", Some("film"), 0));
        scene.come(claim("wan", None, 0));
        let waiting: Vec<&str> = scene.waiting.iter().map(|(claim, _)| claim.endpoint_id.as_str()).collect();
        assert_eq!(waiting, ["kling", "wan"], "two of an endpoint, three of a project; what has no project is in none");
    }

    #[test]
    fn who_waits_no_more_keeps_nobody_waiting() {
        let mut scene = Scene::of(limits(1, 9, 9));
        scene.come(claim("first", None, 0));
        scene.come(claim("gone", None, 9));
        scene.come(claim("next", None, 0));
        drop(scene.waiting.remove(0));
        scene.end(0);
        assert_eq!(scene.begun(), [claim("next", None, 0)]);
        // Given, and gone before it was seen.
        scene.come(claim("late", None, 0));
        scene.end(0);
        scene.waiting.clear();
        scene.come(claim("last", None, 0));
        assert_eq!(scene.running.len(), 1);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Whoever comes, ends or goes: no limit is ever exceeded, nobody waits who has room, and in the end nothing is left.
        #[test]
        fn limits_hold_and_nobody_waits_for_nothing(
            steps in prop::collection::vec((0_u8..4, 0_usize..3, 0_usize..3, -1_i32..2, any::<prop::sample::Index>()), 1..80),
        ) {
            let limits = limits(4, 3, 2);
            let mut scene = Scene::of(limits);
            for (what, endpoint, project, priority, index) in steps {
                match what {
                    0 | 1 => scene.come(claim(&endpoint.to_string(), [None, Some("a"), Some("b")][project], priority)),
                    2 if !scene.running.is_empty() => scene.end(index.index(scene.running.len())),
                    3 if !scene.waiting.is_empty() => drop(scene.waiting.remove(index.index(scene.waiting.len()))),
                    _ => {}
                }
                scene.begun();
                let of = |wanted: &dyn Fn(&Claim) -> bool| scene.running.iter().filter(|(claim, _)| wanted(claim)).count();
                let has_room = |claim: &Claim| {
                    of(&|other| other.endpoint_id == claim.endpoint_id) < limits.per_endpoint
                        && (claim.project_id.is_none() || of(&|other| other.project_id == claim.project_id) < limits.per_project)
                };
                prop_assert!(scene.running.len() <= limits.overall);
                for (claim, _) in &scene.running {
                    prop_assert!(of(&|other| other.endpoint_id == claim.endpoint_id) <= limits.per_endpoint);
                    let in_project = of(&|other| other.project_id == claim.project_id);
                    prop_assert!(claim.project_id.is_none() || in_project <= limits.per_project);
                }
                let waits_for_nothing = scene.waiting.iter().any(|(claim, _)| has_room(claim));
                prop_assert!(scene.running.len() == limits.overall || !waits_for_nothing);
            }
            scene.waiting.clear();
            scene.running.clear();
            let state = scene.turns.state();
            prop_assert!(state.running == 0 && state.of_endpoint.is_empty() && state.of_project.is_empty());
        }
    }
}
