//! HTTP by reqwest: the only file that names it.

use std::error::Error as StdError;

use bytes::Bytes;
use futures::TryStreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder};
use url::Url;

use super::lanes::{Lanes, Speaks};
use super::private_network::{PrivateNetwork, PublicAddresses};
use super::route::{Route, Routes};
use super::{Delivery, HttpTransport, Proxy, ResponseBody, TransportConfig, TransportError};
use crate::{ConfigError, Error, Hosts, Timeouts};

/// HTTP by reqwest with rustls: pooled connections, HTTP/2 where the server offers it.
#[derive(Debug)]
pub struct ReqwestTransport {
    routes: Routes,
    usual: Lanes<Client>,
    loopback: Lanes<Client>,
    public: Lanes<Client>,
}

impl ReqwestTransport {
    /// A transport with its own pool of connections. Addresses that are on none of these hosts do not lead into
    /// private networks, unless the settings allow it.
    ///
    /// # Errors
    /// [`Error::Config`] when the machine's TLS certificates or proxy settings cannot be used.
    pub fn new(timeouts: Timeouts, config: &TransportConfig, hosts: &Hosts) -> Result<Self, Error> {
        let lanes = |dress: fn(&TransportConfig, ClientBuilder) -> Result<ClientBuilder, Error>| {
            let config = config.clone();
            Lanes::new(move |speaks| build(speaks, dress(&config, builder(timeouts, &config)?)?))
        };
        Ok(Self {
            routes: Routes::new(hosts, config),
            usual: lanes(|config, builder| through(&config.proxy, builder))?,
            loopback: lanes(|_, builder| Ok(builder.no_proxy()))?,
            public: lanes(|_, builder| Ok(builder.no_proxy().dns_resolver(PublicAddresses::of_system())))?,
        })
    }

    fn lanes(&self, route: Route) -> &Lanes<Client> {
        match route {
            Route::Usual => &self.usual,
            Route::Loopback => &self.loopback,
            Route::Public => &self.public,
        }
    }
}

impl Resolve for PublicAddresses {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.clone().of(name.as_str().to_owned());
        Box::pin(async { Ok(Box::new(found.await?.into_iter()) as Addrs) })
    }
}

fn build(speaks: Speaks, builder: ClientBuilder) -> Result<Client, Error> {
    let builder = match speaks {
        Speaks::Anything => builder,
        Speaks::Http2 => builder.http2_prior_knowledge(),
    };
    builder
        .build()
        .map_err(|error| Error::Config(ConfigError::new("HTTP", "cannot be set up on this machine").with_source(error)))
}

fn builder(timeouts: Timeouts, config: &TransportConfig) -> Result<ClientBuilder, Error> {
    let roots = Certificate::from_pem_bundle(config.root_certificates.as_deref().unwrap_or_default())
        .map_err(|error| ConfigError::new("a root certificate", "cannot be read as PEM").with_source(error))?;
    Ok(Client::builder()
        .user_agent(&config.user_agent)
        .connect_timeout(timeouts.connect)
        .pool_max_idle_per_host(config.idle_connections)
        .pool_idle_timeout(config.idle_for)
        .tls_certs_merge(roots)
        .redirect(Policy::none())
        // Whether to send again is decided in one place, and that is not here. What is left is the pool's own: a
        // connection that dies before it was given any of the request is replaced.
        .retry(reqwest::retry::never()))
}

fn through(proxy: &Proxy, builder: ClientBuilder) -> Result<ClientBuilder, Error> {
    Ok(match proxy {
        Proxy::None => builder.no_proxy(),
        Proxy::Environment => builder,
        Proxy::At(address) => {
            // What reqwest says of it could repeat the password.
            let proxy = reqwest::Proxy::all(address.url().clone())
                .map_err(|_| ConfigError::new("the address of the proxy", "cannot be used"))?;
            builder.proxy(proxy)
        }
    })
}

#[async_trait::async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<ResponseBody>, TransportError> {
        let (parts, body) = request.into_parts();
        let url = Url::parse(&parts.uri.to_string())
            .map_err(|error| TransportError::new(Delivery::NotSent, "the address is malformed").with_source(error))?;
        let route = self.routes.of(&url).map_err(|PrivateNetwork| TransportError::private_network())?;
        let unsent = |error| TransportError::new(Delivery::NotSent, "there is no connection for it").with_source(error);
        let (client, mut place) = self.lanes(route).enter(url.origin()).await.map_err(unsent)?;
        let answer =
            client.request(parts.method, url).headers(parts.headers).body(body).send().await.map_err(failure)?;
        place.answered_in(answer.version());
        let mut response = http::Response::builder().status(answer.status());
        if let Some(headers) = response.headers_mut() {
            *headers = answer.headers().clone();
        }
        response
            .body(ResponseBody::new(answer.bytes_stream().map_err(failure)).keeping(place))
            .map_err(|error| TransportError::new(Delivery::Unknown, "the answer is malformed").with_source(error))
    }
}

/// A failed connection is the only proof that nothing was sent: a connection that was closed, or a body that was cut,
/// may have brought the whole request.
fn failure(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    if causes(&error).any(|cause| cause.is::<PrivateNetwork>()) {
        return TransportError::private_network();
    }
    let (delivery, message) = if error.is_connect() && error.is_timeout() {
        (Delivery::NotSent, "no connection in time")
    } else if error.is_connect() {
        (Delivery::NotSent, "no connection")
    } else if error.is_timeout() {
        (Delivery::Unknown, "no answer in time")
    } else {
        (Delivery::Unknown, "the connection broke")
    };
    TransportError::new(delivery, message).with_source(root_cause(&error))
}

/// What the system said; the layers between only repeat that a request failed.
fn root_cause(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map_or_else(String::new, ToString::to_string)
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::HostClass;

    /// A server that refuses every HTTP/2 stream, which a client may take for leave to send it again.
    async fn refuse_streams(mut socket: TcpStream, streams: Arc<AtomicUsize>) -> std::io::Result<()> {
        const SETTINGS: u8 = 4;
        const HEADERS: u8 = 1;
        let empty_settings = |flags| [0, 0, 0, SETTINGS, flags, 0, 0, 0, 0];
        socket.read_exact(&mut [0; 24]).await?;
        socket.write_all(&empty_settings(0)).await?;
        loop {
            let mut head = [0; 9];
            socket.read_exact(&mut head).await?;
            let [a, b, c, kind, flags, stream @ ..] = head;
            let length = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
            socket.read_exact(&mut vec![0; length]).await?;
            match kind {
                SETTINGS if flags == 0 => socket.write_all(&empty_settings(1)).await?,
                HEADERS => {
                    streams.fetch_add(1, Ordering::SeqCst);
                    // RST_STREAM, four bytes long: REFUSED_STREAM.
                    socket.write_all(&[&[0, 0, 4, 3, 0][..], &stream, &[0, 0, 0, 7]].concat()).await?;
                }
                _ => {}
            }
        }
    }

    #[tokio::test]
    async fn a_refused_stream_is_not_sent_again_behind_our_back() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let streams = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&streams);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(refuse_streams(socket, Arc::clone(&counted)));
            }
        });
        let http2 = |_| build(Speaks::Http2, builder(Timeouts::default(), &TransportConfig::default())?);
        let lanes = || Lanes::new(http2).unwrap();
        let routes = Routes::new(&Hosts::default().with(HostClass::Queue, &address).unwrap(), &Default::default());
        let transport = ReqwestTransport { routes, usual: lanes(), loopback: lanes(), public: lanes() };
        let request = http::Request::post(address).body(Bytes::from_static(b"{}")).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert_eq!((error.delivery(), streams.load(Ordering::SeqCst)), (Delivery::Unknown, 1));
    }

    /// A name that leads to a listener on this machine, by way of the resolver that a client is given.
    #[tokio::test]
    async fn a_name_that_leads_to_a_private_address_gets_no_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let lanes = || {
            Lanes::new(move |speaks| {
                let found = move |_| Box::pin(std::future::ready(Ok(vec![address]))) as _;
                let builder = builder(Timeouts::default(), &TransportConfig::default())?.no_proxy();
                build(speaks, builder.dns_resolver(PublicAddresses::asking(found)))
            })
            .unwrap()
        };
        let routes = Routes::new(&Hosts::default(), &TransportConfig::default());
        let transport = ReqwestTransport { routes, usual: lanes(), loopback: lanes(), public: lanes() };
        let request = http::Request::get(format!("https://a.example:{}/", address.port())).body(Bytes::new()).unwrap();
        let error = transport.send(request).await.unwrap_err();
        assert!(error.is_private_network() && error.delivery() == Delivery::NotSent, "{error:?}");
        let nobody_came = tokio::time::timeout(std::time::Duration::ZERO, listener.accept()).await;
        assert!(nobody_came.is_err());
    }
}
