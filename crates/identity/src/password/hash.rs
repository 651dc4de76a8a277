//! Argon2id on a fixed pool of threads behind a bounded queue.
//!
//! One hash takes 19 MiB and some 13 ms of a core. A pool of fixed size, each thread with a block memory of
//! its own that it uses again, bounds both; past the queue's length a caller is told to come back instead of
//! waiting for an answer that nobody is there to read any more.

mod memory;
mod pool;

pub use pool::Load;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Params, Version};
use countersign_store::secret;
use secrecy::SecretString;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use zeroize::Zeroizing;

use super::normalized;
use memory::Memory;
use pool::Pool;

/// The length of a hash, in bytes.
const OUTPUT: usize = 32;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory, in KiB.
    pub memory: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self { memory: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl Cost {
    /// What a stored hash may demand at most: a database is not trusted to use up a machine.
    const MAX: Self = Self { memory: 256 * 1024, passes: 10, lanes: 4 };

    fn within_limits(self) -> bool {
        self.memory <= Self::MAX.memory && self.passes <= Self::MAX.passes && self.lanes <= Self::MAX.lanes
    }

    fn params(self) -> Option<Params> {
        Params::new(self.memory, self.passes, self.lanes, Some(OUTPUT)).ok()
    }
}

/// The queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many passwords are being hashed; try again in {retry_after} s")]
pub struct Busy {
    /// Seconds after which to try again, at least 1.
    pub retry_after: u32,
}

/// Why a password was not hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HashError {
    /// The queue is full.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The password is longer than [`super::MAX_BYTES`]; the policy refuses it before.
    #[error("the password is too long")]
    TooLong,
}

/// Why a pool did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// Argon2 takes no such cost, or it is above what a stored hash may demand.
    #[error(
        "password hashing can't use {} KiB of memory, {} passes, {} lanes: at most {} KiB, {} and {}",
        .0.memory, .0.passes, .0.lanes, Cost::MAX.memory, Cost::MAX.passes, Cost::MAX.lanes
    )]
    Cost(Cost),
    /// The operating system gave no thread.
    #[error("no thread for password hashing: {0}")]
    Thread(#[from] std::io::Error),
}

/// What checking a password found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is the password of that hash.
    pub matches: bool,
    /// Whether it is, and the hash was made at another cost than today's: hash it anew.
    pub rehash: bool,
}

/// The pool. Dropping it ends its threads, each after the hash it is at.
pub struct Hasher {
    pool: Pool<Work, Done>,
}

enum Work {
    Hash(Zeroizing<String>),
    /// No password stands for one too long to match; no hash for a person who has none.
    Verify(Option<Zeroizing<String>>, Option<String>),
}

enum Done {
    Hash(Option<String>),
    Verdict(Verdict),
}

impl Hasher {
    /// Starts `threads` threads (at least one) with room for `queue` passwords to wait.
    ///
    /// # Errors
    /// [`StartError`] when the cost is out of range or there is no thread to be had.
    pub fn start(threads: usize, queue: usize, cost: Cost) -> Result<Self, StartError> {
        let params = cost.params().filter(|_| cost.within_limits()).ok_or(StartError::Cost(cost))?;
        let pool = Pool::start("password", threads, queue, move || {
            let mut bench = Bench { params: params.clone(), memory: Memory::default() };
            move |work: Option<Work>| bench.turn(work)
        })?;
        Ok(Self { pool })
    }

    /// Hashes a password with a fresh salt, to a PHC string.
    ///
    /// # Errors
    /// [`HashError::Busy`] past the queue's length; [`HashError::TooLong`] past [`super::MAX_BYTES`].
    pub async fn hash(&self, password: SecretString) -> Result<String, HashError> {
        let password = normalized(&password).ok_or(HashError::TooLong)?;
        match self.pool.run(Work::Hash(password)).await? {
            Done::Hash(Some(phc)) => Ok(phc),
            // Argon2 refuses only what `start` and `normalized` have excluded.
            Done::Hash(None) | Done::Verdict(_) => Err(Busy { retry_after: 1 }.into()),
        }
    }

    /// Checks a password against a stored PHC string. Without one (nobody has that address, or has set a
    /// password yet) the same work is done for nothing, so that time does not tell them apart.
    ///
    /// # Errors
    /// [`Busy`] past the queue's length.
    pub async fn verify(&self, password: SecretString, phc: Option<String>) -> Result<Verdict, Busy> {
        match self.pool.run(Work::Verify(normalized(&password), phc)).await? {
            Done::Verdict(verdict) => Ok(verdict),
            Done::Hash(_) => Ok(NO_MATCH),
        }
    }

    /// What the pool is doing, and has done since it started.
    #[must_use]
    pub fn load(&self) -> Load {
        self.pool.load()
    }
}

const NO_MATCH: Verdict = Verdict { matches: false, rehash: false };

/// One thread's place of work.
struct Bench {
    params: Params,
    memory: Memory,
}

impl Bench {
    /// Does one piece of work; without one, gives the memory back until there is some again.
    fn turn(&mut self, work: Option<Work>) -> Option<Done> {
        match work {
            None => {
                self.memory.release();
                None
            }
            Some(Work::Hash(password)) => {
                let salt = secret::random::<16>();
                Some(Done::Hash(self.phc(password.as_bytes(), &salt)))
            }
            Some(Work::Verify(password, phc)) => {
                Some(Done::Verdict(self.verify(password.as_ref().map(|p| p.as_bytes()), phc.as_deref())))
            }
        }
    }

    fn phc(&mut self, password: &[u8], salt: &[u8]) -> Option<String> {
        let params = self.params.clone();
        let output = self.digest(password, salt, &params)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).ok()?,
            salt: Some(Salt::new(salt).ok()?),
            hash: Some(output),
        };
        Some(hash.to_string())
    }

    fn verify(&mut self, password: Option<&[u8]>, phc: Option<&str>) -> Verdict {
        let stored = phc.and_then(usable);
        let (Some(password), Some((params, salt, expected))) = (password, stored) else {
            // The work of a real one, with an answer that can't match.
            let params = self.params.clone();
            let _ = self.digest(password.unwrap_or_default(), &[0; 16], &params);
            return NO_MATCH;
        };
        let matches = self
            .digest(password, salt.as_ref(), &params)
            .is_some_and(|found| found.as_bytes().ct_eq(expected.as_bytes()).into());
        Verdict { matches, rehash: matches && params != self.params }
    }

    fn digest(&mut self, password: &[u8], salt: &[u8], params: &Params) -> Option<Output> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let mut buffer = [0; Output::MAX_LENGTH];
        let out = buffer.get_mut(..params.output_len().unwrap_or(OUTPUT))?;
        let hashed = self.memory.with(params.block_count(), |blocks| {
            argon2.hash_password_into_with_memory(password, salt, out, blocks)
        });
        hashed.ok()?;
        Output::new(out).ok()
    }
}

/// The parts of a stored hash, if it is Argon2id of the current version at a cost within limits.
fn usable(phc: &str) -> Option<(Params, Salt, Output)> {
    let hash = PasswordHash::new(phc).ok()?;
    let current =
        hash.algorithm == Algorithm::Argon2id.ident() && hash.version == Some(Version::V0x13.into());
    let params = Params::try_from(&hash).ok()?;
    let cost = Cost { memory: params.m_cost(), passes: params.t_cost(), lanes: params.p_cost() };
    let output = hash.hash.filter(|output| output.len() >= 16)?;
    (current && cost.within_limits()).then_some((params, hash.salt?, output))
}

#[cfg(test)]
mod tests;
