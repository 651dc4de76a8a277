//! Certificates: ours, which says who asks, and the authorities that say who answers.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, crypto};

/// A file that cannot be used: one line that names it and says why, without what is in it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unusable(pub(crate) String);

pub(crate) fn unusable(path: &Path, what: &str) -> Unusable {
    Unusable(format!("{} {what}", path.display()))
}

/// The certificates of a PEM file; at least one.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, Unusable> {
    let bytes = std::fs::read(path).map_err(|error| unusable(path, &format!("cannot be read: {error}")))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(unusable(path, "holds no certificate in PEM")),
        Err(_) => Err(unusable(path, "is not a PEM file of certificates")),
    }
}

/// The private key of a PEM file.
pub(crate) fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, Unusable> {
    let bytes = std::fs::read(path).map_err(|error| unusable(path, &format!("cannot be read: {error}")))?;
    let bytes = zeroize::Zeroizing::new(bytes);
    let unreadable = "holds no private key in PEM without a passphrase";
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| unusable(path, unreadable))
}

/// The authorities of a PEM file.
pub(crate) fn authorities(path: &Path) -> Result<RootCertStore, Unusable> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|_| unusable(path, "holds a certificate that cannot be read"))?;
    }
    Ok(roots)
}

/// TLS 1.3 or 1.2, with our certificate, against the authorities of `ca_file` or else the public ones.
pub(crate) fn client_config(
    (certificate, key): (&Path, &Path),
    ca_file: Option<&Path>,
) -> Result<ClientConfig, Unusable> {
    let roots = match ca_file {
        Some(path) => authorities(path)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Unusable(error.to_string()))?;
    config
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
        .map_err(|error| unusable(certificate, &format!("does not go with {}: {error}", key.display())))
}
