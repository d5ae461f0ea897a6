//! The emulator's own certificate authority: made once, kept in the state folder, good for fal's names and loopback alone.

use std::fs;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Error;
use crate::fal_hosts;
use crate::state_dir::StateDir;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Ten years, so that a trust set up once lasts.
const CA_DAYS: u32 = 3650;
/// Apple's systems refuse a server certificate of more than 825 days. It is issued anew at every start.
const SERVER_DAYS: u32 = 800;
const LOOPBACK_NAME: &str = "localhost";

/// What a client has to trust.
#[derive(Debug)]
pub(crate) struct CaCertificate {
    pub(crate) pem: String,
    pub(crate) file: PathBuf,
}

/// The authority with its private key.
pub(crate) struct Authority {
    certificate: CaCertificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    /// The authority that is kept in the folder, or a new one that is kept from now on.
    pub(crate) fn open(state: &StateDir) -> Result<Self, Error> {
        // A variable of the environment is read from any folder.
        let file = std::path::absolute(state.ca()).unwrap_or_else(|_| state.ca());
        let key_file = state.ca_key();
        let (pem, key) = match (read(&file)?, read(&key_file)?) {
            (Some(pem), Some(key)) => {
                let key = KeyPair::from_pem(&key);
                (pem, key.map_err(|source| Error::Record { path: key_file, source: source.into() })?)
            }
            _ => make(state)?,
        };
        // The name and the key identify the issuer; dates are not looked at.
        let issuer = Issuer::new(authority_params()?, key);
        Ok(Self { certificate: CaCertificate { pem, file }, issuer })
    }

    /// A certificate for loopback and all of fal's names, and its private key.
    pub(crate) fn issue(&self) -> Result<(CertificateDer<'static>, PrivateKeyDer<'static>), Error> {
        let key = KeyPair::generate().map_err(fail)?;
        let certificate = server_params()?.signed_by(&key, &self.issuer).map_err(fail)?;
        Ok((certificate.der().clone(), key.into()))
    }

    /// Forgets the private key.
    pub(crate) fn into_certificate(self) -> CaCertificate {
        self.certificate
    }
}

fn make(state: &StateDir) -> Result<(String, KeyPair), Error> {
    let key = KeyPair::generate().map_err(fail)?;
    let pem = authority_params()?.self_signed(&key).map_err(fail)?.pem();
    // The certificate last: where it is, its key is. Both are readable for their owner alone, as all that the state writes.
    for (path, text) in [(state.ca_key(), key.serialize_pem()), (state.ca(), pem.clone())] {
        state.write(&path, text.as_bytes()).map_err(|source| Error::State { path, source })?;
    }
    Ok((pem, key))
}

fn authority_params() -> Result<CertificateParams, Error> {
    let mut params = named("fal-emulator local CA", CA_DAYS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    // Whoever trusts this authority trusts it for these names alone, whatever becomes of its key.
    let domains = fal_hosts::DOMAINS.into_iter().chain([LOOPBACK_NAME]);
    let mut permitted: Vec<_> = domains.map(|domain| GeneralSubtree::DnsName(domain.to_owned())).collect();
    permitted.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv4Addr::LOCALHOST.into(), 32)));
    permitted.push(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(Ipv6Addr::LOCALHOST.into(), 128)));
    params.name_constraints = Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: Vec::new() });
    Ok(params)
}

fn server_params() -> Result<CertificateParams, Error> {
    let mut params = named("fal-emulator", SERVER_DAYS);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    for name in fal_hosts::names().chain([LOOPBACK_NAME]) {
        params.subject_alt_names.push(SanType::DnsName(name.try_into().map_err(fail)?));
    }
    for address in [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()] {
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    Ok(params)
}

/// On the real clock, as clients check on theirs; from yesterday, as theirs may be behind.
fn named(name: &str, days: u32) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let begin = SystemTime::now() - DAY;
    params.not_before = begin.into();
    params.not_after = (begin + DAY * days).into();
    params
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::State { path: path.to_owned(), source }),
    }
}

fn fail(source: rcgen::Error) -> Error {
    Error::Certificate { source: source.into() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio_rustls::rustls::client::WebPkiServerVerifier;
    use tokio_rustls::rustls::client::danger::ServerCertVerifier;
    use tokio_rustls::rustls::crypto::aws_lc_rs;
    use tokio_rustls::rustls::pki_types::{ServerName, UnixTime, pem::PemObject};
    use tokio_rustls::rustls::{CertificateError, Error as TlsError, RootCertStore};

    use super::*;

    /// What a client that trusts the authority says to a certificate of it for this name.
    fn verdict(name: &str) -> Result<(), TlsError> {
        let (state, _lock) = StateDir::open(None).expect("opens");
        let authority = Authority::open(&state).expect("is made");
        let mut params = server_params().expect("are made");
        params.subject_alt_names = vec![SanType::DnsName(name.try_into().expect("is a name"))];
        let key = KeyPair::generate().expect("is made");
        let certificate = params.signed_by(&key, &authority.issuer).expect("is signed");

        let mut roots = RootCertStore::empty();
        let root = CertificateDer::from_pem_slice(authority.certificate.pem.as_bytes()).expect("is a certificate");
        roots.add(root).expect("is an authority");
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build().expect("builds");
        let server = ServerName::try_from(name).expect("is a name");
        verifier.verify_server_cert(certificate.der(), &[], &server, &[], UnixTime::now()).map(drop)
    }

    #[test]
    fn whoever_steals_the_authority_can_pass_for_fal_alone() {
        assert_eq!(verdict("queue.fal.run"), Ok(()));
        assert_eq!(verdict("anything.fal.ai"), Ok(()));
        for other in ["example.com", "notfal.run", "fal.run.example.com"] {
            let outside = verdict(other).expect_err("is refused");
            let TlsError::InvalidCertificate(CertificateError::Other(reason)) = outside else { panic!("{outside}") };
            assert!(reason.to_string().contains("NameConstraint"), "{reason}");
        }
    }
}
