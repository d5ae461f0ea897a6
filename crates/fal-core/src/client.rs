//! fal's queue over HTTP.

use std::sync::Arc;

use http::{HeaderValue, Method};
use rust_decimal::Decimal;
use serde_json::Value;
use url::Url;

use crate::api::{Download, FalApi, Output};
use crate::call::{Answer, Call};
use crate::exchange::Exchange;
use crate::wire::queue::{Status, Submitted};
use crate::{
    ApiError, BodyError, Breakers, Cancellation, ConfigError, EndpointId, Error, FalConfig, HostClass, Hosts,
    HttpTransport, QueueStatus, RequestHandle, RequestOptions, ReqwestTransport, ResponseBody, RetryCount,
    UnconfirmedSubmit, Watch, WatchOptions, cancellation, download,
};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// fal's queue over HTTP. Cheap to clone; all clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct FalClient {
    exchange: Exchange,
    hosts: Hosts,
}

impl FalClient {
    /// A client with its own pool of connections.
    ///
    /// # Errors
    /// [`Error::Config`] when HTTP cannot be set up on this machine.
    pub fn new(config: FalConfig) -> Result<Self, Error> {
        let transport = Arc::new(ReqwestTransport::new(config.timeouts, &config.transport, &config.hosts)?);
        Ok(Self::with_transport(config, transport))
    }

    /// A client over another transport.
    pub fn with_transport(config: FalConfig, transport: Arc<dyn HttpTransport>) -> Self {
        let hosts = config.hosts.clone();
        Self { exchange: Exchange::new(config, transport), hosts }
    }

    /// Where fal is.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// The circuit breakers: how they are, news of them, and a way to close them.
    pub fn breakers(&self) -> &Breakers {
        &self.exchange.breakers
    }

    /// How many attempts all clones have made again since the client was made.
    pub fn retries(&self) -> &RetryCount {
        &self.exchange.retries
    }

    /// Makes a call that costs nothing to repeat, on any of fal's hosts.
    ///
    /// # Errors
    /// [`Error::Api`] for every answer that is not a success, [`Error::UntrustedUrl`] when the key would leave the
    /// configured hosts, [`Error::ForbiddenUrl`] when it may not go there at all; else when there is no answer.
    pub async fn call(&self, call: Call) -> Result<Answer, Error> {
        succeeded(self.exchange.send(&call).await?)
    }

    /// The same, and hands out the body of a success as it arrives.
    ///
    /// # Errors
    /// As for [`call`](Self::call).
    pub async fn open(&self, call: Call) -> Result<(Answer, ResponseBody), Error> {
        let (answer, body) = self.exchange.open(&call).await?;
        Ok((succeeded(answer)?, body))
    }

    /// A read of a request, from an address that fal named, which gets the key only on the configured queue host.
    pub(crate) fn read(&self, request: &RequestHandle, address: &str, query: Option<&str>) -> Result<Call, Error> {
        self.about(request, Method::GET, address, query)
    }

    fn about(
        &self,
        request: &RequestHandle,
        method: Method,
        address: &str,
        query: Option<&str>,
    ) -> Result<Call, Error> {
        let mut url = self.own(address).ok_or(Error::UntrustedUrl)?;
        url.set_query(query);
        Ok(Call::new(method, HostClass::Queue, url).about(request.endpoint_id.parse().ok()))
    }

    pub(crate) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    fn own(&self, address: &str) -> Option<Url> {
        Url::parse(address).ok().filter(|url| self.hosts.owns(HostClass::Queue, url))
    }

    /// fal's own addresses where they are on the configured host; else, as behind a proxy, ours.
    fn accepted(&self, endpoint: &EndpointId, submitted: Submitted) -> Result<RequestHandle, Error> {
        let ours = self.handle(endpoint, &submitted.request_id)?;
        let checked = |theirs: Option<String>, ours| theirs.filter(|url| self.own(url).is_some()).unwrap_or(ours);
        Ok(RequestHandle {
            status_url: checked(submitted.status_url, ours.status_url),
            response_url: checked(submitted.response_url, ours.response_url),
            cancel_url: checked(submitted.cancel_url, ours.cancel_url),
            ..ours
        })
    }
}

#[async_trait::async_trait]
impl FalApi for FalClient {
    async fn submit(
        &self,
        endpoint: &EndpointId,
        input: &Value,
        options: &RequestOptions,
    ) -> Result<RequestHandle, Error> {
        let url = self.hosts.join(HostClass::Queue, endpoint.segments());
        let call = Call::new(Method::POST, HostClass::Queue, url).with_body(JSON, input.to_string()).billable();
        let call = options.applied_to_submit(call.about(Some(endpoint.clone())))?;
        let answer = succeeded(self.exchange.send(&call).await?)?;
        // Accepted, so nothing from here on may pass for a refusal.
        let request_id = answer.request_id();
        let submitted = serde_json::from_slice::<Submitted>(&answer.body).ok().or_else(|| {
            let request_id = request_id.clone()?;
            Some(Submitted { request_id, status_url: None, response_url: None, cancel_url: None })
        });
        submitted
            .and_then(|submitted| self.accepted(endpoint, submitted).ok())
            .ok_or_else(|| Error::Unconfirmed(UnconfirmedSubmit::answered(answer.status.as_u16(), request_id)))
    }

    fn handle(&self, endpoint: &EndpointId, request_id: &str) -> Result<RequestHandle, Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if request_id.is_empty() || !request_id.chars().all(allowed) {
            let reason = "may have letters, digits, - and _ only";
            return Err(Error::Config(ConfigError::new(format!("the request id \"{request_id}\""), reason)));
        }
        let address = |last: &[&str]| {
            let path = endpoint.app_segments().chain(["requests", request_id]).chain(last.iter().copied());
            self.hosts.join(HostClass::Queue, path).to_string()
        };
        Ok(RequestHandle {
            endpoint_id: endpoint.to_string(),
            request_id: request_id.to_owned(),
            status_url: address(&["status"]),
            response_url: address(&[]),
            cancel_url: address(&["cancel"]),
        })
    }

    async fn status(&self, request: &RequestHandle) -> Result<QueueStatus, Error> {
        let answer = self.call(self.read(request, &request.status_url, Some("logs=1"))?).await?;
        let status: Status = parse(&answer)?;
        Ok(status.into())
    }

    fn watch(&self, request: &RequestHandle, options: WatchOptions) -> Watch {
        Watch::over(self.clone(), request.clone(), options)
    }

    async fn cancel(&self, request: &RequestHandle) -> Result<Cancellation, Error> {
        // A second cancellation is free; at worst it is answered that the request has ended.
        let call = self.about(request, Method::PUT, &request.cancel_url, None)?;
        cancellation::read(&self.exchange.send(&call).await?)
    }

    async fn result(&self, request: &RequestHandle) -> Result<Output, Error> {
        let answer = self.call(self.read(request, &request.response_url, None)?.answered_by_the_model()).await?;
        output(&answer)
    }

    async fn download(&self, url: &str) -> Result<Download, Error> {
        let url = Url::parse(url).map_err(|_| Error::UntrustedUrl)?;
        if !self.exchange.may_read(&url) {
            return Err(Error::UntrustedUrl);
        }
        download::open(&self.exchange, url).await
    }
}

/// What a model made, and what fal counts for it.
pub(crate) fn output(answer: &Answer) -> Result<Output, Error> {
    let units = answer.header("x-fal-billable-units").and_then(|units| units.trim().parse::<Decimal>().ok());
    Ok(Output { payload: parse(answer)?, billable_units: units })
}

pub(crate) fn succeeded(answer: Answer) -> Result<Answer, Error> {
    if answer.status.is_success() { Ok(answer) } else { Err(Error::Api(ApiError::from_answer(&answer))) }
}

fn parse<T: serde::de::DeserializeOwned>(answer: &Answer) -> Result<T, Error> {
    serde_json::from_slice(&answer.body).map_err(|error| Error::Body(BodyError::new(answer.request_id(), error)))
}
