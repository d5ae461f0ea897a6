//! "Did you mean …": the nearest of a list of names.

/// The candidate most like `word`, if any is near enough to be meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR_ENOUGH: f64 = 0.6;
    let plain = |text: &str| text.to_lowercase().replace(['-', ' ', '.'], "_");
    let word = plain(word);
    candidates
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(likeness, _)| NEAR_ENOUGH <= *likeness)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let names = ["kling_2.1", "kling_2.1_pro", "hailuo_02"];
        assert_eq!(nearest("kling-2.1", names), Some("kling_2.1"));
        assert_eq!(nearest("Hailou_02", names), Some("hailuo_02"));
        assert_eq!(nearest("kling_21_pro", names), Some("kling_2.1_pro"));
        assert_eq!(nearest("midjourney", names), None);
    }
}
