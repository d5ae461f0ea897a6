//! From the properties of a schema to the parameters of a model.

use serde_json::{Map, Value};

use super::super::parameter::plain;
use super::super::{ImageLimits, ParameterRole, ParameterSpec, ParameterType};
use super::document::{Document, shorten};
use super::{OpenApiError, role, wording};

/// The parameters of an input, in fal's order.
pub(super) fn parameters(
    document: &Document<'_>,
    input: &Map<String, Value>,
) -> Result<Vec<ParameterSpec>, OpenApiError> {
    let properties = input.get("properties").and_then(Value::as_object).filter(|properties| !properties.is_empty());
    let properties = properties.ok_or_else(|| OpenApiError::new("the schema of its input has no `properties`"))?;
    let texts = |key: &str| input.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    if let Some(missing) = texts("required").find(|name| !properties.contains_key(*name)) {
        return Err(OpenApiError::new(format!("it requires {}, which it does not describe", shorten(missing))));
    }
    let mut order: Vec<&str> = Vec::new();
    for name in texts("x-fal-order-properties").chain(properties.keys().map(String::as_str)) {
        if properties.contains_key(name) && !order.contains(&name) {
            order.push(name);
        }
    }
    let parameter = |name: &str| -> Result<ParameterSpec, OpenApiError> {
        let mut parameter = parameter(document, name, &properties[name])?;
        parameter.required = texts("required").any(|required| required == name);
        Ok(parameter)
    };
    let mut parameters = order.into_iter().map(parameter).collect::<Result<Vec<_>, _>>()?;
    role::assign(&mut parameters);
    let pictures = [ParameterRole::StartImage, ParameterRole::EndImage, ParameterRole::ReferenceImages];
    for parameter in &mut parameters {
        if !parameter.role.is_some_and(|role| pictures.contains(&role)) {
            parameter.image = None;
        }
    }
    Ok(parameters)
}

fn parameter(document: &Document<'_>, name: &str, schema: &Value) -> Result<ParameterSpec, OpenApiError> {
    let schema = document.merged(schema)?;
    let mut parameter = ParameterSpec::new(name, []);
    let alternatives = ["anyOf", "oneOf"].iter().find_map(|key| schema.get(*key)?.as_array());
    match alternatives {
        Some(alternatives) => {
            let mut free = false;
            for alternative in alternatives {
                let alternative = document.merged(alternative)?;
                free |= values(&alternative).is_empty() && alternative.get("type").is_none_or(|kind| kind != "null");
                narrow(document, &mut parameter, &alternative)?;
            }
            // One alternative lists its values and another takes any.
            if free {
                parameter.allowed.clear();
            }
        }
        None => narrow(document, &mut parameter, &schema)?,
    }
    let limits = image_limits(&schema, alternatives.map_or(&[], Vec::as_slice));
    parameter.image = (limits != ImageLimits::default()).then_some(limits);
    parameter.default =
        schema.get("default").filter(|default| !default.is_null()).map(|default| listed(&parameter, default));
    parameter.nullable |= schema.get("nullable") == Some(&Value::Bool(true));
    Ok(parameter)
}

/// A default as its list of values spells it: some documents list `"129"` and have the default 129.
fn listed(parameter: &ParameterSpec, default: &Value) -> Value {
    let same = parameter.allowed.iter().find(|value| plain(value) == plain(default));
    same.unwrap_or(default).clone()
}

/// Adds what one schema allows.
fn narrow(document: &Document<'_>, parameter: &mut ParameterSpec, schema: &Value) -> Result<(), OpenApiError> {
    for kind in types(schema) {
        match kind {
            "null" => parameter.nullable = true,
            name => match named_type(name) {
                Some(kind) if parameter.types.contains(&kind) => {}
                Some(kind) => parameter.types.push(kind),
                None => {
                    let message = format!("{} has the type {}, which JSON has not", parameter.name, shorten(name));
                    return Err(OpenApiError::new(message));
                }
            },
        }
    }
    let new = values(schema).into_iter().filter(|value| !value.is_null() && !parameter.allowed.contains(value));
    let new: Vec<Value> = new.cloned().collect();
    parameter.nullable |= values(schema).iter().any(|value| value.is_null());
    parameter.allowed.extend(new);
    let size = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|size| usize::try_from(size).ok());
    let is_integer = types(schema).any(|kind| kind == "integer");
    parameter.min = parameter.min.or(bound(schema, "minimum", "exclusiveMinimum", is_integer.then_some(1.0)));
    parameter.max = parameter.max.or(bound(schema, "maximum", "exclusiveMaximum", is_integer.then_some(-1.0)));
    parameter.min_length = parameter.min_length.or(size("minLength"));
    parameter.max_length = parameter.max_length.or(size("maxLength"));
    parameter.max_items = parameter.max_items.or(size("maxItems"));
    if let Some(items) = schema.get("items") {
        let items = document.merged(items)?;
        let mut kinds = types(&items).filter_map(named_type);
        parameter.items = match (kinds.next(), kinds.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        };
    }
    Ok(())
}

/// A bound of a number. An exclusive one is moved by a whole `step`; without a step it counts as inclusive.
fn bound(schema: &Value, inclusive: &str, exclusive: &str, step: Option<f64>) -> Option<f64> {
    let told = schema.get(inclusive).and_then(Value::as_f64);
    match schema.get(exclusive) {
        Some(Value::Bool(true)) => told.map(|bound| bound + step.unwrap_or(0.0)),
        Some(other) => other.as_f64().map(|bound| bound + step.unwrap_or(0.0)).or(told),
        None => told,
    }
}

fn types(schema: &Value) -> impl Iterator<Item = &str> + '_ {
    let told = schema.get("type");
    let one = told.and_then(Value::as_str);
    let many = told.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    // Where only values are listed, their own types are meant.
    let listed = values(schema).into_iter().filter(move |_| told.is_none()).map(|value| type_of(value));
    one.into_iter().chain(many).chain(listed)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn values(schema: &Value) -> Vec<&Value> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    listed.chain(schema.get("const")).collect()
}

fn named_type(name: &str) -> Option<ParameterType> {
    match name {
        "string" => Some(ParameterType::String),
        "number" => Some(ParameterType::Number),
        "integer" => Some(ParameterType::Integer),
        "boolean" => Some(ParameterType::Boolean),
        "array" => Some(ParameterType::Array),
        "object" => Some(ParameterType::Object),
        _ => None,
    }
}

/// What pictures must be like: in `x-fal`, in the schema itself, in an alternative of it or in an array's items; and by
/// the common wordings of its description.
fn image_limits(schema: &Value, alternatives: &[Value]) -> ImageLimits {
    let schemas = || [schema].into_iter().chain(alternatives);
    let items = schemas().filter_map(|place| place.get("items"));
    let places: Vec<&Value> =
        schemas().chain(items).flat_map(|place| place.get("x-fal").into_iter().chain([place])).collect();
    let number = |key: &str| places.iter().find_map(|place| place.get(key)?.as_f64()).filter(|number| 0.0 <= *number);
    let whole = |key: &str| number(key).filter(|number| *number < 4e9).map(|number| number as u32);
    let told = wording::image_limits(schema.get("description").and_then(Value::as_str).unwrap_or_default());
    ImageLimits {
        max_bytes: number("max_file_size").map(|size| size as u64).or(told.max_bytes),
        min_width: whole("min_width").or(told.min_width),
        min_height: whole("min_height").or(told.min_height),
        max_width: whole("max_width"),
        max_height: whole("max_height"),
        min_aspect: number("min_aspect_ratio").or(told.min_aspect),
        max_aspect: number("max_aspect_ratio").or(told.max_aspect),
        formats: told.formats,
    }
}
