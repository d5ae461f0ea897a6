//! Checks a value against a JSON Schema, and reports every fault at once with fal's own names.

use serde_json::{Value, json};

use crate::models::schema::{Components, properties, takes_null};
use crate::problem::{Location, Problem};

/// Everything that is wrong with the value. What pictures show must be checked when they are loaded.
pub(super) fn problems(components: &Components, schema: &Value, value: &Value) -> Vec<Problem> {
    let mut check = Check { components, found: Vec::new() };
    check.value(schema, value, &Location::default());
    check.found
}

struct Check<'a> {
    components: &'a Components,
    found: Vec<Problem>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, value: &Value, at: &Location) {
        if value.is_null() && takes_null(schema) {
            return;
        }
        let shape = self.components.shape(schema);
        if let Some(choices) = shape["enum"].as_array() {
            return self.found.extend(choice(choices, value, at));
        }
        match shape["type"].as_str() {
            Some("object") => self.object(shape, value, at),
            Some("array") => self.list(shape, value, at),
            Some("string") => self.found.extend(text(shape, value, at)),
            Some("number") => self.found.extend(number(shape, value, at)),
            Some("integer") => self.found.extend(integer(shape, value, at)),
            Some("boolean") if !value.is_boolean() => {
                self.found.push(Problem::new(at, "bool_type", "Input should be a valid boolean", value));
            }
            _ => {}
        }
    }

    fn object(&mut self, shape: &Value, value: &Value, at: &Location) {
        if !value.is_object() {
            let message = "Input should be a valid dictionary or object to extract fields from";
            return self.found.push(Problem::new(at, "model_attributes_type", message, value));
        }
        let required = |name: &str| shape["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
        for (name, property) in properties(shape) {
            match value.get(name) {
                Some(field) => self.value(property, field, &at.join(name)),
                None if required(name) => {
                    self.found.push(Problem::new(&at.join(name), "missing", "Field required", value));
                }
                None => {}
            }
        }
    }

    fn list(&mut self, shape: &Value, value: &Value, at: &Location) {
        let Some(items) = value.as_array() else {
            return self.found.push(Problem::new(at, "list_type", "Input should be a valid list", value));
        };
        self.found.extend(LIST.check(items.len(), shape, value, at));
        for (index, item) in items.iter().enumerate() {
            self.value(&shape["items"], item, &at.join(index));
        }
    }
}

fn choice(choices: &[Value], value: &Value, at: &Location) -> Option<Problem> {
    if choices.contains(value) {
        return None;
    }
    let quoted: Vec<String> = choices.iter().map(|choice| choice.to_string().replace('"', "'")).collect();
    let named = match quoted.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => quoted.concat(),
    };
    let problem = Problem::new(at, "one_of", format!("Input should be {named}"), value);
    Some(problem.with_context(json!({ "expected": choices })))
}

fn text(shape: &Value, value: &Value, at: &Location) -> Option<Problem> {
    let Some(text) = value.as_str() else {
        return Some(Problem::new(at, "string_type", "Input should be a valid string", value));
    };
    STRING.check(text.chars().count(), shape, value, at)
}

/// What is counted, and the keywords that limit the count.
struct Measure {
    whole: &'static str,
    part: &'static str,
    least: &'static str,
    most: &'static str,
}

const STRING: Measure = Measure { whole: "String", part: "character", least: "minLength", most: "maxLength" };
const LIST: Measure = Measure { whole: "List", part: "item", least: "minItems", most: "maxItems" };

impl Measure {
    fn check(&self, count: usize, shape: &Value, value: &Value, at: &Location) -> Option<Problem> {
        let count = count as u64;
        let fault = |kind, words, name: &str, limit: u64| {
            let plural = if limit == 1 { "" } else { "s" };
            let message = format!("{} should have at {words} {limit} {}{plural}", self.whole, self.part);
            Problem::new(at, kind, message, value).with_context(json!({ name: limit }))
        };
        if let Some(least) = shape[self.least].as_u64().filter(|least| count < *least) {
            return Some(fault("sequence_too_short", "least", "min_length", least));
        }
        let most = shape[self.most].as_u64().filter(|most| count > *most)?;
        Some(fault("sequence_too_long", "most", "max_length", most))
    }
}

fn integer(shape: &Value, value: &Value, at: &Location) -> Option<Problem> {
    if value.as_f64().is_none_or(|number| number.fract() != 0.0) {
        return Some(Problem::new(at, "int_type", "Input should be a valid integer", value));
    }
    bounds(shape, value, at, |limit| json!(limit as i64))
}

fn number(shape: &Value, value: &Value, at: &Location) -> Option<Problem> {
    if !value.is_number() {
        return Some(Problem::new(at, "float_type", "Input should be a valid number", value));
    }
    bounds(shape, value, at, |limit| json!(limit))
}

/// A keyword that limits a number, and how fal names a fault against it.
struct Bound {
    keyword: &'static str,
    keeps: fn(&f64, &f64) -> bool,
    kind: &'static str,
    words: &'static str,
    /// The name of the limit in `ctx`.
    limit: &'static str,
}

#[rustfmt::skip]
const BOUNDS: [Bound; 4] = [
    Bound { keyword: "minimum", keeps: f64::ge, kind: "greater_than_equal", words: "greater than or equal to", limit: "ge" },
    Bound { keyword: "exclusiveMinimum", keeps: f64::gt, kind: "greater_than", words: "greater than", limit: "gt" },
    Bound { keyword: "maximum", keeps: f64::le, kind: "less_than_equal", words: "less than or equal to", limit: "le" },
    Bound { keyword: "exclusiveMaximum", keeps: f64::lt, kind: "less_than", words: "less than", limit: "lt" },
];

fn bounds(shape: &Value, value: &Value, at: &Location, written: fn(f64) -> Value) -> Option<Problem> {
    let number = value.as_f64()?;
    BOUNDS.iter().find_map(|bound| {
        let limit = shape[bound.keyword].as_f64().filter(|limit| !(bound.keeps)(&number, limit))?;
        let problem = Problem::new(at, bound.kind, format!("Input should be {} {limit}", bound.words), value);
        Some(problem.with_context(json!({ bound.limit: written(limit) })))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Type and location of each fault.
    fn faults(schema: &Value, value: &Value) -> Vec<(Value, Value)> {
        let components = serde_json::from_value(json!({
            "Shot": { "type": "object", "required": ["prompt"], "x-fal-order-properties": ["prompt", "pictures"],
                "properties": {
                    "prompt": { "type": "string" },
                    "pictures": { "type": "array", "items": { "type": "string" }, "maxItems": 2 },
                } },
        }));
        let found = problems(&components.expect("are components"), schema, value);
        found.iter().map(Problem::to_json).map(|entry| (entry["type"].clone(), entry["loc"].clone())).collect()
    }

    fn kind(schema: &Value, value: &Value) -> Option<Value> {
        faults(schema, value).pop().map(|(kind, _)| kind)
    }

    #[test]
    fn a_fault_deep_inside_is_reported_where_it_is() {
        let schema = json!({ "type": "object", "x-fal-order-properties": ["shots"], "properties": { "shots": {
            "anyOf": [{ "type": "array", "items": { "$ref": "#/components/schemas/Shot" } }, { "type": "null" }],
        } } });
        let shots = json!({ "shots": [{ "prompt": "" }, { "pictures": ["a", 2, "c"] }, 3] });
        let expected = [
            ("missing", json!(["body", "shots", 1, "prompt"])),
            ("sequence_too_long", json!(["body", "shots", 1, "pictures"])),
            ("string_type", json!(["body", "shots", 1, "pictures", 1])),
            ("model_attributes_type", json!(["body", "shots", 2])),
        ];
        assert_eq!(faults(&schema, &shots), expected.map(|(kind, loc)| (json!(kind), loc)));
        assert!(faults(&schema, &json!({ "shots": null })).is_empty());
        assert_eq!(faults(&schema, &json!({ "shots": "x" })), [(json!("list_type"), json!(["body", "shots"]))]);
    }

    #[test]
    fn bounds_include_their_limit_unless_they_say_otherwise() {
        let open = json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 });
        assert_eq!(kind(&open, &json!(0)), Some("greater_than".into()));
        assert_eq!(kind(&open, &json!(1)), Some("less_than".into()));
        assert_eq!(kind(&open, &json!(0.5)), None);
        let closed = json!({ "type": "integer", "minimum": 1, "maximum": 15 });
        assert_eq!(kind(&closed, &json!(0)), Some("greater_than_equal".into()));
        assert_eq!(kind(&closed, &json!(16)), Some("less_than_equal".into()));
        assert!([json!(1), json!(15), json!(5.0)].iter().all(|value| kind(&closed, value).is_none()));
    }

    #[test]
    fn types_are_not_converted() {
        let of = |name: &str| json!({ "type": name });
        assert_eq!(kind(&of("integer"), &json!("5")), Some("int_type".into()));
        assert_eq!(kind(&of("integer"), &json!(5.5)), Some("int_type".into()));
        assert_eq!(kind(&of("number"), &json!("5")), Some("float_type".into()));
        assert_eq!(kind(&of("boolean"), &json!(1)), Some("bool_type".into()));
        assert_eq!(kind(&of("string"), &json!(null)), Some("string_type".into()));
        assert_eq!(kind(&json!({ "type": "integer", "enum": [4, 8] }), &json!("4")), Some("one_of".into()));
    }

    #[test]
    fn text_is_measured_in_characters() {
        let schema = json!({ "type": "string", "minLength": 1, "maxLength": 3 });
        assert_eq!(kind(&schema, &json!("ééé")), None);
        assert_eq!(kind(&schema, &json!("éééé")), Some("sequence_too_long".into()));
        assert_eq!(kind(&schema, &json!("")), Some("sequence_too_short".into()));
    }

    #[test]
    fn the_choices_are_named_as_they_have_to_be_written() {
        let message = |choices: Value| {
            let problem = choice(choices.as_array().expect("is a list"), &Value::Null, &Location::default());
            problem.expect("is a fault").to_json()["msg"].clone()
        };
        assert_eq!(message(json!(["5", "10"])), "Input should be '5' or '10'");
        assert_eq!(message(json!([4, 8, 12])), "Input should be 4, 8 or 12");
        assert_eq!(message(json!(["480p"])), "Input should be '480p'");
    }
}
