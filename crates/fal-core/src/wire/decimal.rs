//! Money and quantities, exactly as they were written: from the text of a JSON number, and not by way of a float.

use rust_decimal::Decimal;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A number, or a string with a number in it.
pub(crate) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    optional(deserializer)?.ok_or_else(|| D::Error::custom("a number is missing"))
}

/// The same, or `null`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    match text.get().trim_matches('"') {
        "null" => Ok(None),
        number => read(number).map(Some).ok_or_else(|| D::Error::custom("a number cannot be read")),
    }
}

/// What lies beyond the 28th place is rounded.
fn read(number: &str) -> Option<Decimal> {
    if number.contains(['e', 'E']) { Decimal::from_scientific_lossy(number) } else { number.parse() }.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Price {
        #[serde(deserialize_with = "required")]
        price: Decimal,
    }

    fn price(text: &str) -> Option<String> {
        let price = serde_json::from_str::<Price>(&format!(r#"{{"price":{text}}}"#)).ok()?;
        Some(price.price.to_string())
    }

    #[test]
    fn a_number_is_read_as_it_was_written() {
        for (text, exact) in [
            ("0.025", "0.025"),
            ("0.30", "0.30"),
            ("3", "3"),
            ("-0.5", "-0.5"),
            // No float has so many digits.
            ("12345678901234567.8901234", "12345678901234567.8901234"),
            ("0.30000000000000004", "0.30000000000000004"),
            ("2.5e-05", "0.000025"),
            ("1E+2", "100"),
            ("1.2345678901234567e-15", "0.0000000000000012345678901235"),
            (r#""0.025""#, "0.025"),
        ] {
            assert_eq!(price(text).as_deref(), Some(exact), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_an_error_and_never_zero() {
        for text in ["null", "true", "[]", "{}", r#""""#, r#""free""#, "1e400", "1e-400", r#""NaN""#] {
            assert_eq!(price(text), None, "{text}");
        }
        assert!(serde_json::from_str::<Price>("{}").is_err());
    }
}
