//! A JSON object from somebody else, read field by field, so that every mistake can be told at once.

use std::fmt;

use serde_json::{Map, Value};
use videogen_domain::{Fit, PlatformPreset, Usd, Violation, ViolationCode, Violations, nearest};

/// A JSON object that is read field by field. A field of the wrong type is remembered and read as absent, so that the
/// rest can still be checked; [`finish`](Self::finish) tells all mistakes together. `null` counts as absent.
///
/// ```
/// use serde_json::json;
/// use videogen::JsonFields;
///
/// let object = json!({"model": "kling_2.1", "duration": "five", "promt": "zoom"}).as_object().cloned();
/// let mut fields = JsonFields::new(object.unwrap_or_default());
/// assert_eq!(fields.text("model").as_deref(), Some("kling_2.1"));
/// assert_eq!((fields.whole_number("duration"), fields.text("prompt")), (None, None));
/// let mistakes = fields.finish(Ok(())).unwrap_err().to_string();
/// assert!(mistakes.contains("duration must be a whole number, not a text"));
/// assert!(mistakes.contains("promt: there is no such field; did you mean prompt?"));
/// ```
pub struct JsonFields {
    unread: Map<String, Value>,
    known: Vec<&'static str>,
    mistakes: Vec<Violation>,
}

// The values may hold prompts.
impl fmt::Debug for JsonFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonFields")
            .field("unread", &self.unread.keys().collect::<Vec<_>>())
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

impl JsonFields {
    /// Begins to read an object.
    pub fn new(object: Map<String, Value>) -> Self {
        Self { unread: object, known: Vec::new(), mistakes: Vec::new() }
    }

    /// A text.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.take(name, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A list of texts.
    pub fn texts(&mut self, name: &'static str) -> Option<Vec<String>> {
        let texts = |value: &Value| value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
        self.take(name, "a list of texts", texts)
    }

    /// A whole number from 0 on; `5.0` is one too.
    pub fn whole_number(&mut self, name: &'static str) -> Option<u32> {
        let whole = |number: &f64| number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number);
        self.take(name, "a whole number", |value| value.as_f64().filter(whole).map(|number| number as u32))
    }

    /// A whole number, below 0 too; `-5.0` is one as well.
    pub fn integer(&mut self, name: &'static str) -> Option<i32> {
        let whole =
            |number: &f64| number.fract() == 0.0 && (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(number);
        self.take(name, "a whole number", |value| value.as_f64().filter(whole).map(|number| number as i32))
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.take(name, "true or false", Value::as_bool)
    }

    /// An amount of US dollars: a number or a text such as `"0.50"`.
    pub fn usd(&mut self, name: &'static str) -> Option<Usd> {
        let amount = |value: &Value| match value {
            Value::Number(number) => number.to_string().parse().ok(),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        self.take(name, "an amount of US dollars such as 0.50", amount)
    }

    /// Where a video is to be shown, by the name of the platform.
    pub fn platform(&mut self, name: &'static str) -> Option<PlatformPreset> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(platform) => Some(platform),
            Err(_) => {
                let names = PlatformPreset::ALL.map(PlatformPreset::name);
                let near = nearest(&text, names).map(str::to_owned);
                let mistake = Violation::new(name, ViolationCode::NotAllowed, "there is no such platform");
                let allowed = names.map(str::to_owned).to_vec();
                self.reject(mistake.with_suggestion(near).with_allowed(allowed));
                None
            }
        }
    }

    /// How a picture is brought to an aspect ratio: `crop`, the default, `pad` or `none`.
    pub fn fit(&mut self, name: &'static str) -> Fit {
        match self.text(name).as_deref() {
            None | Some("crop") => Fit::Crop,
            Some("pad") => Fit::Pad,
            Some("none") => Fit::None,
            Some(_) => {
                let allowed = ["crop", "pad", "none"].map(str::to_owned).to_vec();
                let mistake = Violation::new(name, ViolationCode::NotAllowed, "there is no such way to fit a picture");
                self.reject(mistake.with_allowed(allowed));
                Fit::Crop
            }
        }
    }

    /// An object.
    pub fn object(&mut self, name: &'static str) -> Option<Map<String, Value>> {
        self.take(name, "an object", |value| value.as_object().cloned())
    }

    /// Whatever is there.
    pub fn value(&mut self, name: &'static str) -> Option<Value> {
        self.take(name, "a value", |value| Some(value.clone()))
    }

    /// Remembers a mistake that was found otherwise.
    pub fn reject(&mut self, mistake: Violation) {
        self.mistakes.push(mistake);
    }

    /// What came of checking the request as a whole, with the mistakes of its fields added: first theirs, then those of
    /// the whole, except of fields that could not be read (`image`, where `image.url` is wrong). A field that nobody has
    /// read is a mistake.
    ///
    /// # Errors
    /// Every mistake, if there is one.
    pub fn finish<T>(self, checked: Result<T, Violations>) -> Result<T, Violations> {
        let mut mistakes = self.mistakes;
        mistakes.extend(self.unread.keys().map(|name| {
            let suggestion = nearest(name, self.known.iter().copied()).map(str::to_owned);
            let allowed = self.known.iter().map(|&known| known.to_owned()).collect();
            Violation::new(name, ViolationCode::UnknownParameter, "there is no such field")
                .with_suggestion(suggestion)
                .with_allowed(allowed)
        }));
        match checked {
            Ok(checked) => Violations::check(mistakes).map(|()| checked),
            Err(found) => {
                let unread: Vec<String> = mistakes.iter().map(|mistake| mistake.field.clone()).collect();
                let is_new = |field: &str| !unread.iter().any(|unread| is_part_of(unread, field));
                mistakes.extend(found.iter().filter(|violation| is_new(&violation.field)).cloned());
                Violations::check(mistakes).and(Err(found))
            }
        }
    }

    fn take<T>(&mut self, name: &'static str, kind: &str, read: impl Fn(&Value) -> Option<T>) -> Option<T> {
        self.known.push(name);
        let value = self.unread.remove(name).filter(|value| !value.is_null())?;
        let read = read(&value);
        if read.is_none() {
            let message = format!("{name} must be {kind}, not {}", shown(&value));
            self.reject(Violation::new(name, ViolationCode::WrongType, message));
        }
        read
    }
}

/// Whether a field is another one or in it.
fn is_part_of(field: &str, whole: &str) -> bool {
    field.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A value without its content where that may be long or private.
fn shown(value: &Value) -> String {
    match value {
        Value::String(_) => "a text".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Value) -> JsonFields {
        JsonFields::new(value.as_object().cloned().unwrap())
    }

    fn told(result: Result<(), Violations>) -> Vec<(String, String)> {
        let violations = result.unwrap_err();
        violations.iter().map(|violation| (violation.field.clone(), violation.message.clone())).collect()
    }

    #[test]
    fn what_is_right_is_read_and_null_is_absent() {
        let mut fields =
            fields(json!({"a": "x", "b": 5.0, "c": false, "d": {"e": 1}, "f": [1], "g": null, "h": 0.1, "i": "$0.50"}));
        assert_eq!(
            (fields.text("a"), fields.whole_number("b"), fields.flag("c")),
            (Some("x".into()), Some(5), Some(false))
        );
        assert_eq!((fields.object("d").unwrap().len(), fields.value("f")), (1, Some(json!([1]))));
        assert_eq!((fields.text("g"), fields.text("absent")), (None, None));
        let shown = |amount: Option<Usd>| amount.unwrap().to_string();
        assert_eq!((shown(fields.usd("h")), shown(fields.usd("i"))), ("$0.10".to_owned(), "$0.50".to_owned()));
        assert_eq!(fields.finish(Ok(7)), Ok(7));
    }

    #[test]
    fn every_mistake_is_told_once_and_shows_no_content() {
        let mut fields = fields(json!({"prompt": ["private"], "seconds": 2.5, "usd": -1, "flag": "yes", "zzz": 1}));
        assert_eq!((fields.text("prompt"), fields.whole_number("seconds")), (None, None));
        assert_eq!((fields.usd("usd"), fields.flag("flag")), (None, None));
        assert!(!format!("{fields:?}").contains("private"));
        let too_short = Violation::new("prompt", ViolationCode::TooShort, "too short");
        let conflict = Violation::new("model", ViolationCode::Conflict, "conflict");
        let missing = Violation::new("image", ViolationCode::UnusableImage, "missing");
        fields.reject(Violation::new("image.url", ViolationCode::NotAllowed, "no address"));
        let checked = Violations::check(vec![missing, too_short, conflict]);
        let told = told(fields.finish(checked));
        let told: Vec<_> = told.iter().map(|(field, message)| (field.as_str(), message.as_str())).collect();
        assert_eq!(
            told,
            [
                ("prompt", "prompt must be a text, not a list"),
                ("seconds", "seconds must be a whole number, not 2.5"),
                ("usd", "usd must be an amount of US dollars such as 0.50, not -1"),
                ("flag", "flag must be true or false, not a text"),
                ("image.url", "no address"),
                ("zzz", "there is no such field"),
                ("model", "conflict"),
            ]
        );
    }
}
