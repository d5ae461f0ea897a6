//! Finds the input of an endpoint in its OpenAPI document.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::OpenApiError;

/// The most references that are followed one after the other.
const DEEPEST: usize = 16;

/// An OpenAPI document of one endpoint.
pub(super) struct Document<'a> {
    root: &'a Value,
    pub(super) endpoint_id: String,
    pub(super) display_name: String,
}

impl<'a> Document<'a> {
    /// Takes a document, or a record of a model with the document inside.
    pub(super) fn open(given: &'a Value) -> Result<Self, OpenApiError> {
        let object = given.as_object().ok_or_else(|| OpenApiError::new("it is not a JSON object"))?;
        let root = match object.get("openapi") {
            Some(inside @ Value::Object(_)) => inside,
            Some(Value::String(version)) if version.starts_with('3') => given,
            Some(Value::String(version)) => {
                return Err(OpenApiError::new(format!("it is of OpenAPI {}; give one of OpenAPI 3", shorten(version))));
            }
            _ if object.contains_key("models") => {
                return Err(OpenApiError::new("it is a list of models; give one record of `models` at a time"));
            }
            _ => {
                return Err(OpenApiError::new("it has no `openapi`, so it is neither a document nor a model's record"));
            }
        };
        if let Some(error) = root.get("error") {
            let told = error.get("message").and_then(Value::as_str).unwrap_or("fal gives no reason");
            return Err(OpenApiError::new(format!("fal could not make the document: {}", shorten(told))));
        }
        let endpoint_id = endpoint_id(given, root)?;
        let name = given.pointer("/metadata/display_name").or_else(|| root.pointer("/info/x-fal-metadata/displayName"));
        let display_name = name.and_then(Value::as_str).unwrap_or(&endpoint_id).to_owned();
        Ok(Self { root, endpoint_id, display_name })
    }

    /// The schema of what is posted to the endpoint.
    pub(super) fn input(&self) -> Result<Map<String, Value>, OpenApiError> {
        let paths = self.root.get("paths").and_then(Value::as_object);
        let paths = paths.ok_or_else(|| OpenApiError::new("it has no `paths`"))?;
        let own = format!("/{}", self.endpoint_id);
        let body = |path: &'a Value| path.pointer("/post/requestBody");
        let post = paths.get(&own).and_then(body).or_else(|| paths.values().find_map(body));
        let post = post.ok_or_else(|| OpenApiError::new("none of its `paths` has a `post` with a `requestBody`"))?;
        let body = self.resolved(post)?;
        let schema = body.pointer("/content/application~1json/schema");
        let schema = schema.ok_or_else(|| OpenApiError::new("its request body is not `application/json`"))?;
        match self.merged(schema)?.into_owned() {
            Value::Object(input) => Ok(input),
            _ => Err(OpenApiError::new("the schema of its input is not an object")),
        }
    }

    /// The names in what the endpoint answers at the end; `None` when the document does not describe it.
    pub(super) fn output(&self) -> Option<Vec<String>> {
        let paths = self.root.get("paths")?.as_object()?;
        let answer = |path: &'a Value| path.pointer("/get/responses/200/content/application~1json/schema");
        let (_, path) = paths.iter().find(|(path, _)| path.ends_with("/requests/{request_id}"))?;
        let schema = self.merged(answer(path)?).ok()?;
        let properties = schema.get("properties")?.as_object()?;
        Some(properties.keys().cloned().collect())
    }

    /// A schema with its references followed and its `allOf` merged.
    pub(super) fn merged<'s>(&self, schema: &'s Value) -> Result<Cow<'s, Value>, OpenApiError>
    where
        'a: 's,
    {
        self.merged_at(schema, 0)
    }

    fn merged_at<'s>(&self, schema: &'s Value, depth: usize) -> Result<Cow<'s, Value>, OpenApiError>
    where
        'a: 's,
    {
        if DEEPEST < depth {
            return Err(OpenApiError::new("its schemas refer to each other in a circle"));
        }
        let Some(object) = schema.as_object() else { return Ok(Cow::Borrowed(schema)) };
        let reference = object.get("$ref").map(|reference| self.pointed(reference)).transpose()?;
        let all: Vec<&Value> = object.get("allOf").and_then(Value::as_array).into_iter().flatten().collect();
        if reference.is_none() && all.is_empty() {
            return Ok(Cow::Borrowed(schema));
        }
        let mut whole = Map::new();
        for part in reference.into_iter().chain(all) {
            if let Value::Object(part) = self.merged_at(part, depth + 1)?.into_owned() {
                add(&mut whole, part);
            }
        }
        // What stands beside a reference is more particular than what it refers to.
        let beside = object.iter().filter(|(key, _)| !matches!(key.as_str(), "$ref" | "allOf"));
        add(&mut whole, beside.map(|(key, value)| (key.clone(), value.clone())).collect());
        Ok(Cow::Owned(Value::Object(whole)))
    }

    fn resolved(&self, value: &'a Value) -> Result<&'a Value, OpenApiError> {
        value.get("$ref").map_or(Ok(value), |reference| self.pointed(reference))
    }

    fn pointed(&self, reference: &Value) -> Result<&'a Value, OpenApiError> {
        let text = reference.as_str().unwrap_or_default();
        let Some(pointer) = text.strip_prefix('#') else {
            return Err(OpenApiError::new(format!("it refers to {}, which is outside of it", shorten(text))));
        };
        let target = self.root.pointer(pointer);
        target.ok_or_else(|| OpenApiError::new(format!("it refers to {}, which is not there", shorten(text))))
    }
}

/// Properties and required names join; everything else is replaced.
fn add(whole: &mut Map<String, Value>, part: Map<String, Value>) {
    for (key, value) in part {
        match (whole.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => known.extend(more),
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => known.extend(more),
            (_, value) => {
                whole.insert(key, value);
            }
        }
    }
}

fn endpoint_id(given: &Value, root: &Value) -> Result<String, OpenApiError> {
    let told = given.get("endpoint_id").or_else(|| root.pointer("/info/x-fal-metadata/endpointId"));
    let posted = || {
        let paths = root.get("paths")?.as_object()?;
        let (path, _) = paths.iter().find(|(_, item)| item.get("post").is_some())?;
        Some(path.trim_start_matches('/'))
    };
    let id = told.and_then(Value::as_str).or_else(posted).unwrap_or_default();
    let is_id = id.contains('/') && id.chars().all(|letter| letter.is_ascii_alphanumeric() || "/-_.".contains(letter));
    if is_id {
        Ok(id.to_owned())
    } else {
        Err(OpenApiError::new("it names no endpoint, neither in `x-fal-metadata.endpointId` nor by a path"))
    }
}

/// Foreign text for a message, not longer than a line.
pub(super) fn shorten(text: &str) -> String {
    const LONGEST: usize = 80;
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}
