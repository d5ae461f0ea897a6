//! A `null` where a value belongs.

use serde::{Deserialize, Deserializer};

/// Reads `null` as the default: an empty list, for example.
pub(crate) fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(d: D) -> Result<T, D::Error> {
    Option::deserialize(d).map(Option::unwrap_or_default)
}
