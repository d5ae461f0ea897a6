//! A value as a source writes it.

use super::Origin;

/// A value as a source writes it: an environment variable knows texts alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    Text(String),
    Number(f64),
    Flag(bool),
    List(Vec<Raw>),
}

/// A value that a source gives to a setting.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Found {
    pub(super) key: String,
    pub(super) value: Raw,
    pub(super) origin: Origin,
}

impl Raw {
    pub(super) fn text(&self) -> Result<String, String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            _ => Err(self.not("a text")),
        }
    }

    pub(super) fn number(&self, least: f64, most: f64) -> Result<f64, String> {
        let number = match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Flag(_) | Self::List(_) => None,
        };
        number
            .filter(|number| (least..=most).contains(number))
            .ok_or_else(|| self.not(&format!("a number from {least} to {most}")))
    }

    pub(super) fn whole(&self, least: u32, most: u32) -> Result<u32, String> {
        let number = self.number(f64::from(least), f64::from(most)).ok().filter(|number| number.fract() == 0.0);
        number.map(|number| number as u32).ok_or_else(|| self.not(&format!("a whole number from {least} to {most}")))
    }

    pub(super) fn flag(&self) -> Result<bool, String> {
        match self {
            Self::Flag(flag) => Ok(*flag),
            Self::Text(text) => text.trim().parse().map_err(|_| self.not("true or false")),
            _ => Err(self.not("true or false")),
        }
    }

    /// A list; in a variable, items between commas.
    pub(super) fn list(&self) -> Result<Vec<Raw>, String> {
        match self {
            Self::List(items) => Ok(items.clone()),
            Self::Text(text) => Ok(text.split(',').map(|item| Self::Text(item.trim().to_owned())).collect()),
            _ => Err(self.not("a list")),
        }
    }

    fn not(&self, wanted: &str) -> String {
        let given = match self {
            Self::Text(text) => format!("\"{text}\""),
            Self::Number(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::List(_) => "a list".to_owned(),
        };
        format!("it must be {wanted}, not {given}")
    }
}
