//! What an operator decides about the protocol. The defaults are the safe ones: the code flow alone, and nobody
//! registers itself.

use crate::authorize::response::ResponseType;
use crate::outbound::OutboundSettings;

/// What the provider is told.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The response types that clients may register; a client uses those it registered of these.
    pub response_types: Vec<ResponseType>,
    /// Whether clients' pages can ask, through a frame, if the session is still the same. It takes a cookie that scripts
    /// and other sites' frames can use.
    pub session_management: bool,
    /// What this server may fetch and call.
    pub outbound: OutboundSettings,
}

impl Default for ProviderSettings {
    fn default() -> Self {
        Self {
            response_types: vec![ResponseType::CODE],
            session_management: false,
            outbound: OutboundSettings::default(),
        }
    }
}

impl ProviderSettings {
    /// Whether any response type gives tokens at the authorization endpoint.
    #[must_use]
    pub fn has_front_channel(&self) -> bool {
        self.response_types.iter().any(|one| one.is_front_channel())
    }
}
