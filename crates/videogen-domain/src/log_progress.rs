//! Reads progress out of a model's log lines.

/// The last percentage that a log line names, from 0 to 100: fal has no field for progress, but models print it.
///
/// ```
/// assert_eq!(videogen_domain::percent_in("Rendering:  37%|███▋      | 37/100"), Some(37.0));
/// assert_eq!(videogen_domain::percent_in("loading weights"), None);
/// ```
pub fn percent_in(message: &str) -> Option<f64> {
    message
        .match_indices('%')
        .filter_map(|(at, _)| {
            let before = message[..at].trim_end();
            let start = before.rfind(|c: char| !c.is_ascii_digit() && c != '.').map_or(0, |at| at + 1);
            before.get(start..)?.trim_start_matches('.').parse::<f64>().ok()
        })
        .rfind(|percent| (0.0..=100.0).contains(percent))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentages_are_found_wherever_they_stand() {
        for (message, percent) in [
            ("12%", Some(12.0)),
            ("step 3 of 8 (37.5 %)", Some(37.5)),
            ("0% … 100%", Some(100.0)),
            ("250%", None),
            ("%", None),
            ("progress é%", None),
        ] {
            assert_eq!(percent_in(message), percent, "{message}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(message in "\\PC*") {
            if let Some(percent) = percent_in(&message) {
                prop_assert!((0.0..=100.0).contains(&percent));
            }
        }
    }
}
