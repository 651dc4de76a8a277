//! What the authorization endpoint itself gives: a code, tokens, or both (OIDC Core §3.2.2.5, §3.3.2.5).

use countersign_identity::session::Authenticated;
use countersign_store::grant::Grant;

use crate::authorize::reply::{Answer, ReplyTo};
use crate::authorize::request::Request;
use crate::code::{self, Granted};
use crate::error::Fault;
use crate::scope::Scopes;
use crate::state::Provider;
use crate::token::issue::{Bound, Minting};
use crate::token::sealed::ACCESS_LIFETIME;

/// Records what is granted and makes the answer; none when the session has been ended meanwhile.
///
/// # Errors
/// [`Fault`].
pub(crate) async fn answer(
    provider: &Provider,
    who: &Authenticated,
    request: &Request,
    reply: &ReplyTo,
    account_id: Option<String>,
) -> Result<Option<Answer>, Fault> {
    let kind = request.response_type;
    let mut answer = Answer::new();
    let granted = Granted { provider, who, request, reply, account_id };
    let mut rows = Vec::new();
    if kind.code {
        let (code, row) = granted.code();
        answer.push(("code", code));
        rows.push(row);
    }
    if kind.is_front_channel() {
        // A grant of its own: what the code buys and what is given here end each by itself.
        let row = granted.at_once();
        answer = tokens(&granted, &row, answer)?;
        // An ID token alone leaves nothing that could be revoked.
        rows.extend(kind.token.then_some(row));
    }
    Ok(code::record(&granted, rows).await?.then_some(answer))
}

fn tokens(granted: &Granted<'_>, row: &Grant, mut answer: Answer) -> Result<Answer, Fault> {
    let (provider, kind) = (granted.provider, granted.request.response_type);
    let minting = Minting {
        provider,
        client: granted.reply.client(),
        profile: granted.who.profile(),
        grant: row,
        // OIDC Core §11: no refresh token comes from here, so neither does the scope that stands for it.
        scope: granted.request.negotiated.scope().without("offline_access"),
        generation: 0,
        first: true,
        gives_access: kind.gives_access(),
    };
    let code = answer.first().map(|(_, code)| code.clone());
    let access = kind.token.then(|| minting.access_token());
    let access = access.transpose()?;
    if let Some(token) = &access {
        answer.push(("access_token", token.clone()));
        answer.push(("token_type", "Bearer".to_owned()));
        answer.push(("expires_in", ACCESS_LIFETIME.to_string()));
        answer.push(("scope", minting.scope.to_string()));
    }
    if kind.id_token {
        let bound = Bound { access_token: access.as_deref(), code: code.as_deref() };
        answer.push(("id_token", minting.id_token(&bound)?));
    }
    Ok(answer)
}

impl Granted<'_> {
    /// The grant of tokens given at once. Its code is one that nobody holds, and is spent.
    fn at_once(&self) -> Grant {
        let now = self.provider.identity().now();
        let (_, row) = self.code();
        let scope = Scopes::parse(&row.scope).without("offline_access");
        Grant { code_spent_at: Some(now), expires_at: now + ACCESS_LIFETIME, scope: scope.to_string(), ..row }
    }
}
