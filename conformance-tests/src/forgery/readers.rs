//! Who reads signed tokens: the product's own functions, each with a token that it accepts.

use std::rc::Rc;

use countersign_provider::authorize::request_object::{self, Way};
use countersign_provider::id_token::Hint;
use countersign_provider::jose::keys::{Key, Keys, NewKey};
use countersign_provider::jose::{Alg, PublicKeys, Unverified};
use countersign_provider::params::Params;
use countersign_provider::token::sealed::Access;
use countersign_provider::token::{client_assertion, jwt_access};
use countersign_store::Keyring;
use serde_json::{Value, json};

use super::{Forgery, Genuine, SigningKey, claims, header};

/// When the tokens are read.
pub const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://login.example.test";
const CLIENT: &str = "app";
/// The algorithms, by whose keys everything is tried.
const ALGS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// A reader of tokens.
pub struct Reader {
    /// What it reads, and by which algorithm.
    pub name: String,
    /// A token that it accepts.
    pub genuine: Genuine,
    key: SigningKey,
    others: Vec<String>,
    required: &'static [&'static str],
    wrong: Vec<(&'static str, String)>,
    accepts: Rc<dyn Fn(&str) -> bool>,
}

impl Reader {
    /// Whether it accepts a token.
    #[must_use]
    pub fn accepts(&self, token: &str) -> bool {
        (self.accepts)(token)
    }

    /// Everything it must refuse.
    #[must_use]
    pub fn forgeries(&self, strangers: &[SigningKey], canary: &str) -> Vec<Forgery> {
        let others: Vec<&str> = self.others.iter().map(String::as_str).collect();
        let mut all = self.genuine.forged_without_the_key(strangers, canary);
        all.extend(header::forgeries(&self.genuine, &self.key, &others));
        all.extend(claims::forgeries(&self.genuine, &self.key, self.required, &self.wrong));
        all
    }
}

/// All readers with all their algorithms. `strangers` sign by one each; none of the readers knows them.
#[must_use]
pub fn all() -> Vec<Reader> {
    let mut all = client_readers();
    all.extend(own_readers());
    all
}

/// One key of each algorithm, known to nobody.
#[must_use]
pub fn strangers() -> Vec<SigningKey> {
    let rsa = SigningKey::generate("RS256");
    vec![rsa.by("PS256"), rsa, SigningKey::generate("ES256"), SigningKey::generate("EdDSA")]
}

/// Of what a client signs: assertions and request objects. It has two keys of each kind.
fn client_readers() -> Vec<Reader> {
    let pair = |alg| [SigningKey::generate(alg), SigningKey::generate(alg)];
    let pairs = [("rsa", pair("RS256")), ("ec", pair("ES256")), ("ed", pair("EdDSA"))];
    let registered: Vec<Value> = pairs
        .iter()
        .flat_map(|(name, [a, b])| [a.public(&format!("{name}-1")), b.public(&format!("{name}-2"))])
        .map(Value::Object)
        .collect();
    let keys = Rc::new(PublicKeys::read(&json!({ "keys": registered })).expect("a key set"));
    let mut all = Vec::new();
    for alg in ALGS {
        let (family, [key, _]) = &pairs[match alg {
            "ES256" => 1,
            "EdDSA" => 2,
            _ => 0,
        }];
        let key = key.by(alg);
        let kid = format!("{family}-1");
        for reader in [assertion, request_object] {
            let mut reader = reader(&keys, &key, &kid);
            reader.others = ["rsa-1", "rsa-2", "ec-1", "ec-2", "ed-1", "ed-2"].map(str::to_owned).to_vec();
            reader.others.retain(|other| *other != kid);
            all.push(reader);
        }
    }
    all
}

fn genuine(key: &SigningKey, kid: &str, typ: &str, claims: &Value) -> Genuine {
    let header = json!({ "alg": key.alg, "typ": typ, "kid": kid });
    Genuine { token: key.token(header.to_string(), claims.to_string()), public: key.public(kid) }
}

/// RFC 7523 §3, OIDC Core §9.
fn assertion(keys: &Rc<PublicKeys>, key: &SigningKey, kid: &str) -> Reader {
    let claims = json!({
        "iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "j-1", "iat": NOW, "nbf": NOW, "exp": NOW + 60,
    });
    let (keys, token_endpoint) = (Rc::clone(keys), format!("{ISSUER}/token"));
    Reader {
        name: format!("client assertion, {}", key.alg),
        genuine: genuine(key, kid, "JWT", &claims),
        key: key.clone(),
        others: Vec::new(),
        required: &["iss", "sub", "aud", "exp", "jti"],
        wrong: [times(), audiences(&token_endpoint), jtis()]
            .concat()
            .into_iter()
            .chain(["iss", "sub"].into_iter().flat_map(identities))
            .collect(),
        accepts: Rc::new(move |token| {
            let verified = Unverified::read(token).and_then(|token| keys.verify(token, &Alg::CLIENTS));
            verified.is_ok_and(|claims| {
                client_assertion::check(&claims, CLIENT, &[ISSUER, &token_endpoint], NOW).is_ok()
            })
        }),
    }
}

/// OIDC Core §6.1, RFC 9101, by value.
fn request_object(keys: &Rc<PublicKeys>, key: &SigningKey, kid: &str) -> Reader {
    let claims = json!({
        "iss": CLIENT, "aud": ISSUER, "iat": NOW, "nbf": NOW, "exp": NOW + 60, "client_id": CLIENT,
        "response_type": "code", "scope": "openid", "state": "s", "max_age": 60, "claims": {},
    });
    let keys = Rc::clone(keys);
    let query = format!("client_id={CLIENT}&response_type=code&scope=openid");
    let query = Params::parse(query.as_bytes(), 1_000).expect("a query");
    let own = [
        ("iss", "null"),
        ("iss", "1"),
        ("client_id", "null"),
        ("client_id", "[\"app\"]"),
        ("response_type", "null"),
        ("response_type", "\"token\""),
        ("response_type", "\"none\""),
        ("request", "\"x.y.z\""),
        ("request", "null"),
        ("request_uri", "\"https://app.example/object\""),
        ("request_uri", "{}"),
        ("sub", "\"app\""),
        ("scope", "null"),
        ("scope", "[\"openid\"]"),
        ("state", "1"),
        ("state", "\"\\u0000\""),
        ("redirect_uri", "[]"),
        ("nonce", "{}"),
        ("max_age", "-1"),
        ("max_age", "1.5"),
        ("max_age", "1e300"),
        ("max_age", "18446744073709551616"),
        ("claims", "[]"),
        ("claims", "1"),
        ("prompt", "true"),
    ];
    let own = own.map(|(name, value)| (name, value.to_owned()));
    let lasting = [("nbf", (NOW - 3_601).to_string()), ("exp", (NOW + 3_601).to_string())];
    let mut wrong: Vec<_> = [times(), audiences(ISSUER), own.into(), lasting.into()].concat();
    wrong.extend(["iss", "client_id"].into_iter().flat_map(identities));
    // RFC 9101 lets aud be a list that includes the issuer.
    wrong.retain(|(name, value)| *name != "aud" || !value.contains(&format!("\"{ISSUER}\"")));
    Reader {
        name: format!("request object, {}", key.alg),
        genuine: genuine(key, kid, "oauth-authz-req+jwt", &claims),
        key: key.clone(),
        others: Vec::new(),
        required: &["aud", "exp"],
        wrong,
        accepts: Rc::new(move |token| {
            let verified = Unverified::read(token).and_then(|token| keys.verify(token, &Alg::CLIENTS));
            verified.is_ok_and(|claims| {
                let merged = request_object::merge(&query, &claims, Way::ByValue, ISSUER, NOW);
                merged.is_ok_and(|params| params.check().is_ok())
            })
        }),
    }
}

/// Of what we sign: ID tokens shown back, and access tokens.
fn own_readers() -> Vec<Reader> {
    let made: Vec<(Alg, NewKey)> =
        Alg::OURS.into_iter().map(|alg| (alg, NewKey::generate(alg).expect("a key"))).collect();
    let opened = made.iter().map(|(_, key)| Key::open(&key.private_jwk, 0).expect("a key"));
    let keys = Rc::new(Keys::new(opened.collect()));
    let mut all = Vec::new();
    for (alg, new) in &made {
        let key = SigningKey::of_jwk(alg.as_str(), &new.private_jwk);
        let others = made.iter().map(|(_, key)| key.kid.clone()).filter(|kid| *kid != new.kid);
        let others: Vec<String> = others.collect();
        for reader in [hint, access_token] {
            all.push(Reader { others: others.clone(), ..reader(&keys, &key, &new.kid) });
        }
    }
    all
}

/// OIDC Core §3.1.2.1. One that has expired is good.
fn hint(keys: &Rc<Keys>, key: &SigningKey, kid: &str) -> Reader {
    let claims = json!({
        "iss": ISSUER, "sub": "person", "aud": CLIENT, "exp": NOW + 60, "iat": NOW, "auth_time": NOW, "sid": "s",
    });
    let keys = Rc::clone(keys);
    let foreign = [
        ("iss", "\"https://login.example.test/\""),
        ("iss", "\"https://other.example\""),
        ("iss", "\"\""),
        ("aud", "[\"app\"]"),
        ("aud", "\"other\""),
        ("aud", "[\"app\",\"other\"]"),
        ("aud", "\"\""),
        ("sub", "1"),
    ];
    Reader {
        name: format!("ID token hint, {}", key.alg),
        genuine: genuine(key, kid, "JWT", &claims),
        key: key.clone(),
        others: Vec::new(),
        required: &["iss", "sub", "aud", "exp"],
        wrong: foreign.map(|(name, value)| (name, value.to_owned())).into(),
        accepts: Rc::new(move |token| Hint::read(&keys, ISSUER, token).is_ok_and(|hint| hint.aud == CLIENT)),
    }
}

/// RFC 9068, RFC 6750: a JWT, or else a value we sealed.
fn access_token(keys: &Rc<Keys>, key: &SigningKey, kid: &str) -> Reader {
    let claims = json!({
        "iss": ISSUER, "sub": "person", "aud": ISSUER, "exp": NOW + 60, "iat": NOW, "client_id": CLIENT,
        "jti": "0123456789abcdef0123456789abcdef0123456789abcdef", "scope": "openid", "auth_time": NOW,
    });
    let (keys, (keyring, _)) = (Rc::clone(keys), Keyring::generate());
    let foreign = [
        ("iss", "\"https://other.example\""),
        ("aud", "\"https://other.example\""),
        ("aud", "\"app\""),
        ("jti", "\"\""),
        ("jti", "\"short\""),
        ("jti", "\"0éééééééééééééééé\""),
        ("exp", "1800000000"),
        ("exp", "0"),
        ("scope", "[]"),
    ];
    Reader {
        name: format!("bearer token, {}", key.alg),
        genuine: genuine(key, kid, "at+jwt", &claims),
        key: key.clone(),
        others: Vec::new(),
        required: &["iss", "aud", "exp", "jti", "scope"],
        wrong: foreign.map(|(name, value)| (name, value.to_owned())).into(),
        accepts: Rc::new(move |token| {
            let read = [jwt_access::open(&keys, ISSUER, token), Access::open(&keyring, token)];
            read.into_iter().flatten().any(|access| access.expires_at > NOW)
        }),
    }
}

fn times() -> Vec<(&'static str, String)> {
    let far = |name| [NOW + 61, NOW + 3_600, 253_402_300_799].map(|time| (name, time.to_string()));
    let past = [0, 1, NOW - 86_400, NOW - 1, NOW].map(|time| ("exp", time.to_string()));
    let lasting = [NOW + 86_400, 253_402_300_799].map(|time| ("exp", time.to_string()));
    [past.to_vec(), lasting.to_vec(), far("iat").to_vec(), far("nbf").to_vec()].concat()
}

fn audiences(ours: &str) -> Vec<(&'static str, String)> {
    let other = "https://other.example";
    let near = [
        format!("{ours}/"),
        format!("{ours}?a"),
        format!("{ours}#a"),
        format!("{ours} "),
        ours.to_uppercase(),
        ours.replace("https", "http"),
        ours.replace("login.", "login.x."),
        format!("{ours}.evil.example"),
        String::new(),
        other.to_owned(),
        CLIENT.to_owned(),
        "*".to_owned(),
    ];
    let mut all: Vec<String> = near.iter().map(|aud| json!(aud).to_string()).collect();
    all.extend(
        [
            json!([ours]),
            json!([ours, other]),
            json!([other, ours]),
            json!([other]),
            json!([[ours]]),
            json!({ "0": ours }),
        ]
        .map(|aud| aud.to_string()),
    );
    all.into_iter().map(|aud| ("aud", aud)).collect()
}

fn identities(name: &'static str) -> Vec<(&'static str, String)> {
    let values = [
        "\"other\"",
        "\"APP\"",
        "\"app \"",
        "\" app\"",
        "\"app\\u0000\"",
        "\"\"",
        "[\"app\"]",
        "{\"app\":1}",
        "1",
    ];
    values.into_iter().map(|value| (name, value.to_owned())).collect()
}

fn jtis() -> Vec<(&'static str, String)> {
    let values =
        ["\"\"".to_owned(), "1".to_owned(), "[\"j\"]".to_owned(), json!("j".repeat(256)).to_string()];
    values.into_iter().map(|value| ("jti", value)).collect()
}
