use super::*;

/// As cheap as Argon2 goes.
const CHEAP: Cost = Cost { memory: 64, passes: 1, lanes: 1 };

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

fn hasher() -> Hasher {
    Hasher::start(2, 16, CHEAP).unwrap()
}

async fn matches(hasher: &Hasher, password: &str, phc: &str) -> Verdict {
    hasher.verify(secret(password), Some(phc.to_owned())).await.unwrap()
}

const MATCH: Verdict = Verdict { matches: true, rehash: false };

#[tokio::test]
async fn a_password_matches_its_hash_and_no_other() {
    let hasher = hasher();
    let phc = hasher.hash(secret("amber otter 42 lagoon")).await.unwrap();
    assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
    assert_eq!(matches(&hasher, "amber otter 42 lagoon", &phc).await, MATCH);
    for wrong in ["", "amber otter 42 lagoo", "amber otter 42 lagoon ", "Amber otter 42 lagoon"] {
        assert_eq!(matches(&hasher, wrong, &phc).await, NO_MATCH, "{wrong:?}");
    }
}

#[tokio::test]
async fn each_hash_has_a_salt_of_its_own() {
    let hasher = hasher();
    let first = hasher.hash(secret("amber otter 42 lagoon")).await.unwrap();
    assert_ne!(hasher.hash(secret("amber otter 42 lagoon")).await.unwrap(), first);
}

#[tokio::test]
async fn without_a_hash_nothing_matches_but_the_work_is_done() {
    let hasher = hasher();
    assert_eq!(hasher.verify(secret(""), None).await, Ok(NO_MATCH));
    assert_eq!(hasher.verify(secret("amber otter 42 lagoon"), None).await, Ok(NO_MATCH));
    assert_eq!(hasher.load().done, 2);
}

#[tokio::test]
async fn hashes_made_elsewhere_are_read() {
    // Of the reference implementation: `echo -n password | argon2 somesalt -id -t 2 -m 16 -p 1 -l 32 -e`.
    let phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let expected = Verdict { matches: true, rehash: true };
    assert_eq!(matches(&hasher(), "password", phc).await, expected);
    assert_eq!(matches(&hasher(), "passwort", phc).await, NO_MATCH);
}

#[tokio::test]
async fn a_hash_of_another_cost_wants_a_new_one() {
    let dearer = Hasher::start(1, 4, Cost { memory: 128, ..CHEAP }).unwrap();
    let phc = hasher().hash(secret("amber otter 42 lagoon")).await.unwrap();
    let expected = Verdict { matches: true, rehash: true };
    assert_eq!(matches(&dearer, "amber otter 42 lagoon", &phc).await, expected);
    assert_eq!(matches(&dearer, "amber otter 43 lagoon", &phc).await, NO_MATCH);
    let renewed = dearer.hash(secret("amber otter 42 lagoon")).await.unwrap();
    assert_eq!(matches(&dearer, "amber otter 42 lagoon", &renewed).await, MATCH);
}

#[tokio::test]
async fn a_stored_hash_that_is_broken_or_too_dear_matches_nothing() {
    let hasher = hasher();
    let good = hasher.hash(secret("amber otter 42 lagoon")).await.unwrap();
    for phc in [
        String::new(),
        "amber otter 42 lagoon".to_owned(),
        good.replace("argon2id", "argon2i"),
        good.replace("argon2id", "scrypt"),
        good.replace("v=19", "v=16"),
        good.replace("m=64", "m=262145"),
        good.replace("m=64", "m=4294967295"),
        good.replace("t=1", "t=11"),
        good.replace("p=1", "p=5"),
        good.replace("m=64", "m=7"),
        good[..good.len() - 30].to_owned(),
        good.rsplit_once('$').map(|(head, _)| head.to_owned()).unwrap(),
    ] {
        assert_eq!(matches(&hasher, "amber otter 42 lagoon", &phc).await, NO_MATCH, "{phc}");
    }
}

#[tokio::test]
async fn passwords_are_composed_before_they_are_hashed() {
    let hasher = hasher();
    let phc = hasher.hash(secret("caf\u{e9} lagoon harbour")).await.unwrap();
    assert_eq!(matches(&hasher, "cafe\u{301} lagoon harbour", &phc).await, MATCH);
    assert_eq!(matches(&hasher, "cafe lagoon harbour", &phc).await, NO_MATCH);
}

#[tokio::test]
async fn a_password_is_hashed_whole_or_not_at_all() {
    let hasher = hasher();
    let long = "x".repeat(super::super::MAX_BYTES);
    let phc = hasher.hash(secret(&long)).await.unwrap();
    assert_eq!(matches(&hasher, &long, &phc).await, MATCH);
    assert_eq!(matches(&hasher, &long[1..], &phc).await, NO_MATCH);
    for longer in [format!("{long}x"), "x".repeat(100_000)] {
        assert_eq!(hasher.hash(secret(&longer)).await, Err(HashError::TooLong));
        assert_eq!(matches(&hasher, &longer, &phc).await, NO_MATCH);
    }
}

#[tokio::test]
async fn many_at_once_are_done_or_refused_and_all_are_answered() {
    let hasher = std::sync::Arc::new(Hasher::start(2, 8, Cost { memory: 8 * 1024, ..CHEAP }).unwrap());
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let hasher = hasher.clone();
            tokio::spawn(async move { hasher.verify(secret("wrong"), None).await })
        })
        .collect();
    let (mut done, mut refused) = (0, 0);
    for task in tasks {
        match task.await.unwrap() {
            Ok(verdict) => {
                assert_eq!(verdict, NO_MATCH);
                done += 1;
            }
            Err(busy) => {
                assert!(busy.retry_after >= 1);
                refused += 1;
            }
        }
    }
    assert!(done >= 8 && refused > 0, "{done} done, {refused} refused");
    assert_eq!((hasher.load().done, hasher.load().refused), (done, refused));
}

#[test]
fn a_cost_out_of_range_is_refused_at_the_start() {
    for cost in [
        Cost { memory: 0, ..CHEAP },
        Cost { passes: 0, ..CHEAP },
        Cost { lanes: 0, ..CHEAP },
        Cost { memory: 256 * 1024 + 1, ..CHEAP },
        Cost { passes: 11, ..CHEAP },
        Cost { lanes: 5, ..CHEAP },
    ] {
        assert!(matches!(Hasher::start(1, 1, cost), Err(StartError::Cost(c)) if c == cost), "{cost:?}");
    }
}
