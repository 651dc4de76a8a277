//! An authorization request of a known client, read and checked. Whatever is wrong with it goes back to the
//! client: its redirect URI has been bound before.

use crate::acr::Requested;
use crate::authorize::reply::ReplyTo;
use crate::authorize::response::{self, ResponseType};
use crate::claims::Asked;
use crate::claims_parameter::ClaimsParameter;
use crate::engine::{self, Negotiated};
use crate::error::{Code, Refusal};
use crate::id_token::Hint;
use crate::jose::keys::Keys;
use crate::params::Params;
use crate::prompt::{self, Prompt};
use crate::scope::Scopes;
use crate::settings::ProviderSettings;

/// The parameters that mean something here; only they are carried through a sign-in.
pub const KNOWN: [&str; 17] = [
    "response_type",
    "response_mode",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "max_age",
    "display",
    "ui_locales",
    "login_hint",
    "id_token_hint",
    "acr_values",
    "claims",
];

/// A request that the machine has agreed to.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is answered.
    pub response_type: ResponseType,
    /// What the machine agreed to.
    pub negotiated: Negotiated,
    /// Whether pages may be shown, and which must be.
    pub prompt: Prompt,
    /// How old the authentication may be, in seconds.
    pub max_age: Option<i64>,
    /// What is asked of the authentication.
    pub requested: Requested,
    /// The claims asked for one by one.
    pub asked: Asked,
    /// For the ID token.
    pub nonce: Option<String>,
    /// Whom the client expects: `id_token_hint`, and a `sub` in the `claims` parameter.
    pub expected: Vec<String>,
}

/// What a request is read against.
#[derive(Clone, Copy)]
pub struct House<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The keys that signed a hint.
    pub keys: &'a Keys,
    /// What the operator allows.
    pub settings: &'a ProviderSettings,
}

/// Reads and checks a bound request.
///
/// # Errors
/// The [`Refusal`] to send to the client.
pub fn validate(params: &Params, reply: &ReplyTo, house: &House<'_>) -> Result<Request, Refusal> {
    if let Err(malformed) = params.check() {
        let sentence = "a parameter is repeated or too long";
        return Err(Refusal::because(Code::InvalidRequest, sentence, format!("{malformed:?}")));
    }
    unsupported(params)?;
    let metadata = &reply.client().metadata;
    let response_type = response::check(params, reply.client(), house.settings)?;
    let negotiated = engine::negotiate(params, reply.client(), reply.redirect_uri())?;
    let prompt =
        Prompt::parse(params.get("prompt")).map_err(|_| Refusal::invalid("prompt=none must stand alone"))?;
    let max_age = prompt::max_age(params.get("max_age"))
        .map_err(|_| Refusal::invalid("max_age must be a number of seconds"))?;
    let claims = ClaimsParameter::parse(params.get("claims")).map_err(|_| {
        Refusal::invalid("claims must be a JSON object as OpenID Connect Core 5.5 describes it")
    })?;
    let asked = Asked::read(&claims, claimable(reply, negotiated.scope()));
    let default_acr = metadata.default_acr_values.join(" ");
    Ok(Request {
        response_type,
        negotiated,
        prompt,
        // OIDC Registration §2: a request's own value goes before the registered default.
        max_age: max_age.or(metadata.default_max_age),
        requested: Requested::read(&claims, params.get("acr_values").or(Some(&default_acr))),
        asked,
        nonce: params.get("nonce").map(str::to_owned),
        expected: expected(params, &claims, reply, house)?,
    })
}

/// OIDC Core §3.1.2.6, §6, §7.2.1: what we do not do is said, not skipped: a request object could hold other
/// values than the query.
fn unsupported(params: &Params) -> Result<(), Refusal> {
    for (name, code) in [
        ("request", Code::RequestNotSupported),
        ("request_uri", Code::RequestUriNotSupported),
        ("registration", Code::RegistrationNotSupported),
    ] {
        if params.get(name).is_some() {
            return Err(Refusal::new(code, "this parameter is not supported"));
        }
    }
    Ok(())
}

/// The scopes whose claims may be asked for one by one: a third party's client only has those the person
/// consents to.
fn claimable(reply: &ReplyTo, granted: Scopes) -> Scopes {
    if reply.client().third_party { granted } else { Scopes::parse(&reply.client().scope) }
}

fn expected(
    params: &Params,
    claims: &ClaimsParameter,
    reply: &ReplyTo,
    house: &House<'_>,
) -> Result<Vec<String>, Refusal> {
    let mut expected = Vec::new();
    if let Some(token) = params.get("id_token_hint") {
        let sentence = "id_token_hint is not an ID token of this client";
        let hint = Hint::read(house.keys, house.issuer, token)
            .map_err(|refused| Refusal::because(Code::InvalidRequest, sentence, refused.to_string()))?;
        if hint.aud != reply.client().id {
            return Err(Refusal::invalid(sentence));
        }
        expected.push(hint.sub);
    }
    // OIDC Core §5.5.1: a sub asked for with a value is answered for that person alone.
    if let Some(wish) = claims.in_id_token("sub")
        && let [sub] = wish.values.as_slice()
    {
        expected.push(sub.clone());
    }
    Ok(expected)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clients::tests::client;
    use crate::params::AUTHORIZATION_REQUEST;

    const GOOD: &str = "response_type=code&client_id=app&redirect_uri=https://app.example/cb&scope=openid+email&state=s\
                        &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    fn read(query: &str) -> Result<Request, Refusal> {
        let params = Params::parse(query.as_bytes(), AUTHORIZATION_REQUEST).unwrap();
        let client = Arc::new(client("app", &["https://app.example/cb"]));
        let reply = ReplyTo::for_tests(&params, client);
        let (keys, settings) = (Keys::new(Vec::new()), ProviderSettings::default());
        let house = House { issuer: "https://portal.example", keys: &keys, settings: &settings };
        validate(&params, &reply, &house)
    }

    fn code(query: &str) -> Code {
        read(query).unwrap_err().code
    }

    #[test]
    fn a_good_request_is_negotiated() {
        let request = read(&format!("{GOOD}&nonce=n&max_age=60&prompt=login&acr_values=a+b")).unwrap();
        assert_eq!(request.negotiated.scope(), Scopes::parse("openid email"));
        assert_eq!(request.nonce.as_deref(), Some("n"));
        assert_eq!(request.max_age, Some(60));
        assert!(request.prompt.login);
        assert_eq!(request.requested.voluntary, ["a", "b"]);
    }

    #[test]
    fn rfc6749_3_1_1_response_types() {
        assert_eq!(code(&GOOD.replace("response_type=code", "x=y")), Code::InvalidRequest);
        for other in ["token", "id_token", "code+id_token", "CODE", "none"] {
            let query = GOOD.replace("response_type=code", &format!("response_type={other}"));
            assert_eq!(code(&query), Code::UnsupportedResponseType, "{other}");
        }
    }

    #[test]
    fn rfc6749_3_1_doubled_parameters_are_refused_whichever_they_are() {
        for name in ["scope", "state", "nonce", "response_type", "code_challenge", "prompt", "unknown"] {
            assert_eq!(code(&format!("{GOOD}&{name}=1&{name}=2")), Code::InvalidRequest, "{name}");
        }
    }

    #[test]
    fn core_3_1_2_1_openid_is_required_and_unknown_scopes_are_not_granted() {
        assert_eq!(code(&GOOD.replace("openid+email", "email")), Code::InvalidScope);
        assert_eq!(code(&GOOD.replace("openid+email", "")), Code::InvalidScope);
        assert_eq!(code(&GOOD.replace("openid+email", "openid+%22")), Code::InvalidScope);
        let request = read(&GOOD.replace("openid+email", "admin+openid")).unwrap();
        assert_eq!(request.negotiated.scope().to_string(), "openid");
    }

    #[test]
    fn rfc7636_4_4_1_pkce_is_required() {
        assert_eq!(code(&GOOD.replace("&code_challenge_method=S256", "")), Code::InvalidRequest);
        assert_eq!(code(&GOOD.replace("S256", "plain")), Code::InvalidRequest);
        assert_eq!(
            code(&GOOD.replace("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "x=y")),
            Code::InvalidRequest
        );
    }

    #[test]
    fn core_3_1_2_6_request_objects_are_refused_not_skipped() {
        assert_eq!(code(&format!("{GOOD}&request=e30.e30.")), Code::RequestNotSupported);
        assert_eq!(code(&format!("{GOOD}&request_uri=https://evil.example/r")), Code::RequestUriNotSupported);
        assert_eq!(code(&format!("{GOOD}&registration=%7B%7D")), Code::RegistrationNotSupported);
    }

    #[test]
    fn bad_values_are_refused() {
        for more in [
            "prompt=none+login",
            "max_age=x",
            "claims=x",
            "response_mode=fragment",
            "response_mode=web_message",
            "id_token_hint=x",
        ] {
            assert_eq!(code(&format!("{GOOD}&{more}")), Code::InvalidRequest, "{more}");
        }
        for more in [
            "display=popup",
            "ui_locales=se",
            "claims_locales=se",
            "extra=foobar",
            "response_mode=query",
            "response_mode=form_post",
            "login_hint=buffy@x",
        ] {
            assert!(read(&format!("{GOOD}&{more}")).is_ok(), "{more}");
        }
    }

    #[test]
    fn core_5_5_1_a_sub_with_a_value_is_expected() {
        let claims = r#"{"id_token":{"sub":{"value":"p"}}}"#;
        let query: String = url::form_urlencoded::byte_serialize(claims.as_bytes()).collect();
        assert_eq!(read(&format!("{GOOD}&claims={query}")).unwrap().expected, ["p"]);
    }
}
