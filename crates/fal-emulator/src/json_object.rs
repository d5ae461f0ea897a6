//! JSON objects from outside. Serde alone would take a list of the values for a struct, too.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> serde_json::Result<T> {
    let object: Map<String, Value> = serde_json::from_slice(text)?;
    serde_json::from_value(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    struct One {
        number: u8,
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(read::<One>(br#"{"number":1}"#).expect("is one"), One { number: 1 });
        assert!(read::<One>(b"[1]").is_err());
    }
}
