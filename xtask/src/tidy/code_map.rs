//! The code map, `docs/architecture.md`, has one section for each package, and none for one that is gone.

use super::Tree;

const MAP: &str = "docs/architecture.md";

/// Packages without a section, sections without a package, and sections that come twice.
pub(super) fn offences(tree: &Tree) -> Vec<String> {
    let Some(map) = tree.text(MAP) else {
        return vec![format!("{MAP} is missing; write it with a section per package, headed ### `crates/name`.")];
    };
    let (packages, sections) = (tree.packages(), sections(map));
    let mut found = Vec::new();
    for package in packages.iter().filter(|package| !sections.iter().any(|(_, name)| name == *package)) {
        found.push(format!("{MAP}: no section for {package}; add one headed ### `{package}`."));
    }
    for (index, (line, name)) in sections.iter().enumerate() {
        if !packages.contains(name) {
            found.push(format!("{MAP}:{line}: there is no package {name}; remove or rename its section."));
        } else if sections[..index].iter().any(|(_, earlier)| earlier == name) {
            found.push(format!("{MAP}:{line}: a second section for {name}; make it one."));
        }
    }
    found
}

/// Line number and name of each heading of the form ### `name`.
fn sections(map: &str) -> Vec<(usize, &str)> {
    let headings = map.lines().enumerate().filter_map(|(index, line)| Some((index + 1, line.strip_prefix("### `")?)));
    headings.filter_map(|(line, rest)| Some((line, rest.split_once('`')?.0))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(map: &str) -> Vec<String> {
        offences(&Tree::from([("crates/one/Cargo.toml", ""), ("xtask/Cargo.toml", ""), (MAP, map)]))
    }

    #[test]
    fn a_map_with_exactly_the_packages_passes() {
        assert_eq!(found("## Code map\n### `crates/one`\ntext\n### `xtask`\n### Other\n"), [""; 0]);
    }

    #[test]
    fn a_package_without_a_section_is_named() {
        assert_eq!(
            found("### `xtask`\n"),
            [format!("{MAP}: no section for crates/one; add one headed ### `crates/one`.")]
        );
    }

    #[test]
    fn a_section_without_a_package_is_named_with_its_line() {
        let found = found("### `crates/one`\n### `xtask`\n### `crates/gone`\n");
        assert_eq!(found, [format!("{MAP}:3: there is no package crates/gone; remove or rename its section.")]);
    }

    #[test]
    fn a_section_that_comes_twice_is_named() {
        assert_eq!(
            found("### `crates/one`\n### `xtask`\n### `xtask`\n"),
            [format!("{MAP}:3: a second section for xtask; make it one.")]
        );
    }

    #[test]
    fn a_missing_map_is_an_offence() {
        assert_eq!(offences(&Tree::from([("xtask/Cargo.toml", "")])).len(), 1);
    }
}
