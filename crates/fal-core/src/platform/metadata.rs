//! What fal tells anybody: OpenAPI documents and the addresses that webhooks come from. Asked without the key.

use http::Method;
use serde::Deserialize;
use serde_json::Value;

use super::{Platform, Query, parse};
use crate::call::{Authorization, Call};
use crate::{EndpointId, Error, HostClass};

#[derive(Deserialize)]
struct Meta {
    webhook_ip_ranges: Vec<String>,
}

impl Platform {
    /// The OpenAPI document of a model, from fal's web site. Its schemas of input and output hold; its paths and its
    /// answer to a cancel are not those of the queue.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn openapi(&self, endpoint: &EndpointId) -> Result<Value, Error> {
        let mut url = self.client.hosts().join(HostClass::Site, ["api", "openapi", "queue", "openapi.json"]);
        Query::default().add("endpoint_id", endpoint).write(&mut url);
        let call = Call::new(Method::GET, HostClass::Site, url).with_authorization(Authorization::None);
        parse(&self.client.call(call).await?)
    }

    /// The addresses that webhooks come from, in CIDR notation. They change: a signature is the better proof.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn webhook_ip_ranges(&self) -> Result<Vec<String>, Error> {
        let meta: Meta = parse(&self.get(&["meta"], &Query::default(), Authorization::None).await?)?;
        Ok(meta.webhook_ip_ranges)
    }
}
