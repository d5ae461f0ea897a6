//! Checks an input against the fields of its model, and reports every fault at once.

use serde_json::{Value, json};

use crate::model::{Field, Kind, Model};
use crate::problem::Problem;

/// Everything that is wrong with the input, besides its pictures, which must be loaded first.
pub(crate) fn problems(model: &Model, input: &Value) -> Vec<Problem> {
    if !input.is_object() {
        let message = "Input should be a valid dictionary or object to extract fields from";
        return vec![Problem::new("", "model_attributes_type", message, input)];
    }
    model.fields.iter().filter_map(|field| check(field, input)).collect()
}

fn check(field: &Field, input: &Value) -> Option<Problem> {
    let Some(value) = input.get(field.name) else {
        return field.required.then(|| Problem::new(field.name, "missing", "Field required", input));
    };
    match &field.kind {
        Kind::Text { max } => text(field.name, value, *max),
        Kind::Choice { values, .. } => choice(field.name, value, values),
        Kind::Number { min, max } => number(field.name, value, *min, *max),
        Kind::Flag if !value.is_boolean() => {
            Some(Problem::new(field.name, "bool_type", "Input should be a valid boolean", value))
        }
        Kind::Picture { nullable } if !(value.is_string() || *nullable && value.is_null()) => {
            Some(not_a_string(field.name, value))
        }
        Kind::Flag | Kind::Picture { .. } => None,
    }
}

fn text(name: &str, value: &Value, max: usize) -> Option<Problem> {
    let Some(text) = value.as_str() else { return Some(not_a_string(name, value)) };
    (text.chars().count() > max).then(|| {
        Problem::new(name, "sequence_too_long", format!("String should have at most {max} characters"), value)
            .with_context(json!({ "max_length": max }))
    })
}

fn choice(name: &str, value: &Value, values: &[&str]) -> Option<Problem> {
    if value.as_str().is_some_and(|given| values.contains(&given)) {
        return None;
    }
    let quoted: Vec<String> = values.iter().map(|value| format!("'{value}'")).collect();
    let message = format!("Input should be {}", quoted.join(" or "));
    Some(Problem::new(name, "one_of", message, value).with_context(json!({ "expected": values })))
}

fn number(name: &str, value: &Value, min: f64, max: f64) -> Option<Problem> {
    let Some(number) = value.as_f64() else {
        return Some(Problem::new(name, "float_type", "Input should be a valid number", value));
    };
    if number < min {
        let message = format!("Input should be greater than or equal to {min}");
        return Some(Problem::new(name, "greater_than_equal", message, value).with_context(json!({ "ge": min })));
    }
    (number > max).then(|| {
        let message = format!("Input should be less than or equal to {max}");
        Problem::new(name, "less_than_equal", message, value).with_context(json!({ "le": max }))
    })
}

fn not_a_string(name: &str, value: &Value) -> Problem {
    Problem::new(name, "string_type", "Input should be a valid string", value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(input: &Value) -> Vec<Value> {
        let model = crate::catalogue::find("fal-ai/kling-video/v2.1/pro/image-to-video").expect("is in the catalogue");
        problems(model, input).iter().map(|problem| problem.to_json()["type"].clone()).collect()
    }

    #[test]
    fn every_fault_is_reported_at_once_and_unknown_fields_are_ignored() {
        let bad = json!({ "prompt": 3, "duration": 5, "cfg_scale": 1.5, "motion_strength": 9, "tail_image_url": null });
        assert_eq!(kinds(&bad), ["string_type", "missing", "one_of", "less_than_equal"]);
        assert_eq!(kinds(&json!({ "prompt": "", "image_url": "x", "cfg_scale": -0.1 })), ["greater_than_equal"]);
        assert_eq!(kinds(&json!([])), ["model_attributes_type"]);
    }

    #[test]
    fn text_is_measured_in_characters() {
        let fits = json!({ "prompt": "é".repeat(2500), "image_url": "x" });
        assert!(kinds(&fits).is_empty());
        assert_eq!(kinds(&json!({ "prompt": "é".repeat(2501), "image_url": "x" })), ["sequence_too_long"]);
    }
}
