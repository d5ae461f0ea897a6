//! Every Rust file opens with a sentence that tells what is in it.

use super::Tree;

/// Rust files whose first line is not documentation.
pub(super) fn offences(tree: &Tree) -> Vec<String> {
    let undocumented = tree.texts().filter(|(path, text)| path.ends_with(".rs") && !opens_well(path, text));
    undocumented
        .map(|(path, _)| format!("{path}:1: opens without `//!`; begin it with one sentence that tells what is in it."))
        .collect()
}

fn opens_well(path: &str, text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let sentence = first.strip_prefix("//!").is_some_and(|words| !words.trim().is_empty());
    // The README of a crate is the documentation of its root.
    sentence || (path.ends_with("/lib.rs") && first.starts_with("#![doc = include_str!"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_sentence_is_named() {
        for text in ["use std::fs;\n", "", "//!\n//! Late.\n", "// A comment.\n", "\n//! Second line.\n"] {
            let found = offences(&Tree::from([("crates/one/src/two.rs", text)]));
            assert_eq!(found.len(), 1, "{text:?}");
            assert!(found[0].starts_with("crates/one/src/two.rs:1: "), "{found:?}");
        }
    }

    #[test]
    fn only_a_crate_root_may_open_with_its_readme() {
        let readme = "#![doc = include_str!(\"../README.md\")]\n";
        assert_eq!(offences(&Tree::from([("crates/one/src/lib.rs", readme)])), [""; 0]);
        assert_eq!(offences(&Tree::from([("crates/one/src/two.rs", readme)])).len(), 1);
    }

    #[test]
    fn a_sentence_is_enough_and_other_languages_need_none() {
        let tree = Tree::from([("tests/it/main.rs", "//! The journeys.\n"), ("docs/notes.md", "Notes.\n")]);
        assert_eq!(offences(&tree), [""; 0]);
    }
}
