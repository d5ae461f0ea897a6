//! How faults are written: `name; key=value`, and keys over defaults.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::faults::fault::Fault;
use crate::faults::invalid::InvalidFault;
use crate::faults::request_error;

impl FromStr for Fault {
    type Err = InvalidFault;

    /// A name, and parameters where the defaults are not meant: `rate-limited; retry_after=2`.
    fn from_str(text: &str) -> Result<Self, InvalidFault> {
        let mut parts = text.split(';').map(str::trim);
        let fault = named(parts.next().unwrap_or_default())?;
        let written = parts.filter(|part| !part.is_empty()).map(parameter).collect::<Result<_, _>>()?;
        fill(&fault, written)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = named(self.name()).and_then(|default| keys(&default)).map_err(|_| fmt::Error)?;
        f.write_str(self.name())?;
        for (key, value) in keys(self).map_err(|_| fmt::Error)? {
            if default.get(&key) != Some(&value) {
                let bare = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                write!(f, "; {key}={bare}")?;
            }
        }
        Ok(())
    }
}

/// The fault of this name, with its default parameters.
pub(super) fn named(name: &str) -> Result<Fault, InvalidFault> {
    let all = Fault::all();
    match all.iter().find(|fault| fault.name() == name) {
        Some(fault) => Ok(fault.clone()),
        None => Err(InvalidFault::unknown("name", "fault", name, all.iter().map(Fault::name))),
    }
}

/// Puts the written keys over the defaults, one after the other, so that a mistake can be laid to its key.
pub(super) fn fill<T: Serialize + DeserializeOwned>(
    defaults: &T,
    mut written: Map<String, Value>,
) -> Result<T, InvalidFault> {
    let mut whole = keys(defaults)?;
    if whole.contains_key("error_type") {
        request_error::complete(&mut written)?;
    }
    let known: Vec<String> = whole.keys().filter(|key| *key != "name").cloned().collect();
    for (key, value) in written {
        if !known.contains(&key) {
            return Err(InvalidFault::unknown(&key, "key", &key, known.iter().map(String::as_str)));
        }
        whole.insert(key.clone(), value);
        T::deserialize(Value::Object(whole.clone())).map_err(|mistake| InvalidFault::at(&key, mistake))?;
    }
    serde_json::from_value(Value::Object(whole)).map_err(|mistake| InvalidFault::new(mistake.to_string()))
}

fn parameter(text: &str) -> Result<(String, Value), InvalidFault> {
    let wrong = || InvalidFault::new(format!("`{text}` is not of the form `key=value`"));
    let (key, value) = text.split_once('=').ok_or_else(wrong)?;
    let value = value.trim();
    Ok((key.trim().to_owned(), serde_json::from_str(value).unwrap_or_else(|_| value.into())))
}

fn keys(plain: &impl Serialize) -> Result<Map<String, Value>, InvalidFault> {
    match serde_json::to_value(plain) {
        Ok(Value::Object(keys)) => Ok(keys),
        other => Err(InvalidFault::new(format!("not a table: {other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultRule;
    use serde_json::json;

    fn read(rule: Value) -> Result<FaultRule, String> {
        let Value::Object(written) = rule else { panic!("{rule} is no table") };
        FaultRule::read(written).map_err(|mistake| mistake.to_string())
    }

    #[test]
    fn every_fault_is_read_back_from_its_text_and_its_json() {
        for fault in Fault::all() {
            assert_eq!(fault.to_string(), fault.name());
            assert_eq!(fault.name().parse(), Ok(fault.clone()));
            let json = serde_json::to_value(&fault).expect("is plain data");
            assert_eq!(json["name"], fault.name());
            assert_eq!(serde_json::from_value::<Fault>(json).expect("is one"), fault);
            let rule = FaultRule::new(fault).times(2);
            assert_eq!(read(serde_json::to_value(&rule).expect("is plain data")), Ok(rule));
        }
    }

    #[test]
    fn parameters_are_written_where_they_differ() {
        for (fault, text) in [
            (Fault::Nginx502 { after_accept: true }, "nginx-502; after_accept=true"),
            (Fault::RateLimited { retry_after: Some(7) }, "rate-limited; retry_after=7"),
            (
                Fault::Failed { error_type: "runner_disconnected".into(), status: 503 },
                "failed; error_type=runner_disconnected; status=503",
            ),
        ] {
            assert_eq!(fault.to_string(), text);
            assert_eq!(text.parse(), Ok(fault));
        }
        assert_eq!(" slow-body ;bytes_per_second = 9; ".parse(), Ok(Fault::SlowBody { bytes_per_second: 9 }));
    }

    #[test]
    fn a_failure_has_the_status_that_fal_documents_for_its_type() {
        let failed = |error_type: &str, status| Ok(Fault::Failed { error_type: error_type.into(), status });
        assert_eq!("failed; error_type=runner_incomplete_response".parse(), failed("runner_incomplete_response", 502));
        assert_eq!("failed; error_type=brand_new; status=418".parse(), failed("brand_new", 418));
    }

    #[test]
    fn mistakes_are_told_with_the_nearest_right_name() {
        for (written, expected) in [
            (json!({}), "a fault needs a `name`"),
            (json!({ "name": "reply-lots" }), "unknown fault `reply-lots`; did you mean `reply-lost`?"),
            (json!({ "name": "gremlins" }), "unknown fault `gremlins`; there are reset-before-accept, "),
            (json!({ "name": "reply-lost", "probabilty": 1 }), "unknown key `probabilty`; did you mean `probability`?"),
            (json!({ "name": "reply-lost", "after_accept": true }), "unknown key `after_accept`; there are "),
            (json!({ "name": "reply-lost", "probability": 1.5 }), "`probability`: it must be between 0 and 1"),
            (json!({ "name": "reply-lost", "times": "two" }), "`times`: invalid type: string \"two\", expected u32"),
            (
                json!({ "name": "reply-lost", "on": "sumbit" }),
                "`on`: unknown variant `sumbit`, expected one of `any`, ",
            ),
            (json!({ "name": "failed", "on": "status" }), "`on`: `failed` is decided at the submit alone"),
            (json!({ "name": "failed", "status": 200 }), "`status`: it must be between 400 and 599"),
            (
                json!({ "name": "failed", "error_type": "runner_disconected" }),
                "unknown error_type `runner_disconected`; did you mean `runner_disconnected`?",
            ),
        ] {
            let told = read(written.clone()).expect_err("is wrong");
            assert!(told.starts_with(expected), "{written}: {told}");
        }
        let told = "nginx-502; after_accept".parse::<Fault>().expect_err("is wrong").to_string();
        assert_eq!(told, "`after_accept` is not of the form `key=value`");
    }
}
