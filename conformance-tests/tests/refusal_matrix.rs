//! Tokens that nobody must accept, shown to everybody who reads tokens.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::forgery::{Forgery, Genuine, SigningKey, claims, header, readers};
use conformance_tests::house::House;
use conformance_tests::relying_party::RelyingParty;
use conformance_tests::trap::Trap;
use serde_json::{Value, json};

/// What issue and checklist ask for, and what there is more of.
const LEAST: usize = 600;

#[test]
fn rfc8725_no_reader_accepts_a_forged_token() {
    let strangers = readers::strangers();
    let mut tried = 0;
    for reader in readers::all() {
        assert!(reader.accepts(&reader.genuine.token), "{}: the genuine one is refused", reader.name);
        let forgeries = reader.forgeries(&strangers, "https://127.0.0.1:1");
        let accepted: Vec<&str> = forgeries
            .iter()
            .filter(|forgery| reader.accepts(&forgery.token))
            .map(|forgery| forgery.what.as_str())
            .collect();
        assert!(accepted.is_empty(), "{}: accepted {accepted:#?}", reader.name);
        println!("{}: {} refused", reader.name, forgeries.len());
        tried += forgeries.len();
    }
    println!("{tried} in all");
    assert!(tried >= LEAST, "{tried} forgeries");
}

/// A provider, and what is shown to it.
struct Counter {
    base: String,
    http: reqwest::Client,
    discovery: Value,
}

/// What came of showing a token.
#[derive(Debug, PartialEq, Eq)]
enum Shown {
    Refused,
    Accepted(String),
}

impl Counter {
    async fn new(cast: &Cast) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let base = cast.house.bases[0].clone();
        let discovery = http.get(format!("{base}/.well-known/openid-configuration")).send().await.unwrap();
        Self { base, http, discovery: discovery.json().await.unwrap() }
    }

    /// Posts a form with the token in it. `good` tells the answer to one that was accepted from its status, the
    /// place it redirects to and its body.
    async fn show(&self, path: &str, form: &[(&str, &str)], good: impl Fn(u16, &str, &str) -> bool) -> Shown {
        let size: usize = form.iter().map(|(_, value)| value.len()).sum();
        match self.http.post(format!("{}{path}", self.base)).form(form).send().await {
            Ok(answer) => judge(answer, good).await,
            // The connection is closed on whoever goes on sending after 413.
            Err(error) if size > 64 * 1024 && !error.is_timeout() => Shown::Refused,
            Err(error) => panic!("{path}: {error}"),
        }
    }

    /// Opens a page with the token in its address; what no browser would open is posted, and sent on as an address.
    async fn open(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        good: impl Fn(u16, &str, &str) -> bool,
    ) -> Shown {
        let url = url::Url::parse_with_params(&format!("{}{path}", self.base), pairs).unwrap();
        if url.as_str().len() > 30_000 {
            let on = |_: u16, location: &str, _: &str| location.starts_with(path);
            let Shown::Accepted(to) = self.show(path, pairs, on).await else { return Shown::Refused };
            let to = format!("{}{}", self.base, to.split(' ').nth(1).unwrap());
            return judge(self.http.get(to).send().await.unwrap(), good).await;
        }
        judge(self.http.get(url).send().await.unwrap(), good).await
    }

    async fn bearer(&self, token: &str) -> Shown {
        self.show("/userinfo", &[("access_token", token)], |status, _, _| status == 200).await
    }

    /// An authorization request with the token in `name`: it would go on to the sign-in.
    async fn authorize(&self, party: &RelyingParty, name: &str, token: &str) -> Shown {
        let begun = party.begin(&[("prompt", "none"), (name, token)]).url;
        let pairs: Vec<(String, String)> = begun.query_pairs().into_owned().collect();
        let pairs: Vec<(&str, &str)> =
            pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let good = |status: u16, location: &str, _: &str| {
            status == 200 || location.contains("error=login_required") || location.contains("code=")
        };
        self.open("/authorize", &pairs, good).await
    }

    /// A logout that would go on to the application.
    async fn log_out(&self, token: &str) -> Shown {
        let pairs = [("id_token_hint", token), ("post_logout_redirect_uri", OUT)];
        let good = |status: u16, location: &str, body: &str| {
            location.starts_with(OUT) || (status == 200 && body.contains(OUT))
        };
        self.open("/logout", &pairs, good).await
    }

    async fn assertion(&self, party: &RelyingParty, token: &str) -> Shown {
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
            ("client_id", party.id.as_str()),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", token),
        ];
        self.show("/token", &form, |status, _, body| status == 200 || body.contains("invalid_grant")).await
    }
}

async fn judge(answer: reqwest::Response, good: impl Fn(u16, &str, &str) -> bool) -> Shown {
    let status = answer.status().as_u16();
    let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
    let (location, body) = (location.unwrap_or_default(), answer.text().await.unwrap_or_default());
    assert!(status < 500, "{status} {body}");
    if good(status, &location, &body) {
        Shown::Accepted(format!("{status} {location} {body}"))
    } else {
        Shown::Refused
    }
}

const OUT: &str = "https://deepsight.example.test/out";

/// Those that say anything. RFC 6749 §3.1: a parameter without a value is as good as none.
fn said(mut forgeries: Vec<Forgery>) -> Vec<Forgery> {
    forgeries.retain(|forgery| !forgery.token.is_empty());
    forgeries
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn core_3_1_2_1_rfc6750_2_forged_hints_and_bearer_tokens_come_to_nothing() {
    let (trap, strangers) = (Trap::set(), readers::strangers());
    let cast = Cast::new(House::serve(Backend::Sqlite));
    let more = ["--access-token-format", "jwt", "--post-logout-redirect-uri", OUT];
    let party = RelyingParty::register(&cast.house, "deepsight", &more);
    let counter = Counter::new(&cast).await;
    let mut human = cast.enrolled("hint@matrix.test", &["deepsight:acme"]).await;
    let (away, attempt) = human.sign_in(&mut cast.house.person(), &party, &[]).await;
    let (tokens, _) = party.tokens(&away, &attempt).await;
    let [hint, access] = ["id_token", "access_token"].map(|name| tokens.text(name).to_owned());
    let jwks = counter.http.get(format!("{}/jwks", counter.base)).send().await.unwrap();
    let jwks: Value = jwks.json().await.unwrap();
    let genuine = |token: &str| {
        let mut genuine = Genuine { token: token.to_owned(), public: serde_json::Map::new() };
        let kid = genuine.header()["kid"].clone();
        let keys = jwks["keys"].as_array().unwrap();
        genuine.public = keys.iter().find(|key| key["kid"] == kid).unwrap().as_object().unwrap().clone();
        genuine
    };
    let canary = format!("https://127.0.0.1:{}", trap.port);
    assert_ne!(counter.authorize(&party, "id_token_hint", &hint).await, Shown::Refused);
    assert_ne!(counter.log_out(&hint).await, Shown::Refused);
    assert_ne!(counter.bearer(&access).await, Shown::Refused);
    for Forgery { what, token } in said(genuine(&hint).forged_without_the_key(&strangers, &canary)) {
        assert_eq!(counter.authorize(&party, "id_token_hint", &token).await, Shown::Refused, "{what}");
        assert_eq!(counter.log_out(&token).await, Shown::Refused, "{what}");
        assert_eq!(counter.bearer(&token).await, Shown::Refused, "{what}");
    }
    for Forgery { what, token } in said(genuine(&access).forged_without_the_key(&strangers, &canary)) {
        assert_eq!(counter.bearer(&token).await, Shown::Refused, "{what}");
    }
    // One kind in the other's place.
    assert_eq!(counter.bearer(&hint).await, Shown::Refused);
    assert_eq!(counter.authorize(&party, "id_token_hint", &access).await, Shown::Refused);
    assert_eq!(counter.log_out(&access).await, Shown::Refused);
    assert_ne!(counter.bearer(&access).await, Shown::Refused, "the genuine one is as good as before");
    assert_eq!(trap.connections(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rfc7523_3_rfc9101_6_forged_assertions_and_request_objects_come_to_nothing() {
    let (trap, strangers) = (Trap::set(), readers::strangers());
    let cast = Cast::new(House::serve(Backend::Sqlite));
    let [key, second] = ["ES256"; 2].map(SigningKey::generate);
    let file = cast.house.file("jwks.json").display().to_string();
    let registered = json!({ "keys": [key.public("one"), second.public("two")] });
    std::fs::write(&file, registered.to_string()).unwrap();
    let more = ["--jwks", &file, "--token-endpoint-auth-method", "private_key_jwt"];
    let party = RelyingParty::register(&cast.house, "deepsight", &more);
    let counter = Counter::new(&cast).await;
    let (now, issuer) = (cast.house.clock.now(), cast.house.issuer.as_str());
    let genuine = |typ: &str, claims: Value| {
        let header = json!({ "alg": "ES256", "typ": typ, "kid": "one" });
        Genuine { token: key.token(header.to_string(), claims.to_string()), public: key.public("one") }
    };
    let assertion = genuine(
        "JWT",
        json!({ "iss": party.id, "sub": party.id, "aud": issuer, "jti": "j", "iat": now, "exp": now + 240 }),
    );
    let object = genuine(
        "oauth-authz-req+jwt",
        json!({ "iss": party.id, "aud": issuer, "client_id": party.id, "response_type": "code", "exp": now + 240 }),
    );
    let canary = format!("https://127.0.0.1:{}", trap.port);
    let forged = |genuine: &Genuine, required: &[&str]| {
        let mut all = genuine.forged_without_the_key(&strangers, &canary);
        all.extend(header::forgeries(genuine, &key, &["two"]));
        all.extend(claims::forgeries(genuine, &key, required, &[]));
        said(all)
    };
    for Forgery { what, token } in forged(&assertion, &["iss", "sub", "aud", "exp", "jti"]) {
        assert_eq!(counter.assertion(&party, &token).await, Shown::Refused, "{what}");
    }
    for Forgery { what, token } in forged(&object, &["aud", "exp"]) {
        assert_eq!(counter.authorize(&party, "request", &token).await, Shown::Refused, "{what}");
    }
    // The genuine ones are accepted exactly where that is announced; the assertion, which all these have not spent, once.
    let methods = counter.discovery["token_endpoint_auth_methods_supported"].as_array().unwrap();
    let announced = methods.contains(&json!("private_key_jwt"));
    let accepted = counter.assertion(&party, &assertion.token).await != Shown::Refused;
    assert_eq!(accepted, announced, "the genuine assertion");
    assert_eq!(counter.assertion(&party, &assertion.token).await, Shown::Refused, "used again");
    let announced = counter.discovery["request_parameter_supported"] == true;
    let accepted = counter.authorize(&party, "request", &object.token).await != Shown::Refused;
    assert_eq!(accepted, announced, "the genuine request object");
    assert_eq!(trap.connections(), 0);
}
