//! What fal's own schemas say of the inputs of all endpoints, read apart from the catalogue.

use std::collections::BTreeMap;

use serde_json::Value;

/// One endpoint: its schema, and what its default request costs.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Endpoint {
    pub(crate) id: String,
    pub(crate) endpoint: String,
    pub(crate) status: String,
    pub(crate) successor: Option<String>,
    pub(crate) image: String,
    pub(crate) input: BTreeMap<String, Property>,
    pub(crate) cost_usd: Option<String>,
    pub(crate) cost_up_to_usd: Option<String>,
    #[serde(default)]
    pub(crate) cost_unknown: bool,
}

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Property {
    r#type: Vec<String>,
    #[serde(default)]
    r#enum: Vec<Value>,
    min: Option<f64>,
    max: Option<f64>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    #[serde(default)]
    nullable: bool,
    #[serde(default)]
    pub(crate) required: bool,
}

pub(crate) fn endpoints() -> Vec<Endpoint> {
    serde_json::from_str(include_str!("../fixtures/endpoints.json")).expect("the fixture is well-formed")
}

impl Endpoint {
    /// What the schema holds against an input. fal itself would let unknown properties pass, unheeded and billed.
    pub(crate) fn refusals(&self, input: &Value) -> Vec<String> {
        let input = input.as_object().expect("an input is an object");
        let missing = self.input.iter().filter(|(name, property)| property.required && !input.contains_key(*name));
        let missing = missing.map(|(name, _)| format!("{name} is missing"));
        let wrong = input.iter().filter_map(|(name, value)| match self.input.get(name) {
            None => Some(format!("{name} is no property")),
            Some(property) => (!property.accepts(value)).then(|| format!("{name} cannot be {value}")),
        });
        missing.chain(wrong).collect()
    }
}

impl Property {
    fn accepts(&self, value: &Value) -> bool {
        if value.is_null() {
            return self.nullable;
        }
        let number = value.as_f64();
        let length = value.as_str().map(|text| text.chars().count());
        self.r#type.iter().any(|kind| is_of(kind, value))
            && (self.r#enum.is_empty() || self.r#enum.contains(value))
            && number.is_none_or(|number| {
                self.min.is_none_or(|min| min <= number) && self.max.is_none_or(|max| number <= max)
            })
            && length.is_none_or(|length| {
                self.min_length.is_none_or(|min| min <= length) && self.max_length.is_none_or(|max| length <= max)
            })
    }
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        other => panic!("the fixture has a type {other}"),
    }
}
