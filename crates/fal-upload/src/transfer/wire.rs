//! What both ways write and read in HTTP.

use fal_core::{Answer, Call, FalClient};
use http::HeaderValue;
use serde::de::DeserializeOwned;

use crate::Error;

pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(super) async fn call(client: &FalClient, call: Call, during: &'static str) -> Result<Answer, Error> {
    client.call(call).await.map_err(|error| Error::fal(during, error))
}

pub(super) fn read<T: DeserializeOwned>(answer: &Answer, during: &'static str) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|error| Error::answer(during, error))
}

/// A header holds visible ASCII only; fal needs the name for nothing but the address.
pub(super) fn plain_name(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' }).collect()
}
