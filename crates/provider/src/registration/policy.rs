//! What clients that register themselves may have: the operator's word, over the rules that hold for every client.

use countersign_store::client::{Client, Metadata};
use countersign_store::throttle::Rate;

use crate::authorize::response::ResponseType;
use crate::client_rules::Unfit;
use crate::scope::Scopes;

const HOUR_MILLIS: i64 = 60 * 60 * 1_000;

/// What the operator decides.
#[derive(Clone, Debug)]
pub struct RegistrationPolicy {
    /// Whether an initial access token is needed. Otherwise anybody may register a client.
    pub needs_token: bool,
    /// The response types they may have, of those of the server.
    pub response_types: Vec<ResponseType>,
    /// The most scopes they may have; what one gets that names none.
    pub scope: Scopes,
    /// Whether they must use PKCE.
    pub require_pkce: bool,
    /// The service they belong to; without one, any account will do.
    pub service_id: Option<String>,
    /// Open registrations and updates of one network at once; as many come back evenly in an hour.
    pub per_hour: u32,
    /// How many of them there may be.
    pub most: u32,
    /// Days after which one goes that nobody allows anything; none means never.
    pub unused_days: Option<u32>,
}

impl Default for RegistrationPolicy {
    fn default() -> Self {
        Self {
            needs_token: true,
            response_types: vec![ResponseType::CODE],
            scope: Scopes::parse("openid email profile"),
            require_pkce: true,
            service_id: None,
            per_hour: 20,
            most: 1_000,
            unused_days: Some(30),
        }
    }
}

impl RegistrationPolicy {
    /// How fast one network may register and update clients.
    pub(super) fn rate(&self) -> Rate {
        let burst = i64::from(self.per_hour.max(1));
        Rate { interval_millis: HOUR_MILLIS / burst, burst }
    }

    /// A client before it has said anything: what only the operator decides.
    ///
    /// It is a third party's: people are asked before it learns anything of them. Its ID tokens hold what OIDC Core
    /// §5.4 puts there and no more.
    pub(super) fn newcomer(&self) -> Client {
        Client {
            id: String::new(),
            name: String::new(),
            service_id: self.service_id.clone(),
            public: false,
            secret_digest: None,
            token_endpoint_auth_method: String::new(),
            redirect_uris: serde_json::json!([]),
            post_logout_redirect_uris: serde_json::json!([]),
            minimum_level: None,
            id_token_alg: String::new(),
            third_party: true,
            scope: String::new(),
            created_at: 0,
            metadata: Metadata {
                self_registered: true,
                lean_id_token: true,
                pkce_optional: !self.require_pkce,
                ..Metadata::default()
            },
            registration_digest: None,
        }
    }

    /// Whether a client that registers itself may be this.
    ///
    /// # Errors
    /// The first thing that it may not have.
    pub(super) fn check(&self, client: &Client) -> Result<(), Unfit> {
        let kinds = &client.metadata.response_types;
        let may_have = |text: &&String| {
            ResponseType::parse(text).is_some_and(|kind| self.response_types.contains(&kind))
        };
        if let Some(strange) = kinds.iter().find(|text| !may_have(text)) {
            let open: Vec<&str> = self.response_types.iter().map(|kind| kind.as_str()).collect();
            let open = open.join(", ");
            let reason =
                format!("{strange:?} is not for clients that register themselves: they may have {open}");
            return Err(Unfit::new("response_types", reason));
        }
        match client.scope.split_ascii_whitespace().find(|name| !self.scope.has(name)) {
            Some(strange) => {
                let open = self.scope;
                let reason =
                    format!("{strange:?} is not for clients that register themselves: they may have {open}");
                Err(Unfit::new("scope", reason))
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_the_policy_is_refused_by_name() {
        let policy = RegistrationPolicy::default();
        let unfit = |types: &[&str], scope: &str| {
            let mut client = Client { scope: scope.into(), ..policy.newcomer() };
            client.metadata.response_types = types.iter().map(|text| (*text).to_owned()).collect();
            policy.check(&client).err().map(|unfit| unfit.member)
        };
        assert_eq!(unfit(&["code"], "openid email"), None);
        assert_eq!(unfit(&["code", "code id_token"], "openid"), Some("response_types"));
        assert_eq!(unfit(&["code"], "openid offline_access"), Some("scope"));
        assert_eq!(unfit(&["code"], "openid admin"), Some("scope"));
    }

    #[test]
    fn a_burst_comes_back_within_an_hour() {
        for per_hour in [1, 7, 20, 100_000] {
            let rate = RegistrationPolicy { per_hour, ..RegistrationPolicy::default() }.rate();
            assert!(
                rate.interval_millis * rate.burst <= HOUR_MILLIS && rate.interval_millis > 0,
                "{per_hour}"
            );
        }
    }
}
