//! Whose certificates are believed: the public authorities, and the operator's own.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

/// A file of certificates that cannot be used: one line that names it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`outbound.ca_file`: {0}")]
pub struct Unusable(String);

/// TLS 1.3, or 1.2 where the other side has no better, against the public roots and those in `ca_file`.
pub(super) fn config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, Unusable> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        let unusable = |what: &str| Unusable(format!("{} {what}", path.display()));
        let bytes = std::fs::read(path).map_err(|error| unusable(&format!("cannot be read: {error}")))?;
        let mut found = 0;
        for certificate in CertificateDer::pem_slice_iter(&bytes) {
            let certificate = certificate.map_err(|_| unusable("is not a PEM file of certificates"))?;
            roots.add(certificate).map_err(|_| unusable("holds a certificate that cannot be read"))?;
            found += 1;
        }
        if found == 0 {
            return Err(unusable("holds no certificate in PEM"));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Unusable(error.to_string()))?;
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
