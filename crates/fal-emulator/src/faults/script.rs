//! Faults from a file in TOML: a seed and a list of rules.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::error::Error;
use crate::faults::invalid::InvalidFault;
use crate::faults::rule::FaultRule;

/// What a script says.
#[derive(Debug, Default)]
pub(crate) struct Script {
    pub(crate) seed: Option<u64>,
    pub(crate) rules: Vec<FaultRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    seed: Option<u64>,
    #[serde(default)]
    fault: Vec<Spanned<BTreeMap<Spanned<String>, Value>>>,
}

impl Script {
    /// Reads the file. Blocks on the disk.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::FaultScriptUnreadable { path: path.to_owned(), source })?;
        Self::parse(&text).map_err(|(line, source)| Error::FaultScript { path: path.to_owned(), line, source })
    }

    /// A mistake comes with its line, counted from 1.
    fn parse(text: &str) -> Result<Self, (usize, InvalidFault)> {
        let line = |at: usize| text[..at].matches('\n').count() + 1;
        let written: Written = toml::from_str(text)
            .map_err(|wrong| (line(wrong.span().map_or(0, |span| span.start)), InvalidFault::new(wrong.message())))?;
        let rules = written.fault.into_iter().map(|table| {
            let start = table.span().start;
            let keys: BTreeMap<String, usize> =
                table.get_ref().keys().map(|key| (key.get_ref().clone(), key.span().start)).collect();
            let values = table.into_inner().into_iter().map(|(key, value)| (key.into_inner(), value)).collect();
            FaultRule::read(values).map_err(|mistake| {
                let at = mistake.key.as_ref().and_then(|key| keys.get(key)).unwrap_or(&start);
                (line(*at), mistake)
            })
        });
        Ok(Self { seed: written.seed, rules: rules.collect::<Result<_, _>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Fault, Operation};

    #[test]
    fn a_script_is_a_seed_and_rules_in_order() {
        let script = Script::parse(
            "seed = 7\n\
             [[fault]]\nname = \"reply-lost\"\nprobability = 0.05\n\
             [[fault]]\nname = \"nginx-502\"\nafter_accept = true\non = \"status\"\ntimes = 2\nskip = 1\nendpoint = \"fal-ai/\"\n",
        )
        .expect("is right");
        let proxy = FaultRule::new(Fault::Nginx502 { after_accept: true });
        let proxy = proxy.on(Operation::Status).times(2).skip(1).endpoint("fal-ai/");
        assert_eq!(script.seed, Some(7));
        assert_eq!(script.rules, [FaultRule::new(Fault::ReplyLost).probability(0.05), proxy]);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (text, line, message) in [
            ("\n\nsede = 1", 3, "unknown field `sede`, expected `seed` or `fault`"),
            ("seed = \"x\"", 1, "invalid type: string \"x\", expected u64"),
            ("[[fault]\n", 1, ""),
            ("[[fault]]\nname = \"reply-lots\"", 2, "unknown fault `reply-lots`; did you mean `reply-lost`?"),
            ("\n[[fault]]\ntimes = 1", 2, "a fault needs a `name`"),
            ("[[fault]]\nname = \"failed\"\n\ntime = 1", 4, "unknown key `time`; did you mean `times`?"),
            ("[[fault]]\nname = \"failed\"\nskip = 1\nprobability = 2", 4, "`probability`: it must be"),
        ] {
            let (told, mistake) = Script::parse(text).expect_err("is wrong");
            assert_eq!(told, line, "{text}");
            assert!(mistake.to_string().starts_with(message), "{text}: {mistake}");
        }
    }
}
