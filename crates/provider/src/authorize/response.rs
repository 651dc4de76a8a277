//! Response types and modes (OAuth 2.0 Multiple Response Type Encoding Practices, Form Post Response Mode).

use countersign_store::client::Client;

use crate::error::{Code, Refusal};
use crate::params::Params;
use crate::settings::ProviderSettings;

/// What an authorization request asks for: any of a code, an ID token and an access token, but not an access token
/// alone, which OpenID Connect has no use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseType {
    /// A code.
    pub code: bool,
    /// An ID token from the authorization endpoint.
    pub id_token: bool,
    /// An access token from the authorization endpoint.
    pub token: bool,
}

impl ResponseType {
    /// The code flow.
    pub const CODE: Self = Self { code: true, id_token: false, token: false };
    /// All there are, as they are written.
    pub const ALL: [&str; 6] =
        ["code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"];

    /// Reads one. The order of the words says nothing (Multiple Response Types §1); a word twice, or an unknown
    /// one, is no response type.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut read = Self { code: false, id_token: false, token: false };
        for word in text.split(' ') {
            let named = match word {
                "code" => &mut read.code,
                "id_token" => &mut read.id_token,
                "token" => &mut read.token,
                _ => return None,
            };
            if std::mem::replace(named, true) {
                return None;
            }
        }
        (read.code || read.id_token).then_some(read)
    }

    /// As discovery writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match (self.code, self.id_token, self.token) {
            (true, false, false) => "code",
            (false, true, false) => "id_token",
            (true, true, false) => "code id_token",
            (true, false, true) => "code token",
            (true, true, true) => "code id_token token",
            (false, _, true) | (false, false, false) => "id_token token",
        }
    }

    /// Whether the authorization endpoint itself gives a token.
    #[must_use]
    pub fn is_front_channel(self) -> bool {
        self.id_token || self.token
    }

    /// Whether an access token comes of it, at one endpoint or the other (OIDC Core §5.4).
    #[must_use]
    pub fn gives_access(self) -> bool {
        self.code || self.token
    }
}

/// How the answer travels to the redirect URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query.
    Query,
    /// In the fragment.
    Fragment,
    /// In the body of a form the browser posts.
    FormPost,
}

impl ResponseMode {
    /// The mode an answer to this request takes, an error too. What is wrong with `response_mode` itself is
    /// [`check`]'s to say, by the default mode of the response type.
    #[must_use]
    pub fn of(params: &Params, settings: &ProviderSettings) -> Self {
        let asked = params.get("response_type").and_then(ResponseType::parse);
        let enabled = asked.filter(|asked| settings.response_types.contains(asked));
        match params.get("response_mode") {
            Some("form_post") => Self::FormPost,
            // Multiple Response Types §5: the default of a type that gives tokens is the fragment.
            _ if enabled.is_some_and(ResponseType::is_front_channel) => Self::Fragment,
            _ => Self::Query,
        }
    }
}

/// The response type of a request, where the server and the client both allow it and the mode fits it.
///
/// # Errors
/// The [`Refusal`] to send to the client.
pub fn check(params: &Params, client: &Client, settings: &ProviderSettings) -> Result<ResponseType, Refusal> {
    // RFC 6749 §3.1.1: a missing response_type is an invalid request, another one is unsupported.
    let text = params.get("response_type").ok_or_else(|| Refusal::invalid("response_type is required"))?;
    let asked = ResponseType::parse(text).filter(|asked| settings.response_types.contains(asked));
    let asked = asked.ok_or_else(|| {
        Refusal::new(Code::UnsupportedResponseType, "this server does not support this response_type")
    })?;
    if !is_registered(client, asked) {
        let sentence = "the client is not registered for this response_type";
        return Err(Refusal::new(Code::UnauthorizedClient, sentence));
    }
    match (params.get("response_mode"), asked.is_front_channel()) {
        (None | Some("form_post"), _) | (Some("query"), false) | (Some("fragment"), true) => {}
        // Multiple Response Types §3.0: tokens MUST NOT travel in a query.
        (Some(_), true) => return Err(Refusal::invalid("response_mode must be fragment or form_post")),
        (Some(_), false) => return Err(Refusal::invalid("response_mode must be query or form_post")),
    }
    // OIDC Core §3.2.2.1, §3.3.2.11: an ID token from here is bound to the request by its nonce.
    if asked.id_token && params.get("nonce").is_none() {
        return Err(Refusal::invalid("nonce is required when an id_token is asked for here"));
    }
    Ok(asked)
}

/// Whether a client registered that type. RFC 7591 §2: `code` is what one has that named none.
fn is_registered(client: &Client, asked: ResponseType) -> bool {
    let registered = &client.metadata.response_types;
    if registered.is_empty() {
        return asked == ResponseType::CODE;
    }
    registered.iter().any(|text| ResponseType::parse(text) == Some(asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::tests::client;

    fn settings() -> ProviderSettings {
        let response_types = ResponseType::ALL.iter().filter_map(|text| ResponseType::parse(text)).collect();
        ProviderSettings { response_types, ..ProviderSettings::default() }
    }

    fn asked(query: &str, registered: &[&str], settings: &ProviderSettings) -> Result<&'static str, Code> {
        let mut client = client("app", &["https://app.example/cb"]);
        client.metadata.response_types = registered.iter().map(|text| (*text).to_owned()).collect();
        let params = Params::parse(query.as_bytes(), 1_000).unwrap();
        check(&params, &client, settings).map(ResponseType::as_str).map_err(|refusal| refusal.code)
    }

    #[test]
    fn every_type_reads_back_as_written() {
        for text in ResponseType::ALL {
            assert_eq!(ResponseType::parse(text).unwrap().as_str(), text);
        }
        assert_eq!(ResponseType::parse("token id_token code").unwrap().as_str(), "code id_token token");
        for text in ["", "token", "none", "CODE", "code code", "code  token", " code", "code id_token x"] {
            assert_eq!(ResponseType::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_type_needs_the_server_and_the_client() {
        let query = "response_type=code+id_token&nonce=n";
        assert_eq!(asked(query, &["code id_token"], &settings()), Ok("code id_token"));
        assert_eq!(asked(query, &["id_token code"], &settings()), Ok("code id_token"));
        assert_eq!(asked(query, &[], &settings()), Err(Code::UnauthorizedClient));
        assert_eq!(asked(query, &["code"], &settings()), Err(Code::UnauthorizedClient));
        let safe = ProviderSettings::default();
        assert_eq!(asked(query, &["code id_token"], &safe), Err(Code::UnsupportedResponseType));
        assert_eq!(asked("response_type=code", &[], &safe), Ok("code"));
        assert_eq!(asked("x=y", &[], &safe), Err(Code::InvalidRequest));
    }

    #[test]
    fn multiple_response_types_3_tokens_never_travel_in_a_query() {
        let mode = |kind: &str, mode: &str| {
            let query = format!("response_type={kind}&nonce=n&response_mode={mode}");
            asked(&query, &["code", "id_token token"], &settings())
        };
        assert_eq!(mode("id_token+token", "query"), Err(Code::InvalidRequest));
        assert_eq!(mode("id_token+token", "fragment"), Ok("id_token token"));
        assert_eq!(mode("id_token+token", "form_post"), Ok("id_token token"));
        assert_eq!(mode("code", "fragment"), Err(Code::InvalidRequest));
        assert_eq!(mode("code", "web_message"), Err(Code::InvalidRequest));
        assert_eq!(mode("code", "query"), Ok("code"));
    }

    #[test]
    fn core_3_2_2_1_an_id_token_from_here_needs_a_nonce() {
        let all = ResponseType::ALL;
        for (kind, needed) in
            [("id_token", true), ("code id_token", true), ("code token", false), ("code", false)]
        {
            let query = format!("response_type={}", kind.replace(' ', "+"));
            assert_eq!(asked(&query, &all, &settings()).is_err(), needed, "{kind}");
            assert_eq!(asked(&format!("{query}&nonce=n"), &all, &settings()), Ok(kind));
        }
    }

    #[test]
    fn errors_travel_as_the_answer_would() {
        let of = |query: &str, settings: &ProviderSettings| {
            ResponseMode::of(&Params::parse(query.as_bytes(), 1_000).unwrap(), settings)
        };
        let all = settings();
        assert_eq!(of("response_type=code", &all), ResponseMode::Query);
        assert_eq!(of("response_type=code+token", &all), ResponseMode::Fragment);
        assert_eq!(of("response_type=code+token&response_mode=query", &all), ResponseMode::Fragment);
        assert_eq!(of("response_mode=form_post", &all), ResponseMode::FormPost);
        assert_eq!(of("response_type=code+token", &ProviderSettings::default()), ResponseMode::Query);
    }
}
