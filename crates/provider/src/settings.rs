//! What the operator decides about the provider.

use crate::outbound::OutboundSettings;

/// Everything the provider is configured with.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    /// What this server may fetch and call.
    pub outbound: OutboundSettings,
}
