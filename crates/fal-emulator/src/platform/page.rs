//! Lists in pages: the parameters `limit` and `cursor`, and the envelope of the answer.

use std::num::NonZeroUsize;

use data_encoding::BASE64;
use serde_json::{Map, Value};

use crate::platform::parameters::Parameters;
use crate::platform::refusal::Refusal;

/// Which part of a list is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// From 1 on.
    number: usize,
    size: usize,
}

impl Page {
    /// The page that holds a whole list, for answers that are never cut.
    pub(super) const WHOLE: Self = Self { number: 1, size: usize::MAX };

    /// Reads `limit`, at most and by default `largest`, and `cursor`, which is the number of a page in Base64.
    pub(super) fn read(parameters: &Parameters, largest: usize) -> Result<Self, Refusal> {
        Self::read_or(parameters, largest, largest)
    }

    /// The same where a page has fewer entries by default.
    pub(super) fn read_or(parameters: &Parameters, default: usize, largest: usize) -> Result<Self, Refusal> {
        let size = match parameters.one("limit") {
            Some(limit) => {
                limit.parse::<NonZeroUsize>().map_err(|_| Refusal::invalid("limit must be 1 or more"))?.get()
            }
            None => default,
        };
        let number = match parameters.one("cursor") {
            Some(cursor) => decoded(cursor).ok_or_else(|| Refusal::invalid("cursor is not one of this list"))?,
            None => 1,
        };
        Ok(Self { number, size: size.min(largest) })
    }

    /// `{"<name>": […], "next_cursor": …, "has_more": …}` with this page of the list.
    pub(super) fn envelope<T>(self, name: &str, list: &[T], entry: impl Fn(&T) -> Value) -> Value {
        let start = (self.number - 1).saturating_mul(self.size);
        let entries: Vec<Value> = list.iter().skip(start).take(self.size).map(entry).collect();
        let has_more = list.len() > start.saturating_add(self.size);
        let next_cursor = has_more.then(|| BASE64.encode((self.number + 1).to_string().as_bytes()));
        Map::from_iter([
            (name.to_owned(), entries.into()),
            ("next_cursor".to_owned(), next_cursor.into()),
            ("has_more".to_owned(), has_more.into()),
        ])
        .into()
    }
}

fn decoded(cursor: &str) -> Option<usize> {
    let text = String::from_utf8(BASE64.decode(cursor.as_bytes()).ok()?).ok()?;
    text.parse::<NonZeroUsize>().ok().map(NonZeroUsize::get)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn page(query: &str) -> Option<Page> {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let parameters = serde_json::from_value(json!(pairs.collect::<Vec<_>>())).expect("are pairs");
        Page::read(&parameters, 10).ok()
    }

    #[test]
    fn a_list_is_walked_by_its_cursors_to_the_end() {
        let list: Vec<usize> = (0..7).collect();
        let (mut cursor, mut seen) = ("MQ==".to_owned(), Vec::new());
        loop {
            let body =
                page(&format!("limit=3&cursor={cursor}")).expect("is read").envelope("items", &list, |n| json!(n));
            seen.extend(body["items"].as_array().expect("is a list").iter().filter_map(Value::as_u64));
            assert_eq!(body["has_more"], body["next_cursor"].is_string());
            match body["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(seen, (0..7).collect::<Vec<u64>>());
    }

    #[test]
    fn a_limit_above_the_largest_is_cut_and_nonsense_is_refused() {
        assert_eq!(page("limit=500"), Some(Page { number: 1, size: 10 }));
        assert_eq!(page("cursor=Mg=="), Some(Page { number: 2, size: 10 }));
        for nonsense in ["limit=0", "limit=x", "limit=-1", "cursor=2", "cursor=MA==", "cursor=eA=="] {
            assert_eq!(page(nonsense), None, "{nonsense}");
        }
        let far = page("cursor=OTk5OTk5OTk5OTk5OTk5OTk5OQ==").expect("is a number");
        assert_eq!(far.envelope("items", &[1], |n| json!(n))["items"], json!([]));
    }
}
