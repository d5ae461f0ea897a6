//! The example file, made from the table of settings.

use super::Config;
use super::setting::{MODEL_SETTINGS, SETTINGS};

/// Settings that have no default, as an example might have them.
const EXAMPLES: [(&str, &str); 16] = [
    ("generation.max_per_endpoint", "3"),
    ("generation.max_per_project", "2"),
    ("assets.location", "\"videos\""),
    ("cache.folder", "\"/var/cache/videogen\""),
    ("data.folder", "\"/var/lib/videogen\""),
    ("queue.store", "\"/var/lib/videogen/tasks.sqlite\""),
    ("budget.per_video", "\"1.00\""),
    ("budget.per_project", "\"20.00\""),
    ("budget.per_day", "\"10.00\""),
    ("budget.overall", "\"200.00\""),
    ("fal.queue_url", "\"http://127.0.0.1:8787/queue\""),
    ("fal.run_url", "\"http://127.0.0.1:8787/run\""),
    ("fal.rest_url", "\"http://127.0.0.1:8787/rest\""),
    ("fal.cdn_url", "\"http://127.0.0.1:8787/cdn\""),
    ("fal.platform_url", "\"http://127.0.0.1:8787/platform\""),
    ("fal.site_url", "\"http://127.0.0.1:8787/site\""),
];

const HEAD: &str = "\
# Settings of videogen. Copy this file to videogen.toml and take the # away where a value is to differ.
# Each can be set in .env or in the environment too, which count more: the variable stands beside its meaning.
# fal's key is never here: it is FAL_KEY in .env or in the environment. Made by `videogen config example`.
";

const MODELS: &str = "
# What is changed about one model; a name with a dot stands in quotes.
# [models.\"kling_2.1\"]
";

/// Every setting with its meaning, commented out.
pub(super) fn text() -> String {
    let defaults = Config::default();
    let mut text = HEAD.to_owned();
    let mut section = "";
    for setting in &SETTINGS {
        let (of, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if section != of {
            text += &format!("\n[{of}]\n");
            section = of;
        }
        text += &format!("# {} ({})\n", setting.meaning, setting.variable);
        let example = EXAMPLES.iter().find(|(key, _)| *key == setting.key).map(|(_, value)| (*value).to_owned());
        let value = (setting.show)(&defaults).or(example).unwrap_or_default();
        text += &format!("# {name} = {value}\n");
    }
    text += MODELS;
    for ((field, meaning), value) in MODEL_SETTINGS.iter().zip(["\"0.05\"", "[5, 10]", "0.1", "1.0", "false"]) {
        text += &format!("# # {meaning}\n# {field} = {value}\n");
    }
    text
}
