//! Forgetting what has expired. Nothing depends on it: expiry is checked where a thing is used.

use countersign_store::{
    bridging_code, grant, session, session_client, sign_in, spent_code, spent_jti, temporary_password,
};

use crate::{Identity, Result};

/// How long it is remembered which applications were told of a session's end, in seconds.
const TOLD: i64 = 7 * 24 * 60 * 60;

impl Identity {
    /// Forgets expired sign-ins, temporary passwords, bridging codes, sessions with who took part in them, grants,
    /// clients' assertions, and what interrupted imports left; gives how many rows went.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn sweep(&self) -> Result<u64> {
        let now = self.now();
        let swept = self.store().write(move |tx| {
            Box::pin(async move {
                Ok(sign_in::sweep(tx, now).await?
                    + temporary_password::sweep(tx, now).await?
                    + bridging_code::sweep(tx, now).await?
                    + session::sweep(tx, now).await?
                    + session_client::sweep(tx, now - TOLD).await?
                    + grant::sweep(tx, now).await?
                    + spent_jti::sweep(tx, now).await?
                    + spent_code::sweep(tx, now).await?)
            })
        });
        Ok(swept.await? + self.sweep_imports().await?)
    }
}
