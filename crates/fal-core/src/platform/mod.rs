//! fal's platform API: what models there are, what they cost, and what became of past requests.

mod query;
mod page;
mod model;
mod models;
mod pricing;
mod requests;
mod billing;
mod timeframe;
mod usage;
mod analytics;
mod metadata;

use http::{HeaderValue, Method};
use serde::de::DeserializeOwned;

pub use analytics::{AnalyticsQuery, ModelAnalytics};
pub use billing::{BillingEvent, BillingQuery};
pub use model::{
    EnterpriseStatus, Expansion, ExpansionError, LicenseType, Model, ModelGroup, ModelKind, ModelMetadata, ModelStatus,
};
pub use models::ModelQuery;
pub use pricing::{CostEstimate, EstimateType, Price};
pub use requests::{PastRequest, RequestQuery, RequestStatus};
pub use timeframe::{Bucket, Timeframe};
pub use usage::{UsageQuery, UsageRecord};

use self::query::Query;
use crate::call::{Answer, Authorization, Call};
use crate::{BodyError, Error, FalClient, HostClass};

/// fal's platform API. Every call is a read that costs nothing and is repeated like any other.
///
/// Money is exact: it is read from the text of the answer. Fields and values that this version does not know are passed
/// over or kept as they are.
///
/// # Errors
/// Of every call, also inside a stream: [`Error::Api`] with fal's own message, for example when the key may not see
/// this; [`Error::Body`] when the answer is not in fal's format; [`Error::Connection`] when there is none.
#[derive(Debug, Clone)]
pub struct Platform {
    client: FalClient,
}

impl FalClient {
    /// fal's platform API, over the same connections.
    pub fn platform(&self) -> Platform {
        Platform { client: self.clone() }
    }
}

impl Platform {
    /// Reads `/v1` and the path.
    async fn get(&self, path: &[&str], query: &Query, authorization: Authorization) -> Result<Answer, Error> {
        self.client.call(self.call(Method::GET, path, query).with_authorization(authorization)).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &[&str], body: String) -> Result<T, Error> {
        let json = HeaderValue::from_static("application/json");
        let call = self.call(Method::POST, path, &Query::default()).with_body(json, body);
        parse(&self.client.call(call).await?)
    }

    fn call(&self, method: Method, path: &[&str], query: &Query) -> Call {
        let mut url = self.client.hosts().join(HostClass::Platform, ["v1"].iter().chain(path).copied());
        query.write(&mut url);
        Call::new(method, HostClass::Platform, url)
    }
}

fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|error| unreadable(answer, error))
}

fn unreadable(answer: &Answer, error: serde_json::Error) -> Error {
    Error::Body(BodyError::new(answer.request_id(), error))
}
