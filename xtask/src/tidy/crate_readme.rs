//! Every package has a README, which is its crate documentation and its page on crates.io.

use super::Tree;

/// Packages without a README.
pub(super) fn offences(tree: &Tree) -> Vec<String> {
    let packages = tree.packages().into_iter();
    let bare = packages.filter(|package| {
        let readme = tree.text(&format!("{package}/README.md"));
        readme.is_none_or(|text| text.trim().is_empty())
    });
    bare.map(|package| {
        format!("{package}/README.md is missing or empty; say what the crate does and what it does not know.")
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_empty_readme_is_named() {
        let tree = Tree::from([
            ("crates/bare/Cargo.toml", ""),
            ("crates/empty/Cargo.toml", ""),
            ("crates/empty/README.md", "\n"),
            ("crates/good/Cargo.toml", ""),
            ("crates/good/README.md", "# good\n"),
        ]);
        let found = offences(&tree);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("crates/bare/README.md") && found[1].starts_with("crates/empty/README.md"));
    }
}
