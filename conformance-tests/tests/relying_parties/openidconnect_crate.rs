//! The `openidconnect` crate: discovery, code with PKCE, a verified ID token, userinfo, refresh, logout.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Human;
use conformance_tests::person::Person;
use conformance_tests::relying_party::RelyingParty;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreTokenResponse, CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce, NonceVerifier,
    OAuth2TokenResponse as _, PkceCodeChallenge, PostLogoutRedirectUrl, ProviderMetadataWithLogout,
    RedirectUrl, Scope, TokenResponse as _,
};
use url::Url;

use crate::scene::{self, AFTER, Guest, Scene};

conformance_tests::on_both_databases!(the_openidconnect_crate_signs_in_refreshes_and_logs_out);

/// As discovery leaves it.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

async fn the_openidconnect_crate_signs_in_refreshes_and_logs_out(backend: Backend) {
    let mut scene = Scene::open(backend).await;
    let house = &scene.cast.house;
    for Guest { human, service, level } in &mut scene.guests {
        let registered = scene::client(house, service);
        let app = Application::discover(&house.issuer, &house.bases[0], &registered).await;
        app.serves(human, house.person(), level).await;
    }
}

struct Application {
    issuer: String,
    /// Where the proxy is that the provider stands behind.
    base: String,
    http: reqwest::Client,
    metadata: ProviderMetadataWithLogout,
    client: Client,
}

impl Application {
    async fn discover(issuer: &str, base: &str, registered: &RelyingParty) -> Self {
        // The crate's own advice: a provider that redirects a back-channel request is not one to follow.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let through = |request| send(&http, issuer, base, request);
        let url = IssuerUrl::new(issuer.to_owned()).unwrap();
        let metadata = ProviderMetadataWithLogout::discover_async(url, &through).await.unwrap();
        let id = ClientId::new(registered.id.clone());
        let secret = registered.secret.clone().map(ClientSecret::new);
        let back = RedirectUrl::new(registered.redirect_uri.clone()).unwrap();
        let client = CoreClient::from_provider_metadata(metadata.clone(), id, secret).set_redirect_uri(back);
        Self { issuer: issuer.to_owned(), base: base.to_owned(), http, metadata, client }
    }

    /// Signs a person in, and asks for all that a relying party asks for until it signs them out.
    async fn serves(&self, human: &mut Human, mut browser: Person, level: &str) {
        let through = |request| send(&self.http, &self.issuer, &self.base, request);
        let (tokens, nonce) = self.sign_in(human, &mut browser, None).await.unwrap();
        let first = self.verified(&tokens, &nonce);
        assert_eq!(first.acr, format!("{}/acr/{level}", self.issuer));
        assert_eq!(first.amr, if level == "vip" { vec!["pwd", "otp", "mfa"] } else { vec!["pwd"] });

        let subject = Some(openidconnect::SubjectIdentifier::new(first.subject.clone()));
        let asked = self.client.user_info(tokens.access_token().clone(), subject).unwrap();
        let user: CoreUserInfoClaims = asked.request_async(&through).await.unwrap();
        assert_eq!(user.email().map(|email| email.as_str()), Some(human.email.as_str()));

        let token = tokens.refresh_token().expect("a refresh token");
        let asked = self.client.exchange_refresh_token(token).unwrap();
        let refreshed = asked.request_async(&through).await.unwrap();
        assert_ne!(refreshed.refresh_token().map(|new| new.secret()), Some(token.secret()));
        // OpenID Connect Core §12.2: it need not carry the nonce.
        assert_eq!(self.verified(&refreshed, |_: Option<&Nonce>| Ok(())), first);

        let end = self.metadata.additional_metadata().end_session_endpoint.clone().expect("announced");
        let logout = LogoutRequest::from(end)
            .set_id_token_hint(refreshed.id_token().expect("an ID token"))
            .set_post_logout_redirect_uri(PostLogoutRedirectUrl::new(AFTER.to_owned()).unwrap());
        assert_eq!(browser.visit(&logout.http_get_url()).await.away().as_str(), AFTER);
        let silent = self.sign_in(human, &mut browser, Some(CoreAuthPrompt::None)).await;
        assert_eq!(silent.err().as_deref(), Some("login_required"));
    }

    async fn sign_in(
        &self,
        human: &mut Human,
        browser: &mut Person,
        prompt: Option<CoreAuthPrompt>,
    ) -> Result<(CoreTokenResponse, Nonce), String> {
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let request = self.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let mut request = request.set_pkce_challenge(challenge);
        for scope in ["email", "offline_access"] {
            request = request.add_scope(Scope::new(scope.to_owned()));
        }
        if let Some(prompt) = prompt {
            request = request.add_prompt(prompt);
        }
        let (url, state, nonce) = request.url();
        let landing = browser.visit(&url).await;
        let back = human.answer(browser, landing).await.away();
        assert_eq!(parameter(&back, "state").as_ref(), Some(state.secret()), "{back}");
        if let Some(error) = parameter(&back, "error") {
            return Err(error);
        }
        let code = AuthorizationCode::new(parameter(&back, "code").expect("a code"));
        let asked = self.client.exchange_code(code).unwrap().set_pkce_verifier(verifier);
        let through = |request| send(&self.http, &self.issuer, &self.base, request);
        Ok((asked.request_async(&through).await.unwrap(), nonce))
    }

    /// OpenID Connect Core §3.1.3.7: signature, issuer, audience, times, nonce; §3.1.3.8: the access token.
    fn verified(&self, tokens: &CoreTokenResponse, nonce: impl NonceVerifier) -> Proved {
        let verifier = self.client.id_token_verifier();
        let token = tokens.id_token().expect("an ID token");
        let claims = token.claims(&verifier, nonce).unwrap();
        let (algorithm, key) = (token.signing_alg().unwrap(), token.signing_key(&verifier).unwrap());
        let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).unwrap();
        assert_eq!(claims.access_token_hash(), Some(&hash));
        Proved {
            subject: claims.subject().to_string(),
            acr: claims.auth_context_ref().expect("an acr").to_string(),
            amr: claims.auth_method_refs().into_iter().flatten().map(|method| method.to_string()).collect(),
            at: claims.auth_time().map(|at| at.timestamp()).expect("an auth_time"),
        }
    }
}

/// Who signed in, how, and when.
#[derive(Debug, PartialEq, Eq)]
struct Proved {
    subject: String,
    acr: String,
    amr: Vec<String>,
    at: i64,
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// The HTTP client that the crate is given: it finds the issuer behind a proxy without TLS.
async fn send(
    http: &reqwest::Client,
    issuer: &str,
    base: &str,
    request: HttpRequest,
) -> Result<HttpResponse, reqwest::Error> {
    let (parts, body) = request.into_parts();
    let url = parts.uri.to_string().replacen(issuer, base, 1);
    let answer = http.request(parts.method, url).headers(parts.headers).body(body).send().await?;
    let mut response = HttpResponse::default();
    *response.status_mut() = answer.status();
    *response.headers_mut() = answer.headers().clone();
    *response.body_mut() = answer.bytes().await?.to_vec();
    Ok(response)
}
