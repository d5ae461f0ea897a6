//! Every relative link of a Markdown file leads to a file or folder of the repository.

use super::Tree;

/// Links that lead nowhere.
pub(super) fn offences(tree: &Tree) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in tree.texts().filter(|(path, _)| path.ends_with(".md")) {
        for (line, target) in targets(text) {
            if is_elsewhere(path, target) {
                continue;
            }
            let file = target.split('#').next().unwrap_or_default();
            if !resolve(path, file).is_some_and(|resolved| tree.contains(&resolved)) {
                found.push(format!("{path}:{line}: the link to {target} leads nowhere; correct it, or add the file."));
            }
        }
    }
    found
}

/// Line number and target of each link, image and link definition outside code.
fn targets(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if ["```", "~~~"].iter().any(|fence| line.trim_start().starts_with(fence)) {
            fenced = !fenced;
        } else if !fenced {
            found.extend(targets_of_line(line).into_iter().map(|target| (index + 1, target)));
        }
    }
    found
}

fn targets_of_line(line: &str) -> Vec<&str> {
    let definition = line.starts_with('[').then(|| line.split_once("]: ")).flatten().map(|(_, target)| target);
    let inline = line.match_indices("](").filter(|(at, _)| !in_code(line, *at)).map(|(at, _)| &line[at + 2..]);
    let ends = |target: &str| target.find([')', ' ']).unwrap_or(target.len());
    definition.into_iter().chain(inline).map(|target| target[..ends(target)].trim_matches(['<', '>'])).collect()
}

/// Does an odd number of backticks stand before this place? The text of a link may hold code; its middle cannot.
fn in_code(line: &str, at: usize) -> bool {
    line[..at].matches('`').count() % 2 == 1
}

/// Web addresses, places in the same file, and Rust items, which rustdoc checks.
fn is_elsewhere(path: &str, target: &str) -> bool {
    let address = target.contains("://") || target.starts_with("mailto:");
    let crate_readme = path.starts_with("crates/") && path.ends_with("/README.md");
    let rust_item = target.contains("::") || (crate_readme && !target.contains(['.', '/', '#']));
    address || target.starts_with('#') || rust_item
}

/// The path that `target` names as seen from the folder of `path`; `None` where it leaves the repository.
fn resolve(path: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        offences(&Tree::from([("LICENSE-MIT", ""), ("docs/a.md", ""), ("docs/pictures/b.svg", ""), (path, text)]))
    }

    #[test]
    fn a_link_that_leads_nowhere_is_named_with_its_line() {
        for text in [
            "[a](gone.md)",
            "![a](pictures/gone.svg)",
            "[a](../../LICENSE-MIT)",
            "[a]: gone.md",
            "[`a`](gone.md \"Gone\")",
        ] {
            let found = found("docs/c.md", &format!("# C\n\n{text}\n"));
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].starts_with("docs/c.md:3: "), "{found:?}");
        }
    }

    #[test]
    fn links_to_files_folders_places_and_addresses_pass() {
        let text = "[a](a.md#top) ![b](pictures/b.svg) [c](../LICENSE-MIT) [d](./pictures/) [e](..) [f](#here) \
                    [g](https://fal.ai/docs) [h](mailto:a@example.com)\n[i]: <a.md> \"A\"\n";
        assert_eq!(found("docs/c.md", text), [""; 0]);
    }

    #[test]
    fn links_inside_code_are_not_followed() {
        assert_eq!(found("docs/c.md", "```text\n[a](gone.md)\n```\nand `[a](gone.md)` too\n"), [""; 0]);
        assert_eq!(found("docs/c.md", "`code` and [a](gone.md)\n").len(), 1);
    }

    #[test]
    fn rust_items_are_left_to_rustdoc_in_the_readme_of_a_crate() {
        assert_eq!(found("crates/one/README.md", "[`Client`](Client) [`send`](crate::Client::send)"), [""; 0]);
        assert_eq!(found("docs/c.md", "[`Client`](Client)").len(), 1);
    }
}
