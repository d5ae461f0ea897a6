//! What is set, for a person and for a program.
#![expect(clippy::print_stdout, reason = "printing is what this file is for")]

use serde::Serialize;
use videogen::{Config, Origin};

/// One setting, as `--json` shows it.
#[derive(Serialize)]
struct SettingObject {
    key: String,
    value: Option<String>,
    origin: &'static str,
    place: String,
}

/// Every setting, one to a line.
pub(crate) fn show(config: &Config) {
    for setting in config.shown() {
        let value = setting.value.as_deref().unwrap_or("(not set)");
        println!("{} = {value}    # {}", setting.key, setting.origin);
    }
}

/// One JSON array.
pub(crate) fn show_json(config: &Config) {
    let settings = config.shown().into_iter().map(|setting| SettingObject {
        origin: match &setting.origin {
            Origin::File { .. } => "file",
            Origin::DotEnv { .. } => "dot_env",
            Origin::Variable(_) => "variable",
            _ => "default",
        },
        place: setting.origin.to_string(),
        key: setting.key,
        value: setting.value,
    });
    let settings: Vec<SettingObject> = settings.collect();
    // Texts alone: writing them cannot fail.
    println!("{}", serde_json::to_string(&settings).unwrap_or_default());
}

/// An example of the file of settings.
pub(crate) fn example() {
    print!("{}", Config::example());
}

/// Nothing is wrong.
pub(crate) fn usable() {
    println!("The configuration can be used.");
}
