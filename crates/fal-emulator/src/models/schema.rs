//! Reads JSON Schemas as fal writes them: named components, references to them, and optional fields as unions with null.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The named schemas of one endpoint; those that all endpoints share can be found through it too.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Components(Map<String, Value>);

/// Queue status and files, which each of fal's documents repeats.
static SHARED: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../models/shared.json")).expect("a test resolves every reference to it")
});

const PREFIX: &str = "#/components/schemas/";

impl Components {
    pub(super) fn get(&self, name: &str) -> &Value {
        self.0.get(name).or_else(|| SHARED.get(name)).unwrap_or(&Value::Null)
    }

    /// What a value that is not null has to look like: follows references, and takes the type out of a union with null.
    pub(super) fn shape<'a>(&'a self, schema: &'a Value) -> &'a Value {
        if let Some(name) = reference(schema) {
            return self.shape(self.get(name));
        }
        match schema["anyOf"].as_array().and_then(|branches| branches.iter().find(|branch| !is_null(branch))) {
            Some(branch) => self.shape(branch),
            None => schema,
        }
    }

    /// The schemas with these names and all that they refer to.
    pub(super) fn with_references(&self, names: &[&str]) -> Map<String, Value> {
        let mut found = Map::new();
        let mut wanted: Vec<&str> = names.to_vec();
        while let Some(name) = wanted.pop() {
            if !found.contains_key(name) {
                let schema = self.get(name);
                found.insert(name.to_owned(), schema.clone());
                references(schema, &mut wanted);
            }
        }
        found
    }
}

/// The fields of an object in the order that fal gives them.
pub(super) fn properties(shape: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let names = shape["x-fal-order-properties"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| (name, &shape["properties"][name]))
}

/// Whether null is one of the types in a union.
pub(super) fn takes_null(schema: &Value) -> bool {
    schema["anyOf"].as_array().is_some_and(|branches| branches.iter().any(is_null))
}

fn is_null(branch: &Value) -> bool {
    branch["type"] == "null"
}

fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix(PREFIX)
}

fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    found.extend(reference(schema));
    match schema {
        Value::Object(parts) => parts.values().for_each(|part| references(part, found)),
        Value::Array(parts) => parts.iter().for_each(|part| references(part, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models;

    /// What the check acts on, and what only describes.
    const KEYWORDS: &[&str] = &[
        "$ref",
        "anyOf",
        "type",
        "enum",
        "default",
        "items",
        "minItems",
        "maxItems",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "required",
        "properties",
        "additionalProperties",
        "x-fal-order-properties",
        "x-fal",
        "ui",
        // Wan writes the limits of its pictures beside the type.
        "min_width",
        "max_width",
        "min_height",
        "max_height",
        "max_file_size",
    ];

    #[test]
    fn the_schemas_say_nothing_that_the_check_would_overlook() {
        for model in models::all() {
            for (name, schema) in model.components.with_references(&[&model.input_name(), &model.output_name()]) {
                check_schema(&schema, &format!("{name} of {}", model.endpoint_id));
            }
        }
    }

    fn check_schema(schema: &Value, at: &str) {
        let parts = schema.as_object().unwrap_or_else(|| panic!("{at} is not there"));
        for (keyword, part) in parts {
            assert!(KEYWORDS.contains(&keyword.as_str()), "{keyword} in {at}");
            match keyword.as_str() {
                "items" => check_schema(part, at),
                "anyOf" => {
                    let branches = part.as_array().expect("is a list");
                    assert!(branches.len() == 2 && is_null(&branches[1]), "{at}");
                    check_schema(&branches[0], at);
                }
                "properties" => {
                    let part = part.as_object().expect("is an object");
                    let ordered: Vec<_> = properties(schema).collect();
                    assert!(
                        ordered.len() == part.len() && ordered.iter().all(|(name, _)| part.contains_key(*name)),
                        "{at}"
                    );
                    part.iter().for_each(|(name, property)| check_schema(property, &format!("{name} of {at}")));
                }
                _ => {}
            }
        }
    }
}
