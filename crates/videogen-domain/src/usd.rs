//! US dollars as exact decimals.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount of US dollars, exact.
///
/// `Display` writes at least two decimals and never rounds: `$0.28`, `$0.102`. For serde it is a text without the sign,
/// `"0.28"`, so that no binary fraction comes between. Sums and products too large for a decimal stay at the largest.
///
/// ```
/// use videogen_domain::Usd;
///
/// let second: Usd = "0.056".parse()?;
/// assert_eq!((second * 5.into()).to_string(), "$0.28");
/// # Ok::<(), videogen_domain::ParseUsdError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(Decimal);

impl Usd {
    /// No money at all. Never stands for an unknown price.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// An amount in dollars; refused when negative.
    pub fn new(dollars: Decimal) -> Option<Self> {
        (dollars >= Decimal::ZERO).then(|| Self(dollars.normalize()))
    }

    /// The amount in dollars.
    pub fn dollars(self) -> Decimal {
        self.0
    }

    /// What is left after taking `other` away; nothing when that is more.
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(Decimal::ZERO).normalize())
    }

    /// Rounded to the nearest millionth of a dollar, half up: fal writes billable units with eight decimals, so a
    /// product of units and unit price carries noise below that.
    pub fn rounded_to_micros(self) -> Self {
        Self(self.0.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero).normalize())
    }
}

impl std::ops::Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0).normalize())
    }
}

impl std::ops::Mul<Decimal> for Usd {
    type Output = Self;

    /// Multiplies a price by a number of units; a negative number counts as zero.
    fn mul(self, units: Decimal) -> Self {
        Self(self.0.saturating_mul(units.max(Decimal::ZERO)).normalize())
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0;
        if shown.scale() < 2 {
            shown.rescale(2);
        }
        write!(f, "${shown}")
    }
}

/// The text is not an amount of US dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not an amount of US dollars; write a number such as 0.50")]
pub struct ParseUsdError(String);

impl std::str::FromStr for Usd {
    type Err = ParseUsdError;

    /// Reads `0.5`, `$0.50`; not negative.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim().trim_start_matches('$');
        let refused = || ParseUsdError(text.to_owned());
        Decimal::from_str_exact(number).ok().and_then(Self::new).ok_or_else(refused)
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_shown_exactly_and_with_at_least_two_decimals() {
        for (text, shown) in
            [("0.28", "$0.28"), ("2.8", "$2.80"), ("0.102", "$0.102"), ("14", "$14.00"), ("0", "$0.00")]
        {
            assert_eq!(text.parse::<Usd>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn noise_below_a_millionth_is_rounded_away() {
        let unit: Usd = "0.045".parse().unwrap();
        let billed = unit * Decimal::from_str_exact("2.26666667").unwrap();
        assert_eq!(billed.rounded_to_micros().to_string(), "$0.102");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "abc", "-1", "1,5", "NaN"] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
    }
    #[test]
    fn taking_away_stops_at_nothing_and_adding_at_the_largest() {
        let (small, large): (Usd, Usd) = ("0.10".parse().unwrap(), "0.38".parse().unwrap());
        assert_eq!(large.saturating_sub(small).to_string(), "$0.28");
        assert_eq!(small.saturating_sub(large), Usd::ZERO);
        let largest = Usd::new(Decimal::MAX).unwrap();
        assert_eq!((largest + largest, largest * Decimal::TWO), (largest, largest));
    }

    #[test]
    fn an_amount_is_stored_as_text() {
        let amount: Usd = "$0.280".parse().unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), r#""0.28""#);
        assert_eq!(serde_json::from_str::<Usd>(r#""0.28""#).unwrap(), amount);
        for text in ["0.28", r#""-1""#, "null"] {
            assert!(serde_json::from_str::<Usd>(text).is_err(), "{text}");
        }
    }
}
