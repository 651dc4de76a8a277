//! What the command line may say of a client, and how it changes one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use countersign_provider::authorize::response::ResponseType;
use countersign_store::client::{Client, Metadata};
use serde_json::json;

use crate::command::Failure;

/// What a client is; what is not said stays as it is.
#[derive(Debug, Default, Args)]
pub struct Change {
    /// The service it belongs to; without one, any account will do.
    #[arg(long)]
    pub service: Option<String>,
    /// Where people may be sent after signing out.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI", num_args = 1..)]
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// The least level it accepts.
    #[arg(long, value_enum)]
    pub minimum_level: Option<Level>,
    /// How its ID tokens are signed.
    #[arg(long, value_enum)]
    pub id_token_alg: Option<Algorithm>,
    /// How it proves itself; client_secret is either of the two ways to send one.
    #[arg(long, value_enum)]
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// Whether people are asked before it learns anything: it is not the portal's own.
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub third_party: Option<bool>,
    /// The scopes it may ask for.
    #[arg(long)]
    pub scope: Option<String>,
    /// A response type it may use, as in "code id_token"; the server must allow it too (protocol.response_types).
    #[arg(long = "response-type", value_name = "TYPE", num_args = 1.., value_parser = response_type)]
    pub response_types: Option<Vec<String>>,
    /// Whether it may leave PKCE out. Only for a confidential client whose library can't do it.
    #[arg(long, value_enum)]
    pub pkce: Option<Pkce>,
    /// A file with its public keys, a JWK Set.
    #[arg(long, value_name = "FILE", conflicts_with = "jwks_uri")]
    pub jwks: Option<PathBuf>,
    /// Where its public keys are found.
    #[arg(long, value_name = "URL")]
    pub jwks_uri: Option<String>,
    /// Whether its access tokens are opaque or JWTs (RFC 9068).
    #[arg(long, value_enum)]
    pub access_token_format: Option<AccessTokenFormat>,
    /// Whether it gets the same sub as everybody, or one of its own.
    #[arg(long, value_enum)]
    pub subject_type: Option<SubjectType>,
    /// The list of redirect URIs that share pairwise subjects.
    #[arg(long, value_name = "URL")]
    pub sector_identifier_uri: Option<String>,
    /// Whether its ID tokens hold the claims of all its scopes, or leave those of profile, email, address and phone
    /// to userinfo (OIDC Core 5.4).
    #[arg(long, value_enum)]
    pub id_token_claims: Option<IdTokenClaims>,
    /// Have its userinfo answers signed.
    #[arg(long, value_enum)]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// Accept its requests as signed request objects alone.
    #[arg(long, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub require_signed_request_object: Option<bool>,
    /// Where its request objects may be fetched from.
    #[arg(long = "request-uri", value_name = "URL", num_args = 1..)]
    pub request_uris: Option<Vec<String>>,
    /// How old a sign-in may be when its request does not say, in seconds.
    #[arg(long, value_name = "SECONDS")]
    pub default_max_age: Option<i64>,
    /// Where a third party may start a sign-in at it.
    #[arg(long, value_name = "URL")]
    pub initiate_login_uri: Option<String>,
    /// What a browser loads in a frame when a session ends that it took part in.
    #[arg(long, value_name = "URL")]
    pub frontchannel_logout_uri: Option<String>,
    /// Where a logout token is posted when a session ends that it took part in.
    #[arg(long, value_name = "URL")]
    pub backchannel_logout_uri: Option<String>,
    /// Its logo: linked, never fetched by the server.
    #[arg(long, value_name = "URL")]
    pub logo_uri: Option<String>,
    /// What it does with what it learns.
    #[arg(long, value_name = "URL")]
    pub policy_uri: Option<String>,
    /// Its terms.
    #[arg(long, value_name = "URL")]
    pub tos_uri: Option<String>,
    /// Whom to write to about it.
    #[arg(long = "contact", num_args = 1..)]
    pub contacts: Option<Vec<String>>,
}

/// The least level a client accepts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Level {
    /// A password will do.
    Password,
    /// A security code too.
    Vip,
}

/// How something is signed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Algorithm {
    /// RSA, which every client understands.
    #[value(name = "RS256")]
    Rs256,
    /// P-256.
    #[value(name = "ES256")]
    Es256,
    /// Ed25519.
    #[value(name = "EdDSA")]
    EdDsa,
}

/// How a client proves itself at the token endpoint.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AuthMethod {
    /// A secret in the Authorization header.
    #[value(name = "client_secret_basic")]
    Basic,
    /// A secret in the form.
    #[value(name = "client_secret_post")]
    Post,
    /// A secret, either way.
    #[value(name = "client_secret")]
    Secret,
    /// An assertion signed with its own key.
    #[value(name = "private_key_jwt")]
    PrivateKeyJwt,
}

/// Whether PKCE may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Pkce {
    /// It may not.
    Required,
    /// It may.
    Optional,
}

/// What an access token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AccessTokenFormat {
    /// Sealed: for this server alone to read.
    Opaque,
    /// Signed: for the client's own services to read.
    Jwt,
}

/// Whether `sub` is the same everywhere.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SubjectType {
    /// It is.
    Public,
    /// It differs from sector to sector.
    Pairwise,
}

/// What ID tokens hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum IdTokenClaims {
    /// The claims of all scopes.
    Scopes,
    /// Only what OIDC Core 5.4 puts there.
    Lean,
}

fn response_type(text: &str) -> Result<String, String> {
    let known = ResponseType::ALL.join(", ");
    ResponseType::parse(text).map(|kind| kind.as_str().to_owned()).ok_or(format!("one of {known}"))
}

/// The name of a value as the command line and the database write it.
pub fn name_of(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

impl Change {
    /// Makes the change. An empty text takes a value away.
    pub fn apply(self, client: &mut Client) -> Result<(), Failure> {
        set(&mut client.service_id, self.service);
        if let Some(uris) = self.post_logout_redirect_uris {
            client.post_logout_redirect_uris = json!(filled(uris));
        }
        client.minimum_level = self.minimum_level.map(name_of).or(client.minimum_level.take());
        if let Some(alg) = self.id_token_alg {
            client.id_token_alg = name_of(alg);
        }
        if let Some(method) = self.token_endpoint_auth_method {
            if client.public {
                return Err(Failure("a public client proves nothing: leave the method out".into()));
            }
            client.token_endpoint_auth_method = name_of(method);
        }
        client.third_party = self.third_party.unwrap_or(client.third_party);
        if let Some(scope) = self.scope {
            client.scope = scope.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
        }
        if self.pkce == Some(Pkce::Optional) && client.public {
            return Err(Failure(
                "a public client can't do without PKCE: it has nothing else to prove itself".into(),
            ));
        }
        let metadata = &mut client.metadata;
        if let Some(path) = self.jwks {
            metadata.jwks = Some(super::read_keys(&path)?);
            metadata.jwks_uri = None;
        }
        if let Some(uri) = self.jwks_uri {
            metadata.jwks = None;
            set(&mut metadata.jwks_uri, Some(uri));
        }
        metadata.pkce_optional = self.pkce.map_or(metadata.pkce_optional, |pkce| pkce == Pkce::Optional);
        let jwt = self.access_token_format.map(|format| format == AccessTokenFormat::Jwt);
        metadata.jwt_access_tokens = jwt.unwrap_or(metadata.jwt_access_tokens);
        let lean = self.id_token_claims.map(|claims| claims == IdTokenClaims::Lean);
        metadata.lean_id_token = lean.unwrap_or(metadata.lean_id_token);
        set(&mut metadata.subject_type, self.subject_type.map(name_of));
        set(&mut metadata.userinfo_signed_response_alg, self.userinfo_signed_response_alg.map(name_of));
        let signed = self.require_signed_request_object;
        metadata.require_signed_request_object = signed.unwrap_or(metadata.require_signed_request_object);
        metadata.default_max_age = self.default_max_age.or(metadata.default_max_age);
        lists(metadata, [self.response_types, self.request_uris, self.contacts]);
        set(&mut metadata.sector_identifier_uri, self.sector_identifier_uri);
        set(&mut metadata.initiate_login_uri, self.initiate_login_uri);
        set(&mut metadata.frontchannel_logout_uri, self.frontchannel_logout_uri);
        set(&mut metadata.backchannel_logout_uri, self.backchannel_logout_uri);
        set(&mut metadata.logo_uri, self.logo_uri);
        set(&mut metadata.policy_uri, self.policy_uri);
        set(&mut metadata.tos_uri, self.tos_uri);
        Ok(())
    }
}

fn lists(metadata: &mut Metadata, given: [Option<Vec<String>>; 3]) {
    let kept = [&mut metadata.response_types, &mut metadata.request_uris, &mut metadata.contacts];
    for (kept, given) in kept.into_iter().zip(given) {
        if let Some(given) = given {
            *kept = filled(given);
        }
    }
}

fn set(kept: &mut Option<String>, given: Option<String>) {
    if let Some(given) = given {
        *kept = Some(given).filter(|text| !text.is_empty());
    }
}

fn filled(given: Vec<String>) -> Vec<String> {
    given.into_iter().filter(|text| !text.is_empty()).collect()
}
