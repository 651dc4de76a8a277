//! The inventory: codes are judged by the seeds kept here.

use countersign_store::credential::Credential;

use super::{Accepted, Guess, Spend, Validator, Verdict};
use crate::oath::{Kind, Match, Seed, Token};
use crate::{Error, Identity, Result};

/// The judge.
pub(super) struct Inventory<'a>(pub(super) &'a Identity);

impl Validator for Inventory<'_> {
    async fn sign_in(&self, guess: &Guess<'_>) -> Result<Verdict> {
        let (window, now) = (self.0.settings().window, self.0.now());
        let mut verdict = Verdict::Wrong;
        for row in guess.rows {
            let token = token_of(self.0, row)?;
            if let Some(next) = guess.codes.1.filter(|next| !next.trim().is_empty()) {
                if let Some(pair) = token.check_pair([guess.codes.0, next], window, now) {
                    return Ok(right(row, pair.position, pair.drift));
                }
                continue;
            }
            match token.check(guess.codes.0, window, now) {
                Match::Accepted { position, drift } => return Ok(right(row, position, drift)),
                Match::OutOfStep { .. } => verdict = Verdict::OutOfStep,
                Match::Replayed => verdict = Verdict::Used { next_in: token.next_in(now) },
                Match::Wrong => {}
            }
        }
        Ok(verdict)
    }

    async fn register(&self, guess: &Guess<'_>, _: Option<&str>) -> Result<Verdict> {
        let (Some(row), Some(next)) = (guess.rows.first(), guess.codes.1) else { return Ok(Verdict::Wrong) };
        let token = token_of(self.0, row)?;
        let pair = token.check_pair([guess.codes.0, next], self.0.settings().window, self.0.now());
        Ok(pair.map_or(Verdict::Wrong, |pair| right(row, pair.position, pair.drift)))
    }

    async fn withdraw(&self, _: &Guess<'_>) -> Result<()> {
        Ok(())
    }
}

fn right(row: &Credential, position: i64, drift: i32) -> Verdict {
    Verdict::Right(Accepted { credential_id: row.id.clone(), spend: Spend::Position { position, drift } })
}

/// The token a credential's row describes, its seed opened. A credential that the VIP service judges has none.
pub(crate) fn token_of(identity: &Identity, row: &Credential) -> Result<Token> {
    let corrupt = |what: String| Error::Corrupt(format!("credential {}: {what}", row.id));
    let kind = Kind::parse(&row.kind).ok_or_else(|| corrupt(format!("unknown kind {:?}", row.kind)))?;
    let seed = identity.keyring().open(&seed_purpose(&row.id), &row.seed)?;
    let seed = Seed::new(seed).map_err(|error| corrupt(error.to_string()))?;
    let (digits, period) = (row.digits.unsigned_abs(), row.period.unsigned_abs());
    let token = Token::new(kind, digits, period, seed).map_err(|error| corrupt(error.to_string()))?;
    Ok(token.at(row.last_position, row.drift))
}

/// What a credential's seed is sealed for.
pub(crate) fn seed_purpose(id: &str) -> String {
    format!("seed of {id}")
}
