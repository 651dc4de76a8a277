//! What was fetched, kept for as long as its server says, within bounds; and the refusals, for a few seconds.
//!
//! Whoever asks for the same at the same time waits for the one fetch that is under way.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::refused::Refused;

/// Entries kept at most, and bytes of all their bodies. Past either, what has gone stale is forgotten; if that is not
/// enough, everything is.
const ENTRIES: usize = 1_000;
const BYTES: usize = 8 * 1024 * 1024;
/// Bounds of how long an answer is fresh, and what holds when its server doesn't say.
const FRESH_AT_LEAST: Duration = Duration::from_secs(60);
const FRESH_AT_MOST: Duration = Duration::from_secs(24 * 60 * 60);
const FRESH_BY_DEFAULT: Duration = Duration::from_secs(5 * 60);
/// How long a refusal is kept.
const REFUSED: Duration = Duration::from_secs(5);

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The answer's body.
    pub body: Bytes,
    /// How long it may be used from when it was fetched on.
    pub fresh_for: Duration,
}

#[derive(Clone)]
struct Kept {
    answer: Result<Fetched, Refused>,
    /// When the server was last asked.
    asked: Instant,
    until: Instant,
}

impl Kept {
    fn serves(&self, now: Instant, age: Duration) -> bool {
        now < self.until && now.saturating_duration_since(self.asked) < age
    }
}

/// One fetch, under way or done, and what was known before it.
struct Slot {
    done: OnceCell<Kept>,
    before: Option<Kept>,
}

/// Answers by URL.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<String, Arc<Slot>>>);

impl Cache {
    /// The answer known under `key` if it is fresh and was asked for less than `age` ago, else what `fetch` brings.
    /// When that fails, an answer that is still fresh serves on.
    pub async fn get<F>(
        &self,
        key: &str,
        age: Duration,
        fetch: impl FnOnce() -> F,
    ) -> Result<Fetched, Refused>
    where
        F: Future<Output = Result<Fetched, Refused>>,
    {
        let slot = self.slot(key, age, Instant::now());
        let kept = slot.done.get_or_init(async || {
            let answer = fetch().await;
            settle(answer, slot.before.clone(), Instant::now())
        });
        kept.await.answer.clone()
    }

    fn slot(&self, key: &str, age: Duration, now: Instant) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slots.get(key);
        if let Some(known) = known
            && known.done.get().is_none_or(|kept| kept.serves(now, age))
        {
            return known.clone();
        }
        let before =
            known.and_then(|slot| slot.done.get()).filter(|kept| now < kept.until && kept.answer.is_ok());
        let slot = Arc::new(Slot { done: OnceCell::new(), before: before.cloned() });
        make_room(&mut slots, now);
        slots.insert(key.to_owned(), slot.clone());
        slot
    }
}

fn settle(answer: Result<Fetched, Refused>, before: Option<Kept>, now: Instant) -> Kept {
    match (answer, before) {
        (Err(_), Some(before)) if now < before.until => Kept { asked: now, ..before },
        (answer, _) => {
            let fresh_for = answer.as_ref().map_or(REFUSED, |fetched| fetched.fresh_for);
            Kept { answer, asked: now, until: now + fresh_for }
        }
    }
}

fn make_room(slots: &mut HashMap<String, Arc<Slot>>, now: Instant) {
    let bytes = |slots: &HashMap<String, Arc<Slot>>| -> usize {
        let kept = slots.values().filter_map(|slot| slot.done.get());
        kept.filter_map(|kept| kept.answer.as_ref().ok()).map(|fetched| fetched.body.len()).sum()
    };
    if slots.len() < ENTRIES && bytes(slots) < BYTES {
        return;
    }
    slots.retain(|_, slot| slot.done.get().is_none_or(|kept| now < kept.until));
    if slots.len() >= ENTRIES || bytes(slots) >= BYTES {
        slots.clear();
    }
}

/// How long an answer with these headers is fresh (RFC 9111 §4.2), within our bounds.
pub(super) fn fresh_for(headers: &HeaderMap) -> Duration {
    let lines = headers.get_all(header::CACHE_CONTROL).iter().filter_map(|line| line.to_str().ok());
    let directives: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let has = |name: &str| directives.iter().any(|directive| directive.eq_ignore_ascii_case(name));
    let max_age = directives.iter().find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("max-age")
            .then(|| seconds.trim_matches(['"', ' ']).parse::<u64>().ok())?
    });
    let age = headers.get(header::AGE).and_then(|age| age.to_str().ok()?.trim().parse::<u64>().ok());
    let said = match max_age {
        _ if has("no-store") || has("no-cache") => FRESH_AT_LEAST,
        Some(seconds) => Duration::from_secs(seconds.saturating_sub(age.unwrap_or(0))),
        None => FRESH_BY_DEFAULT,
    };
    said.clamp(FRESH_AT_LEAST, FRESH_AT_MOST)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const EVER: Duration = Duration::MAX;

    fn fetched(body: &'static str) -> Result<Fetched, Refused> {
        Ok(Fetched { body: Bytes::from_static(body.as_bytes()), fresh_for: FRESH_AT_LEAST })
    }

    fn body(answer: Result<Fetched, Refused>) -> String {
        String::from_utf8(answer.unwrap().body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn those_who_ask_at_once_share_one_fetch() {
        let (cache, fetches) = (Arc::new(Cache::default()), Arc::new(AtomicUsize::new(0)));
        let asked = (0..50).map(|_| {
            let (cache, fetches) = (cache.clone(), fetches.clone());
            tokio::spawn(async move {
                let fetch = async || {
                    fetches.fetch_add(1, Ordering::Relaxed);
                    tokio::task::yield_now().await;
                    fetched("keys")
                };
                body(cache.get("https://app.example/jwks", EVER, fetch).await)
            })
        });
        for answer in asked.collect::<Vec<_>>() {
            assert_eq!(answer.await.unwrap(), "keys");
        }
        assert_eq!(fetches.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_fetch_that_is_given_up_is_begun_anew() {
        let cache = Cache::default();
        let never = cache.get("u", EVER, std::future::pending);
        assert!(tokio::time::timeout(Duration::from_millis(5), never).await.is_err());
        assert_eq!(body(cache.get("u", EVER, async || fetched("a")).await), "a");
    }

    #[tokio::test]
    async fn an_older_answer_than_wanted_is_fetched_again_and_serves_on_when_that_fails() {
        let cache = Cache::default();
        assert_eq!(body(cache.get("u", EVER, async || fetched("a")).await), "a");
        assert_eq!(body(cache.get("u", EVER, async || fetched("b")).await), "a");
        assert_eq!(body(cache.get("u", Duration::ZERO, async || fetched("c")).await), "c");
        assert_eq!(body(cache.get("u", Duration::ZERO, async || Err(Refused::Time)).await), "c");
        // The failure counts as having asked.
        assert_eq!(body(cache.get("u", Duration::from_secs(10), async || fetched("d")).await), "c");
        assert_eq!(cache.get("v", EVER, async || Err(Refused::Time)).await, Err(Refused::Time));
        assert_eq!(cache.get("v", EVER, async || fetched("e")).await, Err(Refused::Time));
        assert_eq!(body(cache.get("v", Duration::ZERO, async || fetched("f")).await), "f");
    }

    #[test]
    fn answers_and_refusals_go_stale() {
        let now = Instant::now();
        let kept = settle(fetched("a"), None, now);
        assert!(kept.serves(now + Duration::from_secs(59), EVER));
        assert!(!kept.serves(now + Duration::from_secs(60), EVER));
        let refused = settle(Err(Refused::Name), None, now);
        assert!(refused.serves(now + Duration::from_secs(4), EVER) && !refused.serves(now + REFUSED, EVER));
        let late = settle(Err(Refused::Name), Some(kept), now + Duration::from_secs(61));
        assert!(late.answer.is_err());
    }

    #[test]
    fn it_is_bounded_by_number_and_by_size() {
        let (cache, now) = (Cache::default(), Instant::now());
        for n in 0..3 * ENTRIES {
            cache.slot(&n.to_string(), EVER, now);
            assert!(cache.0.lock().unwrap().len() <= ENTRIES);
        }
        let cache = Cache::default();
        for n in 0..400 {
            let slot = cache.slot(&n.to_string(), EVER, now);
            let body = Bytes::from(vec![b' '; 64 * 1024]);
            let kept = settle(Ok(Fetched { body, fresh_for: FRESH_AT_LEAST }), None, now);
            assert!(slot.done.set(kept).is_ok());
            assert!(cache.0.lock().unwrap().len() <= BYTES / (64 * 1024) + 1);
        }
    }

    #[test]
    fn rfc9111_4_2_the_server_says_how_long_within_bounds() {
        let of = |lines: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in lines {
                headers.append(*name, value.parse().unwrap());
            }
            fresh_for(&headers).as_secs()
        };
        assert_eq!(of(&[]), 300);
        assert_eq!(of(&[("cache-control", "public, max-age=900")]), 900);
        assert_eq!(of(&[("cache-control", "public"), ("cache-control", "Max-Age=\"900\"")]), 900);
        assert_eq!(of(&[("cache-control", "max-age=900"), ("age", "300")]), 600);
        assert_eq!(of(&[("cache-control", "max-age=1")]), 60);
        assert_eq!(of(&[("cache-control", "max-age=99999999999")]), 86_400);
        assert_eq!(of(&[("cache-control", "max-age=99999999999999999999999")]), 300);
        assert_eq!(of(&[("cache-control", "no-store, max-age=900")]), 60);
    }
}
