//! The places in a page that a command fills: between two comments that bear its name.

/// The page with new figures in the place of the old ones; `name` is the command, without `cargo xtask`.
pub(crate) fn with_figures(page: &str, name: &str, figures: &str) -> Result<String, String> {
    let (begin, end) = (format!("<!-- begin: cargo xtask {name} -->"), format!("<!-- end: cargo xtask {name} -->"));
    let place = page.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    let (before, after) = place.ok_or(format!("The page has no place for the figures: {begin} and {end}."))?;
    Ok(format!("{before}{begin}\n\n{}\n\n{end}{after}", figures.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_figures_take_the_place_of_old_ones_and_leave_the_rest() {
        let page = |figures: &str| {
            format!("# Page\n<!-- begin: cargo xtask bench a -->{figures}<!-- end: cargo xtask bench a -->\nRest.\n")
        };
        let once = with_figures(&page("\n"), "bench a", "| 1 |\n").expect("has a place");
        assert_eq!(once, page("\n\n| 1 |\n\n"));
        assert_eq!(with_figures(&once, "bench a", "| 2 |").expect("has a place"), page("\n\n| 2 |\n\n"));
    }

    #[test]
    fn a_page_without_a_place_is_an_error_that_says_what_is_missing() {
        for page in ["", "<!-- begin: cargo xtask bench a -->", "<!-- end: cargo xtask bench a -->"] {
            let error = with_figures(page, "bench a", "").expect_err("has none");
            assert!(error.contains("<!-- begin: cargo xtask bench a -->"), "{error}");
        }
    }
}
