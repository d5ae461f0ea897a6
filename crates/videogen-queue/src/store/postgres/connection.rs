//! How the database is reached.

use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use rustls_platform_verifier::BuilderVerifierExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_postgres::config::Host;
use tokio_postgres::{AsyncMessage, Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::{ClientConfig, crypto::aws_lc_rs};

use super::StoreError;
use super::trouble::Trouble;

/// How long a connection may take to be made, where the address does not say.
const CONNECT: Duration = Duration::from_secs(5);

/// Reaches one database.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) tls: MakeRustlsConnect,
}

impl Address {
    /// Reads `postgres://user:password@host:port/database`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let unusable = |source: Box<dyn StdError + Send + Sync>| {
            StoreError::new("the address of the task store cannot be used")
                .with_advice("Write it as postgres://user:password@host:5432/database.")
                .with_source(source)
        };
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| unusable(error.into()))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT);
        }
        if config.get_application_name().is_none() {
            config.application_name("videogen");
        }
        let tls = tls().map_err(|error| unusable(error.into()))?;
        Ok(Self { config, tls })
    }

    /// Where it is, without user and password.
    pub(super) fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => folder.display().to_string(),
            None => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().unwrap_or(&5432);
        format!("postgres://{host}:{port}/{}", self.config.get_dbname().unwrap_or_default())
    }

    /// A connection of its own, and what the server says of itself on it.
    pub(super) async fn connect(&self) -> Result<(Client, UnboundedReceiver<()>), Trouble> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        let (teller, told) = unbounded_channel();
        tokio::spawn(drive(connection, teller));
        Ok((client, told))
    }
}

/// Moves what is sent and received, until the client is dropped or the connection is lost.
async fn drive<S, T>(mut connection: tokio_postgres::Connection<S, T>, teller: UnboundedSender<()>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    while let Some(message) = std::future::poll_fn(|context| connection.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(_)) => {
                // Nobody has to listen.
                let _ = teller.send(());
            }
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "a connection to the task store was lost");
                return;
            }
        }
    }
}

fn tls() -> Result<MakeRustlsConnect, tokio_rustls::rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
