//! An authority, a server's certificate and a client's, made on first use.

use std::io::Write as _;
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};
use rustls::server::WebPkiClientVerifier;
use rustls::{ServerConfig, crypto};

use crate::client::Unusable;
use crate::trust::{authorities, certificates, private_key, unusable};

/// The files of one directory.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The authority's certificate: what a client is to believe.
    pub ca: PathBuf,
    /// The server's certificate.
    pub server: PathBuf,
    /// The server's private key.
    pub server_key: PathBuf,
    /// The client's certificate.
    pub client: PathBuf,
    /// The client's private key.
    pub client_key: PathBuf,
}

impl Certificates {
    /// Those of a directory; made, readable by their owner alone, where there are none. The server's is for
    /// `localhost` and the loopback addresses, and for `host`.
    ///
    /// # Errors
    /// [`Unusable`] when files cannot be written, or only some of them are there.
    pub fn in_directory(directory: &Path, host: Option<IpAddr>) -> Result<Self, Unusable> {
        let at = |name: &str| directory.join(name);
        let files = Self {
            ca: at("ca.pem"),
            server: at("server.pem"),
            server_key: at("server.key"),
            client: at("client.pem"),
            client_key: at("client.key"),
        };
        let all = [&files.ca, &files.server, &files.server_key, &files.client, &files.client_key];
        match all.iter().filter(|path| path.exists()).count() {
            0 => files.make(directory, host)?,
            5 => {}
            _ => return Err(unusable(directory, "holds only some of the certificates: remove them all")),
        }
        Ok(files)
    }

    fn make(&self, directory: &Path, host: Option<IpAddr>) -> Result<(), Unusable> {
        let refused = |error: rcgen::Error| unusable(directory, &format!("gets no certificates: {error}"));
        std::fs::create_dir_all(directory)
            .map_err(|error| unusable(directory, &format!("cannot be made: {error}")))?;
        let mut authority = named("Simulated VIP authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(refused)?;
        let ca = authority.self_signed(&key).map_err(refused)?;
        let issuer = Issuer::new(authority, key);
        let mut server = named("Simulated VIP service");
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let mut names: Vec<IpAddr> =
            vec![IpAddr::from([127, 0, 0, 1]), IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1])];
        names.extend(host.filter(|host| !host.is_loopback() && !host.is_unspecified()));
        server.subject_alt_names = names.into_iter().map(SanType::IpAddress).collect();
        server.subject_alt_names.push(SanType::DnsName("localhost".try_into().map_err(refused)?));
        let mut client = named("Simulated VIP client");
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        for (params, file, key_file) in
            [(server, &self.server, &self.server_key), (client, &self.client, &self.client_key)]
        {
            let key = KeyPair::generate().map_err(refused)?;
            let certificate = params.signed_by(&key, &issuer).map_err(refused)?;
            write(key_file, &zeroize::Zeroizing::new(key.serialize_pem()))?;
            write(file, &certificate.pem())?;
        }
        // Last: with it the set is whole. Its key is kept nowhere.
        write(&self.ca, &ca.pem())
    }

    /// What the server speaks TLS with: only to clients whose certificate the authority signed.
    pub(super) fn server_config(&self) -> Result<ServerConfig, Unusable> {
        let provider = Arc::new(crypto::ring::default_provider());
        let roots = Arc::new(authorities(&self.ca)?);
        let clients = WebPkiClientVerifier::builder_with_provider(roots, provider.clone())
            .build()
            .map_err(|error| unusable(&self.ca, &format!("cannot be used: {error}")))?;
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Unusable(error.to_string()))?
            .with_client_cert_verifier(clients)
            .with_single_cert(certificates(&self.server)?, private_key(&self.server_key)?);
        config.map_err(|error| unusable(&self.server, &format!("cannot be used: {error}")))
    }
}

/// Without its own dates a certificate of a simulator need not be renewed in the middle of a test.
fn named(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2099, 12, 31);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn write(path: &Path, text: &str) -> Result<(), Unusable> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|error| unusable(path, &format!("cannot be made: {error}")))
}
