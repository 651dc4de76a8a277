//! The life of a signing key: announced → signing → superseded → retired, and never back.
//!
//! Nothing here is stored but three times: when a key was made, from when on it signs, and when it was retired.
//! The rest follows from the keys of the same algorithm beside it, at every moment anew, so no job has to run for a
//! key to begin, to stop, or to disappear.

use countersign_identity::Settings;
use countersign_store::signing_key::SigningKey;

use crate::documents::CACHED;
use crate::id_token;
use crate::jose::keys::Alg;
use crate::token::sealed::ACCESS_LIFETIME;

/// Within so many seconds of a change every node has seen it, with room for clocks that differ by a second or two.
/// A key that is to sign at once waits this long: until then some node would not publish it yet.
pub const SEEN: i64 = 3;

/// How long a key stays published after another has taken its place, in seconds: until nothing signed with it
/// can matter any more.
///
/// The last token it signed is good for the token's own lifetime. After that an ID token is still a hint (OIDC
/// Core §3.1.2.1, RP-Initiated Logout §2), which means something as long as the session it names can live. The
/// time that key sets are kept in caches comes on top: who has an old one goes on with it for so long.
#[must_use]
pub fn overlap(settings: &Settings) -> i64 {
    let token = id_token::LIFETIME.max(ACCESS_LIFETIME);
    let session = settings.password_session.absolute.max(settings.vip_session.absolute);
    token.max(session) + CACHED
}

/// Where in its life a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Published, so that everybody knows it before it signs.
    Announced,
    /// The one of its algorithm that signs.
    Signing,
    /// Still published, to verify what it signed.
    Superseded,
    /// Not published; what it signed is refused.
    Retired,
}

impl State {
    /// The state's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Signing => "signing",
            Self::Superseded => "superseded",
            Self::Retired => "retired",
        }
    }
}

/// A key's place in its life, and when that ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// Where it is.
    pub state: State,
    /// When it retires or has retired, in seconds since 1970; none while nothing is there to take its place.
    pub retires_at: Option<i64>,
}

/// The lives of all keys at `now`, in the order of `rows`. For the order among them to be right, the retired ones
/// must be there too.
#[must_use]
pub fn lives(rows: &[SigningKey], overlap: i64, now: i64) -> Vec<Life> {
    rows.iter().map(|key| life(key, rows, overlap, now)).collect()
}

fn life(key: &SigningKey, rows: &[SigningKey], overlap: i64, now: i64) -> Life {
    let order = |key: &SigningKey| (key.signs_from, key.kid.clone());
    let later = rows.iter().filter(|other| other.alg == key.alg && order(other) > order(key));
    // One that is retired before its time never takes a place.
    let superseded = later.filter(|other| begins(other)).map(|other| other.signs_from).min();
    let faded = superseded.map(|at| at + overlap);
    let retires_at = key.retired_at.into_iter().chain(faded).min();
    let reached = |at: Option<i64>| at.is_some_and(|at| at <= now);
    let state = if reached(retires_at) || key.private_key.is_empty() {
        State::Retired
    } else if reached(superseded) {
        State::Superseded
    } else if key.signs_from <= now {
        State::Signing
    } else {
        State::Announced
    };
    Life { state, retires_at }
}

fn begins(key: &SigningKey) -> bool {
    key.retired_at.is_none_or(|at| at > key.signs_from)
}

/// When keys take each other's place. Times are seconds.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How long a key signs before the next one does; 0 for ever.
    pub rotate: i64,
    /// How long before it signs a key is announced.
    pub announce: i64,
}

/// From when on the next key of an algorithm is to sign, if it is time to announce it.
#[must_use]
pub fn due(rows: &[SigningKey], alg: Alg, schedule: Schedule, now: i64) -> Option<i64> {
    if schedule.rotate == 0 {
        return None;
    }
    let last = rows.iter().filter(|key| key.alg == alg.as_str() && key.retired_at.is_none());
    let next = last.map(|key| key.signs_from).max()? + schedule.rotate;
    (next - schedule.announce <= now).then(|| next.max(now + schedule.announce))
}

#[cfg(test)]
mod tests {
    use super::*;
    use State::{Announced, Retired, Signing, Superseded};

    const OVERLAP: i64 = 1_000;

    fn key(kid: &str, signs_from: i64) -> SigningKey {
        SigningKey {
            kid: kid.into(),
            alg: "ES256".into(),
            private_key: vec![1],
            created_at: 0,
            signs_from,
            retired_at: None,
        }
    }

    fn states(rows: &[SigningKey], now: i64) -> Vec<State> {
        lives(rows, OVERLAP, now).iter().map(|life| life.state).collect()
    }

    #[test]
    fn a_key_is_announced_signs_is_superseded_and_retires() {
        let rows = [key("a", 0), key("b", 100), key("c", 5_000)];
        for (now, expected) in [
            (0, [Signing, Announced, Announced]),
            (99, [Signing, Announced, Announced]),
            (100, [Superseded, Signing, Announced]),
            (1_099, [Superseded, Signing, Announced]),
            (1_100, [Retired, Signing, Announced]),
            (5_000, [Retired, Superseded, Signing]),
            (99_999, [Retired, Retired, Signing]),
        ] {
            assert_eq!(states(&rows, now), expected, "at {now}");
        }
        let ends: Vec<_> = lives(&rows, OVERLAP, 0).iter().map(|life| life.retires_at).collect();
        assert_eq!(ends, [Some(1_100), Some(6_000), None]);
    }

    #[test]
    fn algorithms_have_nothing_to_do_with_each_other() {
        let other = SigningKey { alg: "RS256".into(), ..key("b", 100) };
        assert_eq!(states(&[key("a", 0), other], 50_000), [Signing, Signing]);
    }

    #[test]
    fn of_two_that_begin_at_the_same_moment_one_signs() {
        assert_eq!(states(&[key("a", 5), key("b", 5)], 5), [Superseded, Signing]);
    }

    #[test]
    fn an_announced_key_that_is_withdrawn_supersedes_nothing() {
        let withdrawn = SigningKey { retired_at: Some(50), ..key("b", 100) };
        let rows = [key("a", 0), withdrawn];
        assert_eq!(states(&rows, 60), [Signing, Retired]);
        assert_eq!(states(&rows, 50_000), [Signing, Retired]);
    }

    #[test]
    fn a_key_never_comes_back_when_its_successor_goes() {
        let gone = SigningKey { retired_at: Some(500), ..key("b", 100) };
        let rows = [key("a", 0), gone, key("c", 500)];
        assert_eq!(states(&rows, 499), [Superseded, Signing, Announced]);
        assert_eq!(states(&rows, 500), [Superseded, Retired, Signing]);
        assert_eq!(states(&rows, 1_100), [Retired, Retired, Signing]);
    }

    #[test]
    fn what_has_been_erased_is_retired_whatever_the_clock_says() {
        let erased = SigningKey { private_key: Vec::new(), retired_at: Some(900), ..key("a", 0) };
        assert_eq!(states(&[erased, key("b", 100)], 800), [Retired, Signing]);
    }

    #[test]
    fn a_superseded_key_outlives_tokens_sessions_and_caches() {
        let mut settings = Settings::default();
        assert_eq!(overlap(&settings), 12 * 60 * 60 + CACHED);
        settings.vip_session.absolute = 1;
        settings.password_session.absolute = 1;
        assert_eq!(overlap(&settings), id_token::LIFETIME.max(ACCESS_LIFETIME) + CACHED);
    }

    #[test]
    fn the_next_key_is_announced_in_time_to_sign_when_the_last_one_has_signed_long_enough() {
        let schedule = Schedule { rotate: 1_000, announce: 100 };
        let due = |rows: &[SigningKey], now| due(rows, Alg::Es256, schedule, now);
        let mut rows = vec![key("a", 0)];
        assert_eq!((due(&rows, 899), due(&rows, 900)), (None, Some(1_000)));
        // Late, after a long stop: announced all the same before it signs.
        assert_eq!(due(&rows, 5_000), Some(5_100));
        rows.push(key("b", 1_000));
        assert_eq!((due(&rows, 900), due(&rows, 1_899), due(&rows, 1_900)), (None, None, Some(2_000)));
        // One that was withdrawn does not count.
        rows[1].retired_at = Some(950);
        assert_eq!(due(&rows, 950), Some(1_050));
        let never = Schedule { rotate: 0, announce: 100 };
        assert_eq!(super::due(&rows, Alg::Es256, never, 1 << 40), None);
    }
}
