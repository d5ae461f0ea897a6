//! The addresses of hosts in texts: real ones, those of the recorder or replay in their place, and placeholders in files.

use std::borrow::Cow;
use std::net::SocketAddr;

use url::Url;

use crate::record::json_text::map_text;
use crate::record::query;
use crate::record::upstreams::Upstream;

/// Stands for a `{` that was in a text itself, so that nothing a text says can look like a placeholder.
const BRACE: &str = "{brace}";

/// Every way to write the address of a host, turned into any other.
pub(super) struct Addresses {
    to_own: Rewrite,
    to_real: Rewrite,
    to_placeholder: Rewrite,
    placeholder_to_own: Rewrite,
}

impl Addresses {
    /// The real hosts, and the address of the listener that stands in their place.
    pub(super) fn new(hosts: &[Upstream], own: SocketAddr) -> Self {
        let mut to_own = Vec::new();
        let mut to_placeholder = vec![(BRACE.to_owned(), format!("{BRACE}brace}}"))];
        let mut placeholder_to_own = vec![(BRACE.to_owned(), "{".to_owned())];
        for Upstream { class, base, marker, .. } in hosts {
            let (own, placeholder) = (format!("http://{own}/{class}"), format!("{{{class}}}"));
            to_own.push((base.clone(), format!("{own}{marker}")));
            to_placeholder.push((base.clone(), format!("{placeholder}{marker}")));
            to_placeholder.push((own.clone(), placeholder.clone()));
            to_placeholder.push((placeholder.clone(), format!("{BRACE}{class}}}")));
            placeholder_to_own.push((placeholder, own));
        }
        let to_real = to_own.iter().map(|(real, own)| (own.clone(), real.clone())).collect();
        Self {
            to_own: Rewrite::new(to_own),
            to_real: Rewrite::new(to_real),
            to_placeholder: Rewrite::new(to_placeholder),
            placeholder_to_own: Rewrite::new(placeholder_to_own),
        }
    }

    /// For the client: real addresses become the listener's own.
    pub(super) fn to_own(&self, text: &str) -> String {
        map_text(text, |text| self.to_own.apply(text))
    }

    /// For the real host: the listener's own addresses become real.
    pub(super) fn to_real(&self, text: &str) -> String {
        map_text(text, |text| self.to_real.apply(text))
    }

    /// For a file: real addresses and the listener's own become placeholders.
    pub(super) fn to_placeholder(&self, text: &str) -> String {
        map_text(text, |text| self.to_placeholder.apply(text))
    }

    /// From a file: placeholders become the listener's own addresses.
    pub(super) fn placeholder_to_own(&self, text: &str) -> String {
        map_text(text, |text| self.placeholder_to_own.apply(text))
    }

    /// Changes the values of a query in one of the ways above.
    pub(super) fn in_query(&self, query: &str, change: impl Fn(&Self, &str) -> String) -> String {
        query::map_values(query, |_, value| {
            let value = query::decoded(value);
            Some(change(self, &value)).filter(|new| *new != value)
        })
    }

    /// The host of a URL that is none of the known ones.
    pub(super) fn unknown_host(&self, text: &str) -> Option<String> {
        let is_url = text.starts_with("https://") || text.starts_with("http://");
        if !is_url || self.to_placeholder.starts(text) {
            return None;
        }
        Some(Url::parse(text).ok()?.host_str()?.to_owned())
    }
}

/// Beginnings of URLs and what is put in their place, the longest first.
struct Rewrite {
    pairs: Vec<(String, String)>,
}

impl Rewrite {
    fn new(mut pairs: Vec<(String, String)>) -> Self {
        pairs.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        Self { pairs }
    }

    fn starts(&self, text: &str) -> bool {
        self.at(text).is_some()
    }

    /// The pair that the text begins with. An address ends where the host does: `https://fal.run` is not in `https://fal.runner.org`.
    fn at(&self, text: &str) -> Option<&(String, String)> {
        let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | ':' | '@' | '_' | '%');
        self.pairs.iter().find(|(from, _)| {
            text.strip_prefix(from.as_str()).is_some_and(|rest| from.ends_with('}') || !rest.starts_with(goes_on))
        })
    }

    /// The changed text, where there is something to change.
    fn apply(&self, text: &str) -> Option<String> {
        let mut out = Cow::Borrowed("");
        let mut kept = 0;
        // Every address begins with one of these two.
        for (at, _) in text.match_indices(['h', '{']) {
            if at < kept {
                continue;
            }
            if let Some((from, to)) = self.at(&text[at..]) {
                out.to_mut().push_str(&text[kept..at]);
                out.to_mut().push_str(to);
                kept = at + from.len();
            }
        }
        (kept > 0).then(|| out.into_owned() + &text[kept..])
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;
    use crate::record::upstreams::Upstreams;

    fn at(port: u16) -> Addresses {
        Addresses::new(&Upstreams::fal().checked().expect("are usable"), (Ipv4Addr::LOCALHOST, port).into())
    }

    #[test]
    fn an_address_is_replaced_wherever_it_stands_and_to_its_end() {
        let addresses = at(1);
        for (real, own, file) in [
            ("https://queue.fal.run", "http://127.0.0.1:1/queue", "{queue}"),
            ("see https://fal.run/x, it", "see http://127.0.0.1:1/run/x, it", "see {run}/x, it"),
            ("https://v3b.fal.media/a?b", "http://127.0.0.1:1/cdn/~v3b.fal.media/a?b", "{cdn}/~v3b.fal.media/a?b"),
            ("https://fal.runner.org/x", "https://fal.runner.org/x", "https://fal.runner.org/x"),
            ("https://fal.run:8080", "https://fal.run:8080", "https://fal.run:8080"),
            (r#"["https:\/\/fal.run\/x",1.0]"#, r#"["http://127.0.0.1:1/run/x",1.0]"#, r#"["{run}/x",1.0]"#),
        ] {
            assert_eq!(addresses.to_own(real), own);
            assert_eq!(addresses.to_placeholder(real), file);
            assert_eq!(addresses.to_placeholder(own), file);
            assert_eq!(addresses.placeholder_to_own(file), own);
            assert_eq!(addresses.to_real(own), real.replace(r"\/", "/"));
        }
        assert_eq!(addresses.unknown_host("https://docs.fal.ai/errors"), Some("docs.fal.ai".to_owned()));
        assert_eq!(addresses.unknown_host("https://v3.fal.media/x"), None);
    }

    proptest! {
        #[test]
        fn whatever_a_text_says_comes_back_from_a_file_on_any_port(
            text in "(https://queue\\.fal\\.run|https://v3b\\.fal\\.media|\\{|\\}|queue|cdn|brace|/|x| ){0,12}"
        ) {
            prop_assert_eq!(at(2).placeholder_to_own(&at(1).to_placeholder(&text)), at(2).to_own(&text));
        }
    }
}
