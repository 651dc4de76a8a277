//! An application that lets people sign in: authorization code with PKCE, refresh, userinfo.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_store::{Clock, secret};
use reqwest::Client;
use serde_json::Value;
use url::Url;

use crate::house::House;
use crate::id_token::{Claims, verify};

/// One registered client and what it knows of its provider.
#[derive(Clone, Debug)]
pub struct RelyingParty {
    /// Its `client_id`.
    pub id: String,
    /// Its secret, unless it is public.
    pub secret: Option<String>,
    /// Where its codes arrive.
    pub redirect_uri: String,
    /// What it asks for.
    pub scope: String,
    issuer: String,
    base: String,
    clock: Clock,
    http: Client,
}

/// One sign-in an application has begun.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Where the browser goes.
    pub url: Url,
    /// To recognize the answer.
    pub state: String,
    /// To recognize the ID token.
    pub nonce: String,
    /// PKCE's secret.
    pub verifier: String,
}

/// The token endpoint's answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, `null` when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// A member that is a text.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_else(|| panic!("no {name:?} in {} {}", self.status, self.body))
    }

    /// The error's code, empty on success.
    #[must_use]
    pub fn error(&self) -> &str {
        self.body["error"].as_str().unwrap_or_default()
    }
}

impl RelyingParty {
    /// Registers a client through the command line: `service` is `mss`, `deepsight`, or empty for a client of
    /// no service.
    #[must_use]
    pub fn register(house: &House, service: &str, more: &[&str]) -> Self {
        let name = if service.is_empty() { "portal" } else { service };
        Self::register_at(house, service, &format!("https://{name}.example.test/callback"), more)
    }

    /// As [`register`](Self::register), with a redirect URI of the caller's.
    ///
    /// # Panics
    /// When the command prints no `client_id`.
    #[must_use]
    pub fn register_at(house: &House, service: &str, redirect_uri: &str, more: &[&str]) -> Self {
        let name = format!("{} application", if service.is_empty() { "portal" } else { service });
        let mut command = vec!["client", "add", "--name", &name, "--redirect-uri", redirect_uri];
        if !service.is_empty() {
            command.extend(["--service", service]);
        }
        command.extend(more);
        let made = house.admin(&command);
        let text = |key: &str| made[key].as_str().map(str::to_owned);
        let id = text("client_id").unwrap_or_else(|| panic!("no client_id in {made}"));
        Self {
            id,
            secret: text("client_secret"),
            redirect_uri: redirect_uri.to_owned(),
            scope: "openid email organization offline_access".to_owned(),
            issuer: house.issuer.clone(),
            base: house.bases.first().cloned().unwrap_or_default(),
            clock: house.clock.clone(),
            http: Client::new(),
        }
    }

    /// The same client, whose requests the load balancer sends to another server.
    #[must_use]
    pub fn through(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Begins a sign-in; `more` are further parameters.
    ///
    /// # Panics
    /// When the issuer is no URL.
    #[must_use]
    pub fn begin(&self, more: &[(&str, &str)]) -> Attempt {
        let (state, nonce) = (secret::id(), secret::id());
        let verifier = URL_SAFE_NO_PAD.encode(secret::random::<32>());
        let challenge = URL_SAFE_NO_PAD.encode(secret::digest(verifier.as_bytes()));
        let mut url = Url::parse(&self.issuer).and_then(|url| url.join("/authorize")).expect("an issuer");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &self.scope)
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(more);
        Attempt { url, state, nonce, verifier }
    }

    /// Reads the provider's answer to a sign-in: the code, or the error.
    ///
    /// # Errors
    /// The `error` parameter.
    ///
    /// # Panics
    /// When it is not the answer to that sign-in.
    pub fn code(&self, away: &Url, attempt: &Attempt) -> Result<String, String> {
        assert!(away.as_str().starts_with(&self.redirect_uri), "the answer went to {away}");
        let one = |name: &str| {
            let mut found = away.query_pairs().filter(|(own, _)| own == name).map(|(_, value)| value);
            let first = found.next().map(std::borrow::Cow::into_owned);
            assert!(found.next().is_none(), "{name} twice in {away}");
            first
        };
        assert_eq!(one("state").as_deref(), Some(attempt.state.as_str()), "{away}");
        // RFC 9207 §2.4: it must be the issuer's own.
        assert_eq!(one("iss").as_deref(), Some(self.issuer.as_str()), "{away}");
        match (one("code"), one("error")) {
            (Some(code), None) => Ok(code),
            (None, Some(error)) => Err(error),
            _ => panic!("neither a code nor an error, or both: {away}"),
        }
    }

    /// Redeems a code.
    pub async fn redeem(&self, code: &str, verifier: &str) -> Answer {
        let redirect_uri = self.redirect_uri.as_str();
        let grant = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        self.token(&grant).await
    }

    /// Spends a refresh token.
    pub async fn refresh(&self, token: &str) -> Answer {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// Asks the token endpoint.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.ask("/token", form).await
    }

    /// Gives a token back.
    pub async fn revoke(&self, token: &str) -> Answer {
        self.ask("/revoke", &[("token", token)]).await
    }

    /// Asks what a token is worth.
    pub async fn introspect(&self, token: &str) -> Answer {
        self.ask("/introspect", &[("token", token)]).await
    }

    /// Posts a form to an endpoint, as the client that it is.
    async fn ask(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut form: Vec<(&str, &str)> = form.to_vec();
        let mut request = self.http.post(format!("{}{path}", self.base));
        match &self.secret {
            Some(secret) => request = request.basic_auth(&self.id, Some(secret)),
            None => form.push(("client_id", &self.id)),
        }
        let answer = request.form(&form).send().await.expect("the endpoint answers");
        let status = answer.status().as_u16();
        let body = answer.json().await.unwrap_or(Value::Null);
        Answer { status, body }
    }

    /// Asks the userinfo endpoint.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn userinfo(&self, access_token: &str) -> Answer {
        let request = self.http.get(format!("{}/userinfo", self.base)).bearer_auth(access_token);
        let answer = request.send().await.expect("the userinfo endpoint answers");
        Answer { status: answer.status().as_u16(), body: answer.json().await.unwrap_or(Value::Null) }
    }

    /// Verifies the ID token of an answer.
    ///
    /// # Panics
    /// When it does not hold, or the keys cannot be fetched.
    pub async fn verify(&self, answer: &Answer, nonce: Option<&str>) -> Claims {
        let discovery = self.json("/.well-known/openid-configuration").await;
        assert_eq!(discovery["issuer"].as_str(), Some(self.issuer.as_str()));
        let keys = discovery["jwks_uri"].as_str().expect("the keys are announced");
        let keys = self.json(keys.strip_prefix(&self.issuer).expect("the issuer's own keys")).await;
        let token = answer.text("id_token");
        let claims = verify(token, &keys, &self.issuer, &self.id, self.clock.now());
        let claims = claims.unwrap_or_else(|error| panic!("the ID token does not hold: {error}"));
        if let Some(nonce) = nonce {
            assert_eq!(claims.text("nonce"), nonce);
        }
        claims
    }

    /// What a sign-in that ended with a code says.
    ///
    /// # Panics
    /// When it ended with an error or its tokens do not hold.
    pub async fn claims(&self, away: &Url, attempt: &Attempt) -> Claims {
        self.tokens(away, attempt).await.1
    }

    /// The tokens of a sign-in, and what its ID token says.
    ///
    /// # Panics
    /// When it ended with an error or its tokens do not hold.
    pub async fn tokens(&self, away: &Url, attempt: &Attempt) -> (Answer, Claims) {
        let code = self.code(away, attempt).unwrap_or_else(|error| panic!("the sign-in ended with {error}"));
        let answer = self.redeem(&code, &attempt.verifier).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let claims = self.verify(&answer, Some(&attempt.nonce)).await;
        (answer, claims)
    }

    async fn json(&self, path: &str) -> Value {
        let answer =
            self.http.get(format!("{}{path}", self.base)).send().await.expect("the provider answers");
        answer.json().await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
}
