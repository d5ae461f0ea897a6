//! The waiting line: who is ahead of whom, one line for each endpoint.

use std::collections::{HashMap, VecDeque};

/// Where a request stands: those of low priority behind all others, and each of the two in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    low: bool,
    number: u64,
}

/// The requests that wait, by endpoint, in the order in which they will be taken.
#[derive(Default)]
pub(crate) struct Line {
    arrivals: u64,
    by_endpoint: HashMap<String, VecDeque<(Place, String)>>,
}

impl Line {
    /// Lets a request wait behind those that it may not overtake.
    pub(crate) fn join(&mut self, endpoint_id: &str, id: &str, low: bool) -> Place {
        self.arrivals += 1;
        let place = Place { low, number: self.arrivals };
        let waiting = self.by_endpoint.entry(endpoint_id.to_owned()).or_default();
        let at = waiting.partition_point(|(other, _)| *other < place);
        waiting.insert(at, (place, id.to_owned()));
        place
    }

    /// Takes a request out, from wherever it stands.
    pub(crate) fn leave(&mut self, endpoint_id: &str, place: Place) {
        let Some(waiting) = self.by_endpoint.get_mut(endpoint_id) else { return };
        if let Ok(at) = waiting.binary_search_by_key(&place, |(other, _)| *other) {
            waiting.remove(at);
        }
    }

    /// How many are ahead of this place.
    pub(crate) fn ahead(&self, endpoint_id: &str, place: Place) -> usize {
        self.by_endpoint.get(endpoint_id).map_or(0, |waiting| waiting.partition_point(|(other, _)| *other < place))
    }

    /// How many wait for this endpoint.
    pub(crate) fn length(&self, endpoint_id: &str) -> usize {
        self.by_endpoint.get(endpoint_id).map_or(0, VecDeque::len)
    }

    /// How many wait in all lines.
    pub(crate) fn total(&self) -> usize {
        self.by_endpoint.values().map(VecDeque::len).sum()
    }

    /// The first of each endpoint's line, oldest first.
    pub(crate) fn heads(&self) -> Vec<&str> {
        let mut heads: Vec<_> = self.by_endpoint.values().filter_map(VecDeque::front).collect();
        heads.sort();
        heads.into_iter().map(|(_, id)| id.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_priority_stands_behind_all_others() {
        let mut line = Line::default();
        let low = line.join("a", "low", true);
        let first = line.join("a", "first", false);
        let second = line.join("a", "second", false);
        assert_eq!([first, second, low].map(|place| line.ahead("a", place)), [0, 1, 2]);
        assert_eq!(line.heads(), ["first"]);
    }

    #[test]
    fn whoever_leaves_lets_the_others_move_up() {
        let mut line = Line::default();
        let places = ["1", "2", "3"].map(|id| line.join("a", id, false));
        line.leave("a", places[1]);
        assert_eq!((line.ahead("a", places[0]), line.ahead("a", places[2]), line.length("a")), (0, 1, 2));
        line.leave("a", places[1]);
        assert_eq!(line.length("a"), 2, "leaving twice changes nothing");
    }

    #[test]
    fn each_endpoint_has_a_line_of_its_own() {
        let mut line = Line::default();
        line.join("a", "1", false);
        let other = line.join("b", "2", false);
        assert_eq!((line.ahead("b", other), line.heads()), (0, vec!["1", "2"]));
    }
}
