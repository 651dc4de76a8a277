//! One connection's worth of load: a person with a browser and the application they use.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use conformance_tests::cast::Human;
use conformance_tests::house::ISSUER;
use conformance_tests::relying_party::RelyingParty;
use countersign_store::secret;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::wire::{Answer, Wire};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// From `/authorize` in a fresh browser to the tokens, with a password.
    SignIn,
    /// The same of someone who has to show a security code.
    VipSignIn,
    /// From `/authorize` in a signed-in browser to the tokens.
    SilentSignOn,
    /// A refresh token spent.
    Refresh,
    /// The userinfo endpoint.
    Userinfo,
    /// The discovery document.
    Discovery,
    /// The key set.
    Keys,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SignIn,
        Self::VipSignIn,
        Self::SilentSignOn,
        Self::Refresh,
        Self::Userinfo,
        Self::Discovery,
        Self::Keys,
    ];
}

/// An application as the load knows it.
#[derive(Debug)]
struct App {
    authorize: String,
    /// `Authorization` of its token requests.
    basic: String,
    redirect_uri: String,
    verifier: String,
}

/// One connection's worth of load.
#[derive(Debug)]
pub struct Worker {
    wire: Wire,
    reader: Human,
    analyst: Human,
    deepsight: App,
    mss: App,
    refresh_token: String,
    /// Ready to be sent again and again.
    userinfo: Vec<u8>,
    discovery: Vec<u8>,
    keys: Vec<u8>,
    /// Requests sent so far.
    pub requests: u64,
}

impl Worker {
    /// Connects.
    pub async fn new(
        address: &str,
        people: (&Human, &Human),
        clients: (&RelyingParty, &RelyingParty),
    ) -> Self {
        let wire = Wire::open(address, ISSUER.trim_start_matches("https://")).await;
        let json = [("accept", "application/json")];
        Self {
            discovery: wire.request("GET /.well-known/openid-configuration", &json, ""),
            keys: wire.request("GET /jwks", &json, ""),
            userinfo: Vec::new(),
            wire,
            reader: people.0.clone(),
            analyst: people.1.clone(),
            deepsight: App::of(clients.0),
            mss: App::of(clients.1),
            refresh_token: String::new(),
            requests: 0,
        }
    }

    /// Does what has to be done before an operation can be measured.
    pub async fn prepare(&mut self, operation: Operation) {
        if operation == Operation::SilentSignOn || self.userinfo.is_empty() {
            self.sign_in(false).await;
        }
    }

    /// Does it once.
    ///
    /// # Panics
    /// When the server does not do its part.
    pub async fn perform(&mut self, operation: Operation) {
        match operation {
            Operation::SignIn => self.sign_in(false).await,
            Operation::VipSignIn => self.sign_in(true).await,
            Operation::SilentSignOn => self.silent_sign_on().await,
            Operation::Refresh => self.refresh().await,
            Operation::Userinfo => self.fetch(|own| &own.userinfo).await,
            Operation::Discovery => self.fetch(|own| &own.discovery).await,
            Operation::Keys => self.fetch(|own| &own.keys).await,
        }
    }

    async fn fetch(&mut self, request: impl Fn(&Self) -> &Vec<u8>) {
        let request = request(self).clone();
        let (status, _) = self.wire.exchange(&request).await;
        assert_eq!(status, 200);
        self.requests += 1;
    }

    async fn sign_in(&mut self, vip: bool) {
        self.wire.cookies.clear();
        let authorize = if vip { &self.mss.authorize } else { &self.deepsight.authorize };
        let login = self.navigate(&authorize.clone()).await;
        let page = self.navigate(login.location()).await;
        let who = if vip { &self.analyst } else { &self.reader };
        let form = format!("email={}&password={}&language=", encoded(&who.email), encoded(&who.password));
        let mut next = self.submit(&page, &form).await;
        if vip {
            let page = self.navigate(next.location()).await;
            let code = self.analyst.token.as_mut().expect("an analyst has a token").code();
            next = self.submit(&page, &format!("code={code}")).await;
        }
        let away = self.navigate(next.location()).await;
        self.redeem(&away, vip).await;
    }

    async fn silent_sign_on(&mut self) {
        let authorize = self.deepsight.authorize.clone();
        let away = self.navigate(&authorize).await;
        self.redeem(&away, false).await;
    }

    async fn redeem(&mut self, away: &Answer, vip: bool) {
        let app = if vip { &self.mss } else { &self.deepsight };
        let location = away.location();
        assert!(location.starts_with(&app.redirect_uri), "the answer went to {location}");
        let code =
            location.split(['?', '&']).find_map(|pair| pair.strip_prefix("code=")).unwrap_or_else(|| {
                panic!("no code in {location}");
            });
        let form = format!(
            "grant_type=authorization_code&code={code}&redirect_uri={}&code_verifier={}",
            encoded(&app.redirect_uri),
            app.verifier
        );
        let basic = app.basic.clone();
        let tokens = self.token(&basic, &form).await;
        if !vip {
            let bearer = format!("Bearer {}", tokens.text("access_token"));
            self.refresh_token = tokens.text("refresh_token");
            self.userinfo = self.wire.request("GET /userinfo", &[("authorization", &bearer)], "");
        }
    }

    async fn refresh(&mut self) {
        let form = format!("grant_type=refresh_token&refresh_token={}", self.refresh_token);
        let basic = self.deepsight.basic.clone();
        let tokens = self.token(&basic, &form).await;
        self.refresh_token = tokens.text("refresh_token");
    }

    async fn token(&mut self, basic: &str, form: &str) -> Answer {
        let request = self.wire.request("POST /token", &[("authorization", basic)], form);
        let answer = self.wire.send(&request).await;
        self.requests += 1;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }

    /// Follows a link, or a redirect, within the provider.
    async fn navigate(&mut self, to: &str) -> Answer {
        let path = to.strip_prefix(ISSUER).unwrap_or(to);
        self.requests += 1;
        let site = [("sec-fetch-site", "same-origin")];
        let answer = self.wire.browse(&format!("GET {path}"), &site, "").await;
        assert!(matches!(answer.status, 200 | 302 | 303), "{path}: {answer:?}");
        answer
    }

    /// Posts the form of a page.
    async fn submit(&mut self, page: &Answer, fields: &str) -> Answer {
        let form =
            page.body.split("<form method=\"post\"").nth(1).and_then(|rest| rest.split("action=\"").nth(1));
        let action = form.and_then(|rest| rest.split('"').next()).expect("the page has a form");
        let action = action.replace("&amp;", "&");
        let path = action.strip_prefix(ISSUER).unwrap_or(&action);
        self.requests += 1;
        let site = [("origin", ISSUER), ("sec-fetch-site", "same-origin")];
        let answer = self.wire.browse(&format!("POST {path}"), &site, fields).await;
        assert_eq!(answer.status, 303, "{path}: {answer:?}");
        answer
    }
}

impl App {
    fn of(client: &RelyingParty) -> Self {
        let secret = client.secret.as_deref().expect("a confidential client");
        // The nonce and the state are the load's own: one for all spares the load, not the server.
        let verifier = URL_SAFE_NO_PAD.encode(secret::random::<32>());
        let challenge = URL_SAFE_NO_PAD.encode(secret::digest(verifier.as_bytes()));
        let authorize = format!(
            "/authorize?response_type=code&client_id={}&redirect_uri={}&scope={}&state={}&nonce={}\
             &code_challenge={challenge}&code_challenge_method=S256",
            client.id,
            encoded(&client.redirect_uri),
            encoded("openid email profile organization offline_access"),
            secret::id(),
            secret::id(),
        );
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", client.id)));
        Self { authorize, basic, redirect_uri: client.redirect_uri.clone(), verifier }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
