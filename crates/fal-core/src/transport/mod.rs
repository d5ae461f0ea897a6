//! The seam to HTTP: one exchange, no retries, every status is `Ok`.

mod backup;
mod config;
mod connections;
mod failure;
mod lanes;
mod private_network;
mod route;
mod reqwest;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt, TryStreamExt};
use tokio::time::timeout;

pub use self::config::{Proxy, ProxyAddress, TransportConfig};
pub(crate) use self::connections::Connections;
pub use self::failure::{Delivery, TransportError};
pub use self::reqwest::ReqwestTransport;

/// Makes one HTTP exchange.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait::async_trait]
pub trait HttpTransport: fmt::Debug + Send + Sync {
    /// Sends the request once and returns the answer, whatever its status. Never repeats, never follows a redirect.
    ///
    /// # Errors
    /// When no answer came; the error says whether the request may have arrived.
    async fn send(&self, request: http::Request<Bytes>) -> Result<http::Response<ResponseBody>, TransportError>;
}

/// The body of an answer, as it arrives.
pub struct ResponseBody(BoxStream<'static, Result<Bytes, TransportError>>);

impl ResponseBody {
    /// A body that arrives piece by piece.
    pub fn new(stream: impl Stream<Item = Result<Bytes, TransportError>> + Send + 'static) -> Self {
        Self(stream.boxed())
    }

    /// A body that is there already.
    pub fn full(bytes: impl Into<Bytes>) -> Self {
        Self::new(stream::iter([Ok(bytes.into())]))
    }

    /// Waits for all of it, up to `limit` bytes.
    ///
    /// # Errors
    /// When it breaks off or is longer.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let mut whole = BytesMut::new();
        while let Some(piece) = self.0.try_next().await? {
            if limit < whole.len() + piece.len() {
                return Err(TransportError::new(Delivery::Unknown, format!("the answer is longer than {limit} bytes")));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The same body, given up when nothing of it comes for so long. The time that the reader takes does not count.
    pub(crate) fn given_up_after(self, idle: Duration) -> Self {
        Self::new(stream::try_unfold(self, move |mut body| async move {
            let next = timeout(idle, body.try_next()).await.unwrap_or_else(|_| {
                let seconds = idle.as_secs_f64();
                Err(TransportError::new(Delivery::Unknown, format!("nothing came for {seconds} s")))
            });
            Ok(next?.map(|piece| (piece, body)))
        }))
    }

    /// The same body, with something that is kept until it ends or is dropped.
    pub(crate) fn keeping<T: Send + 'static>(self, kept: T) -> Self {
        Self::new(stream::unfold((self, kept), |(mut body, kept)| async {
            let piece = body.next().await?;
            Some((piece, (body, kept)))
        }))
    }
}

impl Stream for ResponseBody {
    type Item = Result<Bytes, TransportError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

impl fmt::Debug for ResponseBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ResponseBody")
    }
}
