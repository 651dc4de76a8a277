//! The protocol as a relying party speaks it, by the `openidconnect` crate.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, SubjectIdentifier, TokenResponse as _,
};
use serde_json::Value;
use tokio::sync::RwLock;

use super::browsers::{Begun, SignedIn};

/// What can go wrong between an application and the provider, as its pages say it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ExchangeError(String);

fn because<E: std::error::Error>(what: &str) -> impl FnOnce(E) -> ExchangeError {
    move |error| {
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        ExchangeError(format!("{what}: {error}{cause}"))
    }
}

/// One application's registration at the provider.
pub struct Registration {
    /// The provider.
    pub issuer: String,
    /// Its `client_id`.
    pub client_id: String,
    /// Its `client_secret`.
    pub client_secret: String,
    /// Where its sign-ins come back to.
    pub redirect_uri: String,
    /// Where its sign-outs come back to.
    pub post_logout_redirect_uri: String,
}

/// A relying party's side of the protocol.
pub struct Exchange {
    registration: Registration,
    http: reqwest::Client,
    metadata: RwLock<Option<Arc<ProviderMetadataWithLogout>>>,
}

/// What a visitor may add to an authorization request, to try things: forwarded as it stands.
pub const EXTRAS: [&str; 7] =
    ["prompt", "max_age", "acr_values", "claims", "ui_locales", "login_hint", "id_token_hint"];

impl Exchange {
    /// Nothing is asked of the provider before the first sign-in.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(registration: Registration) -> Result<Self, ExchangeError> {
        let http = reqwest::Client::builder()
            // A provider that redirects a back-channel request is not one to follow.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(std::time::Duration::from_secs(20))
            .build()
            .map_err(because("no HTTP client"))?;
        Ok(Self { registration, http, metadata: RwLock::new(None) })
    }

    /// The provider this application signs people in at.
    pub fn issuer(&self) -> &str {
        &self.registration.issuer
    }

    /// The provider's metadata and keys, asked for at first use, or again.
    async fn metadata(&self, again: bool) -> Result<Arc<ProviderMetadataWithLogout>, ExchangeError> {
        if !again && let Some(known) = self.metadata.read().await.clone() {
            return Ok(known);
        }
        let issuer = IssuerUrl::new(self.registration.issuer.clone()).map_err(because("the issuer"))?;
        let http = |request| send(self.http.clone(), request);
        let found = ProviderMetadataWithLogout::discover_async(issuer, &http).await;
        let found = Arc::new(found.map_err(because("the provider's metadata could not be had"))?);
        *self.metadata.write().await = Some(found.clone());
        Ok(found)
    }

    /// The URL that begins a sign-in, and what must be remembered of it.
    pub async fn begin(&self, extras: &HashMap<String, String>) -> Result<(String, Begun), ExchangeError> {
        let metadata = self.metadata(false).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.id(), Some(self.secret()))
            .set_redirect_uri(self.redirect_uri()?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(["email", "profile", "organization"].map(|name| Scope::new(name.to_owned())))
            .set_pkce_challenge(challenge);
        for name in EXTRAS {
            if let Some(value) = extras.get(name) {
                request = request.add_extra_param(name, value.as_str());
            }
        }
        let (url, state, nonce) = request.url();
        Ok((url.into(), Begun { state: state.secret().clone(), nonce, verifier }))
    }

    /// Redeems a code and verifies the ID token that comes of it.
    pub async fn finish(&self, begun: Begun, code: String) -> Result<SignedIn, ExchangeError> {
        let metadata = self.metadata(false).await?;
        let client = CoreClient::from_provider_metadata((*metadata).clone(), self.id(), Some(self.secret()))
            .set_redirect_uri(self.redirect_uri()?);
        let http = |request| send(self.http.clone(), request);
        let answer = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(because("the provider has no token endpoint"))?
            .set_pkce_verifier(begun.verifier)
            .request_async(&http)
            .await
            .map_err(because("the code was not redeemed"))?;
        let first = self.verified(&metadata, &answer, &begun.nonce);
        let (claims, id_token) = match first {
            Ok(found) => found,
            // The provider may have changed its keys since they were read.
            Err(_) => self.verified(&*self.metadata(true).await?, &answer, &begun.nonce)?,
        };
        // OpenID Connect Core 1.0 §5.3.2: the subject of the answer must be the ID token's.
        let subject = claims["sub"].as_str().map(|subject| SubjectIdentifier::new(subject.to_owned()));
        let info: CoreUserInfoClaims = client
            .user_info(answer.access_token().clone(), subject)
            .map_err(because("the provider has no userinfo endpoint"))?
            .request_async(&http)
            .await
            .map_err(because("the userinfo endpoint did not answer"))?;
        let email = info.email().map(|email| email.to_string());
        Ok(SignedIn { claims, id_token, email })
    }

    /// OpenID Connect Core 1.0 §3.1.3.7: issuer, audience, signature, times, nonce; §3.1.3.8: the access token.
    fn verified(
        &self,
        metadata: &ProviderMetadataWithLogout,
        answer: &CoreTokenResponse,
        nonce: &Nonce,
    ) -> Result<(Value, CoreIdToken), ExchangeError> {
        let client = CoreClient::from_provider_metadata(metadata.clone(), self.id(), Some(self.secret()));
        let verifier = client.id_token_verifier();
        let missing = || ExchangeError("the provider sent no ID token".into());
        let id_token = answer.id_token().ok_or_else(missing)?;
        let claims = id_token.claims(&verifier, nonce).map_err(because("the ID token is not good"))?;
        if let Some(expected) = claims.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(because("the ID token's algorithm"))?;
            let key = id_token.signing_key(&verifier).map_err(because("the ID token's key"))?;
            let actual = AccessTokenHash::from_token(answer.access_token(), algorithm, key)
                .map_err(because("the access token's hash"))?;
            if actual != *expected {
                return Err(ExchangeError("the access token is not the ID token's".into()));
            }
        }
        Ok((payload(id_token)?, id_token.clone()))
    }

    /// The URL that signs a person out at the provider, which then sends them back.
    pub async fn logout_url(&self, signed_in: &SignedIn) -> Result<Option<String>, ExchangeError> {
        let metadata = self.metadata(false).await?;
        let Some(endpoint) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Ok(None);
        };
        let back = PostLogoutRedirectUrl::new(self.registration.post_logout_redirect_uri.clone());
        let request = LogoutRequest::from(endpoint)
            .set_id_token_hint(&signed_in.id_token)
            .set_client_id(self.id())
            .set_post_logout_redirect_uri(back.map_err(because("the sign-out URI"))?);
        Ok(Some(request.http_get_url().into()))
    }

    fn id(&self) -> ClientId {
        ClientId::new(self.registration.client_id.clone())
    }

    fn secret(&self) -> ClientSecret {
        ClientSecret::new(self.registration.client_secret.clone())
    }

    fn redirect_uri(&self) -> Result<RedirectUrl, ExchangeError> {
        RedirectUrl::new(self.registration.redirect_uri.clone()).map_err(because("the redirect URI"))
    }
}

/// The claims of a token that was verified, exactly as they were signed.
fn payload(id_token: &CoreIdToken) -> Result<Value, ExchangeError> {
    let text = id_token.to_string();
    let part = text.split('.').nth(1).unwrap_or_default();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(part)
        .map_err(because("the ID token's claims are not base64url"))?;
    serde_json::from_slice(&bytes).map_err(because("the ID token's claims are not JSON"))
}

#[derive(Debug, thiserror::Error)]
enum HttpError {
    #[error("the provider could not be asked")]
    Asked(#[from] reqwest::Error),
    #[error("the provider's answer is malformed")]
    Answer(#[from] axum::http::Error),
}

/// The HTTP client that the library is given.
async fn send(client: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, HttpError> {
    let answer = client.execute(request.try_into()?).await?;
    let mut response = axum::http::Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        response = response.header(name, value);
    }
    Ok(response.body(answer.bytes().await?.to_vec())?)
}
