//! TLS with a certificate of the emulator's own authority.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::error::Error;
use crate::front::authority::Authority;

/// Offers HTTP/2 and HTTP/1.1. The provider is named here, as a library must not choose one for the process.
pub(crate) fn acceptor(authority: &Authority) -> Result<TlsAcceptor, Error> {
    let (certificate, key) = authority.issue()?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate], key))
        .map_err(|source: rustls::Error| Error::Certificate { source: source.into() })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
