//! A provider with two services, and browsers that are signed in by a row of the database.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use countersign_identity::administration::AccountName;
use countersign_identity::password::hash::{Cost, Hasher};
use countersign_identity::{Identity, Level, Settings};
use countersign_login_ui::brand::Brand;
use countersign_login_ui::cookie::CookiePolicy;
use countersign_login_ui::ui::Ui;
use countersign_provider::{Provider, ProviderSettings};
use countersign_store::client::{self, Client, Metadata};
use countersign_store::session::{self, Session};
use countersign_store::{Clock, Keyring, Secret, Store, directory, secret};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::Url;

pub const ISSUER: &str = "http://portal.example";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The provider.
pub struct House {
    pub identity: Identity,
    pub clock: Clock,
    pub provider: Provider,
    router: Router,
    folder: std::path::PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        // What is left behind lies in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An answer.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    /// The header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {} {}", self.status, self.text))
    }

    /// A parameter of the redirect.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let url = Url::parse(ISSUER).unwrap().join(self.header("location")).unwrap();
        url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The path of the redirect, where it stays on this server.
    pub fn path(&self) -> &str {
        self.header("location").split('?').next().unwrap_or_default()
    }

    /// The error sent to the client, with its state and issuer.
    pub fn error(&self) -> String {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        assert_eq!(self.parameter("iss").as_deref(), Some(ISSUER), "{}", self.header("location"));
        self.parameter("error").unwrap_or_default()
    }

    /// The code sent to the client.
    pub fn code(&self) -> String {
        assert_eq!(
            self.parameter("iss").as_deref(),
            Some(ISSUER),
            "{} {}",
            self.status,
            self.header("location")
        );
        self.parameter("code").unwrap_or_else(|| panic!("no code: {}", self.header("location")))
    }

    /// A page shown here, with no way to anywhere else.
    pub fn is_local_page(&self) -> bool {
        self.status == StatusCode::BAD_REQUEST
            && self.header("location").is_empty()
            && self.text.starts_with("<!DOCTYPE html>")
    }
}

/// A client with its secret.
pub struct App {
    pub row: Client,
    pub secret: Option<String>,
}

impl App {
    pub fn redirect_uri(&self) -> String {
        self.row.redirect_uris().next().unwrap().to_owned()
    }

    /// A good authorization request, with more or other parameters. One without a value is left out.
    pub fn request(&self, more: &[(&str, &str)]) -> String {
        let uri = self.redirect_uri();
        let mut all = vec![
            ("response_type", "code"),
            ("client_id", self.row.id.as_str()),
            ("redirect_uri", uri.as_str()),
            ("scope", "openid email profile organization offline_access"),
            ("state", "a&b c"),
            ("nonce", "n"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        all.retain(|(name, _)| more.iter().all(|(other, _)| name != other));
        all.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("/authorize?{}", form(&all))
    }

    /// A good redemption.
    pub fn redemption(&self, code: &str) -> Vec<(&'static str, String)> {
        self.with_credentials(vec![
            ("grant_type", "authorization_code".into()),
            ("code", code.into()),
            ("redirect_uri", self.redirect_uri()),
            ("code_verifier", VERIFIER.into()),
        ])
    }

    /// A good refresh.
    pub fn refresh(&self, token: &str) -> Vec<(&'static str, String)> {
        self.with_credentials(vec![("grant_type", "refresh_token".into()), ("refresh_token", token.into())])
    }

    fn with_credentials(&self, mut form: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
        form.push(("client_id", self.row.id.clone()));
        form.extend(self.secret.clone().map(|secret| ("client_secret", secret)));
        form
    }
}

pub fn form<N: AsRef<str>, V: AsRef<str>>(pairs: &[(N, V)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(pairs);
    text.finish()
}

/// The claims of a token, unverified.
pub fn claims(token: &Value) -> Value {
    use base64::Engine as _;
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap();
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

impl House {
    pub async fn open() -> Self {
        Self::open_with(ProviderSettings::default()).await
    }

    /// As the operator decided.
    pub async fn open_with(settings: ProviderSettings) -> Self {
        let folder = std::env::temp_dir().join(format!("countersign-protocol-{}", secret::id()));
        std::fs::create_dir(&folder).unwrap();
        let store = Store::open(&format!("sqlite://{}/test.db", folder.display())).await.unwrap();
        store.migrate().await.unwrap();
        let clock = Clock::manual(1_800_000_000);
        let hasher = Hasher::start(1, 64, Cost { memory: 64, passes: 1, lanes: 1 }).unwrap();
        let (keyring, _) = Keyring::generate();
        let identity = Identity::new(store, keyring, clock.clone(), hasher, Settings::default());
        for organization in ["acme", "globex"] {
            identity.add_organization(organization, organization).await.unwrap();
        }
        let cookies = CookiePolicy { state: settings.session_management, ..CookiePolicy::new(false) };
        let ui = Ui::new(identity.clone(), Brand::default(), cookies, ISSUER.into());
        let provider = Provider::open(ui.clone(), settings).await.unwrap();
        let pages = countersign_login_ui::routes(&ui).unwrap();
        let router = pages.merge(countersign_provider::routes(&provider).unwrap());
        Self { identity, clock, provider, router, folder }
    }

    /// A person with accounts as `mss:acme`; gives their id.
    pub async fn person(&self, email: &str, accounts: &[&str]) -> String {
        let accounts: Vec<AccountName> =
            accounts.iter().map(|text| AccountName::parse(text).unwrap()).collect();
        self.identity.add_person(email, &accounts, None).await.unwrap();
        self.identity.find_person(email).await.unwrap().person.id.clone()
    }

    /// A browser's cookies with a session at that level, begun now.
    pub async fn session(&self, person_id: &str, level: Level) -> String {
        let (session, browser, now) = (Secret::new(), Secret::new(), self.identity.now());
        let row = Session {
            id: secret::id(),
            digest: session.digest(),
            person_id: person_id.to_owned(),
            password_at: now,
            vip_at: (level == Level::Vip).then_some(now),
            vip_credential_id: None,
            bridged_until: None,
            auth_time: now,
            created_at: now,
            seen_at: now,
            expires_at: now + 12 * 60 * 60,
            ended_at: None,
        };
        let stored =
            self.identity.store().write(move |tx| Box::pin(async move { session::insert(tx, row).await }));
        stored.await.unwrap();
        format!("countersign-session={}; countersign-browser={}", session.text(), browser.text())
    }

    /// A client of a service, or of none; `change` makes it another.
    pub async fn app(&self, service: Option<&str>, change: impl FnOnce(&mut Client)) -> App {
        let secret = Secret::new();
        let mut row = Client {
            id: secret::id(),
            name: "An App".into(),
            service_id: service.map(str::to_owned),
            public: false,
            secret_digest: Some(secret.digest()),
            token_endpoint_auth_method: "client_secret_post".into(),
            redirect_uris: json!(["https://app.example/cb"]),
            post_logout_redirect_uris: json!(["https://app.example/out"]),
            minimum_level: None,
            id_token_alg: "ES256".into(),
            third_party: false,
            scope: "openid email profile organization offline_access".into(),
            created_at: 0,
            metadata: Metadata::default(),
            registration_digest: None,
        };
        change(&mut row);
        let stored = row.clone();
        let written = self.identity.store().write(move |tx| {
            Box::pin(async move {
                client::insert(tx, stored).await?;
                directory::bump(tx).await
            })
        });
        written.await.unwrap();
        App { secret: row.secret_digest.as_ref().map(|_| secret.text()), row }
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub async fn get(&self, path: &str, cookies: &str) -> Answer {
        let path = path.strip_prefix(ISSUER).unwrap_or(path);
        let request = Request::get(path).header(header::COOKIE, cookies).body(Body::empty());
        self.send(request.unwrap()).await
    }

    pub async fn post(&self, path: &str, cookies: &str, body: String) -> Answer {
        let request = Request::post(path)
            .header(header::COOKIE, cookies)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends JSON, or nothing, with a bearer token, or none.
    pub async fn json(&self, method: Method, path: &str, bearer: &str, body: Option<&Value>) -> Answer {
        let path = path.strip_prefix(ISSUER).unwrap_or(path);
        let mut request = Request::builder().method(method).uri(path);
        if !bearer.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).unwrap()).await
    }

    pub async fn token<N: AsRef<str>, V: AsRef<str>>(&self, pairs: &[(N, V)]) -> Answer {
        self.post("/token", "", form(pairs)).await
    }

    /// Tokens for the person of those cookies.
    pub async fn tokens(&self, app: &App, cookies: &str) -> Value {
        let code = self.get(&app.request(&[]), cookies).await.code();
        let answer = self.token(&app.redemption(&code)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        answer.json()
    }
}
