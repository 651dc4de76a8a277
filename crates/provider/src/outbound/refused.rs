//! Why a fetch came to nothing.

/// Why nothing was fetched, or what came was not taken. Each is a sentence that goes on after the URL's name:
/// "jwks_uri: its host name can not be found".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read as a URL, or only one way of several.
    #[error("it is not an absolute https URL without a user name, spaces or backslashes")]
    Url,
    /// Plain HTTP, or another scheme.
    #[error("it must begin with https://")]
    Scheme,
    /// Its host is, or resolves to, something else than the public internet, and the operator does not list it.
    #[error("its host is not on the public internet, nor among those the operator allows")]
    Address,
    /// The name resolves to nothing.
    #[error("its host name can not be found")]
    Name,
    /// No TCP connection.
    #[error("its host takes no connection")]
    Connection,
    /// The TLS handshake failed.
    #[error("its host has no certificate that is trusted for its name, or no TLS 1.2")]
    Tls,
    /// It took too long.
    #[error("its host did not answer in time")]
    Time,
    /// What came was not HTTP, or ended early.
    #[error("its host did not answer in HTTP")]
    Http,
    /// It redirects. Redirects are not followed: the URL that is registered is the one that is asked.
    #[error("its host redirects, which is not followed")]
    Redirect,
    /// Another status than 200.
    #[error("its host answered with status {0}, not 200")]
    Status(u16),
    /// Over 64 KiB.
    #[error("its answer is longer than 64 KiB")]
    Long,
}
