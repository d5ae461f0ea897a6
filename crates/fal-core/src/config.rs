//! Where fal is, how long to wait for it, and how often to try.

use std::time::Duration;

use url::Url;

use crate::{BreakerPolicy, ConfigError, Credentials, Error, RetryBudget, RetryPolicy, TransportConfig};

/// One of fal's hosts, by what it serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum HostClass {
    /// The queue: submit, status, result, cancel.
    Queue,
    /// Direct calls without the queue.
    Run,
    /// Tokens and the start of uploads.
    Rest,
    /// Uploaded and generated files.
    Cdn,
    /// Prices, history and billing.
    Platform,
    /// The web site, which has the models' OpenAPI documents. It is asked without the key.
    Site,
}

impl HostClass {
    /// A stable name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Run => "run",
            Self::Rest => "rest",
            Self::Cdn => "cdn",
            Self::Platform => "platform",
            Self::Site => "site",
        }
    }
}

/// The base addresses of fal's hosts. An emulator or a proxy is a matter of setting them.
///
/// # Defaults
/// - queue: `https://queue.fal.run`
/// - run: `https://fal.run`
/// - rest: `https://rest.fal.ai`
/// - cdn: `https://v3.fal.media`
/// - platform: `https://api.fal.ai`
/// - site: `https://fal.ai`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    queue: Url,
    run: Url,
    rest: Url,
    cdn: Url,
    platform: Url,
    site: Url,
}

impl Default for Hosts {
    fn default() -> Self {
        let fixed = |address: &str| Url::parse(address).expect("a fixed address is well-formed");
        Self {
            queue: fixed("https://queue.fal.run"),
            run: fixed("https://fal.run"),
            rest: fixed("https://rest.fal.ai"),
            cdn: fixed("https://v3.fal.media"),
            platform: fixed("https://api.fal.ai"),
            site: fixed("https://fal.ai"),
        }
    }
}

impl Hosts {
    /// Points one class elsewhere. The key goes there, so it has to be `https`, or `http` on this machine.
    ///
    /// # Errors
    /// [`Error::Config`] when the address is none, or would carry the key over the network in the clear.
    pub fn with(mut self, class: HostClass, address: &str) -> Result<Self, Error> {
        let refused = |reason: &str| {
            Error::Config(ConfigError::new(format!("the address of fal's {} host", class.name()), reason))
        };
        let url = Url::parse(address.trim().trim_end_matches('/'))
            .map_err(|_| refused("is not an address such as https://queue.fal.run"))?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err(refused("must be https, or http on this machine, because the key is sent there")),
            _ => return Err(refused("must begin with https://")),
        }
        if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
            return Err(refused("must be an address without user, query and fragment"));
        }
        *self.slot(class) = url;
        Ok(self)
    }

    /// The base address of a class.
    pub fn get(&self, class: HostClass) -> &Url {
        match class {
            HostClass::Queue => &self.queue,
            HostClass::Run => &self.run,
            HostClass::Rest => &self.rest,
            HostClass::Cdn => &self.cdn,
            HostClass::Platform => &self.platform,
            HostClass::Site => &self.site,
        }
    }

    fn slot(&mut self, class: HostClass) -> &mut Url {
        match class {
            HostClass::Queue => &mut self.queue,
            HostClass::Run => &mut self.run,
            HostClass::Rest => &mut self.rest,
            HostClass::Cdn => &mut self.cdn,
            HostClass::Platform => &mut self.platform,
            HostClass::Site => &mut self.site,
        }
    }

    /// The base address with path segments added; each is escaped as needed.
    pub fn join<'a>(&self, class: HostClass, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.get(class).clone();
        // An http address always has a path.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }

    /// Whether an address is on any of them: same scheme, host and port.
    pub(crate) fn include(&self, url: &Url) -> bool {
        let bases = [&self.queue, &self.run, &self.rest, &self.cdn, &self.platform, &self.site];
        bases.iter().any(|base| base.origin() == url.origin())
    }

    /// Whether an address is on the host of a class: same scheme, host and port, and below its path.
    pub fn owns(&self, class: HostClass, url: &Url) -> bool {
        let base = self.get(class);
        let below = |path: &str| {
            let base = base.path().trim_end_matches('/');
            path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        base.origin() == url.origin() && url.username().is_empty() && url.password().is_none() && below(url.path())
    }
}

/// Whether an address is on this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// How long to wait.
///
/// # Defaults
/// - `connect`: 5 s until a connection stands
/// - `call`: 30 s for a whole call, its answer included
/// - `run`: 10 min for a direct call, in which the model works
/// - `read_idle`: 30 s without a byte before a file or stream is given up
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands, TLS included.
    pub connect: Duration,
    /// For one attempt of a call, its answer included.
    pub call: Duration,
    /// For a direct call, its answer included.
    pub run: Duration,
    /// Between two pieces of a file or stream that is being read.
    pub read_idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            call: Duration::from_secs(30),
            run: Duration::from_secs(600),
            read_idle: Duration::from_secs(30),
        }
    }
}

/// Everything that a client is made of.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FalConfig {
    /// The key.
    pub credentials: Credentials,
    /// Where fal is.
    pub hosts: Hosts,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// How often to try what costs nothing to repeat.
    pub retry: RetryPolicy,
    /// How many retries all calls together may make; `None` for any number.
    pub retry_budget: Option<RetryBudget>,
    /// When to stop asking a host, an endpoint or with a key that keeps failing; `None` for never.
    pub breaker: Option<BreakerPolicy>,
    /// How connections are made.
    pub transport: TransportConfig,
}

impl FalConfig {
    /// fal itself, with all defaults.
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            hosts: Hosts::default(),
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
            retry_budget: Some(RetryBudget::default()),
            breaker: Some(BreakerPolicy::default()),
            transport: TransportConfig::default(),
        }
    }

    /// Points the client elsewhere.
    pub fn with_hosts(mut self, hosts: Hosts) -> Self {
        self.hosts = hosts;
        self
    }

    /// Sets how long to wait.
    pub fn with_timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets how often to try.
    pub fn with_retry(mut self, retry: RetryPolicy) -> Self {
        self.retry = retry;
        self
    }

    /// Sets how many retries all calls together may make; `None` for any number.
    pub fn with_retry_budget(mut self, budget: impl Into<Option<RetryBudget>>) -> Self {
        self.retry_budget = budget.into();
        self
    }

    /// Sets when to stop asking; `None` for never.
    pub fn with_breaker(mut self, breaker: impl Into<Option<BreakerPolicy>>) -> Self {
        self.breaker = breaker.into();
        self
    }

    /// Sets how connections are made.
    pub fn with_transport(mut self, transport: TransportConfig) -> Self {
        self.transport = transport;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_would_send_the_key_in_the_clear_is_refused() {
        for good in ["https://proxy.example", "http://127.0.0.1:8080/queue/", "http://localhost:1", "http://[::1]:2"] {
            assert!(Hosts::default().with(HostClass::Queue, good).is_ok(), "{good}");
        }
        for bad in ["http://example.com", "ftp://127.0.0.1", "nonsense", "", "https://u:p@host", "https://host/?a=1"] {
            assert!(Hosts::default().with(HostClass::Queue, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_addresses_below_the_base_are_its_own() {
        let hosts = Hosts::default().with(HostClass::Queue, "http://127.0.0.1:8080/queue").unwrap();
        let owns = |address: &str| hosts.owns(HostClass::Queue, &Url::parse(address).unwrap());
        assert!(owns("http://127.0.0.1:8080/queue/a/b/requests/1"));
        for foreign in [
            "http://127.0.0.1:8081/queue/a",
            "https://127.0.0.1:8080/queue/a",
            "http://127.0.0.1:8080/queues/a",
            "http://127.0.0.1:8080/cdn/a",
            "http://127.0.0.1:8080/queue/../cdn/a",
            "http://evil.example/queue/a",
            "http://key@127.0.0.1:8080/queue/a",
        ] {
            assert!(!owns(foreign), "{foreign}");
        }
    }
}
