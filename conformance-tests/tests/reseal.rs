//! Another master key takes the first one's place while people sign in. `COUNTERSIGN_TEST_SEEDS=N` has so many seeds
//! sealed anew instead of two thousand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::{House, write_private};
use countersign_store::Keyring;

conformance_tests::on_both_databases!(seeds_are_sealed_anew_while_sign_ins_go_on);

async fn seeds_are_sealed_anew_while_sign_ins_go_on(backend: Backend) {
    let seeds = std::env::var("COUNTERSIGN_TEST_SEEDS").ok();
    let seeds: u32 = seeds.map_or(2_000, |text| text.parse().expect("a number of seeds"));
    let mut house = House::build(backend, "https://login.example.test", "");
    let mut text = "credential_id,kind,seed_hex\n".to_owned();
    for row in 0..seeds {
        text.push_str(&format!("SYDC{row:08},time,31323334353637383930313233343536{row:08x}\n"));
    }
    let file = house.file("many.csv");
    std::fs::write(&file, text).unwrap();
    house.admin(&["credential", "import", &file.display().to_string()]);
    // Nothing to do yet, and nothing is done.
    assert_eq!(house.admin(&["key", "reseal"])["seeds"], 0);

    let key = house.file("master.key");
    let old = std::fs::read_to_string(&key).unwrap();
    let (_, new) = Keyring::generate();
    write_private(&key, &format!("{}{old}", new.as_str()));
    // Servers that hold both, as after the restart that the procedure asks for.
    house.start_server();
    house.start_server();
    let cast = Arc::new(Cast::new(house));
    let over = Arc::new(AtomicBool::new(false));
    let mut running = Vec::new();
    for at in [0, 1] {
        let mut human = cast.enrolled(&format!("reseal{at}@key.test"), &["mss:acme"]).await;
        let (cast, over) = (Arc::clone(&cast), Arc::clone(&over));
        running.push(tokio::spawn(async move {
            let mut sign_ins = 0;
            while !over.load(Ordering::Acquire) {
                let mut browser = cast.house.person_at(at);
                let (away, attempt) = human.sign_in(&mut browser, &cast.mss, &[]).await;
                assert_eq!(cast.mss.claims(&away, &attempt).await.level(), "vip");
                sign_ins += 1;
            }
            (sign_ins, human)
        }));
    }
    let admin = Arc::clone(&cast);
    let done = tokio::task::spawn_blocking(move || admin.house.admin(&["key", "reseal"])).await.unwrap();
    over.store(true, Ordering::Release);
    let mut people = Vec::new();
    for person in running {
        let (sign_ins, human) = person.await.unwrap();
        people.push(human);
        assert!(sign_ins > 0);
        println!("{sign_ins} sign-ins on {backend:?} while {seeds} seeds were sealed anew");
    }
    // Those who enrolled after the restart had their seeds imported under the new key already.
    assert_eq!(done["seeds"].as_u64(), Some(u64::from(seeds)), "{done}");
    assert_eq!(cast.house.admin(&["key", "reseal"])["seeds"], 0);
    // The old key opens nothing any more, and the new one alone opens all.
    write_private(&key, &old);
    let refused = cast.house.run(&["credential", "list"], "");
    assert_eq!(refused.status.code(), Some(1), "the database needs the new key");
    write_private(&key, new.as_str());
    let codes = {
        let seed = [&b"1234567890123456"[..], &7_u32.to_be_bytes()].concat();
        let step = u64::try_from(cast.house.clock.now()).unwrap() / 30;
        [0, 1].map(|next| conformance_tests::token::at(&seed, step + next)).join(" ")
    };
    let found = cast.house.run(&["credential", "find", "--json"], &codes);
    assert!(String::from_utf8_lossy(&found.stdout).contains("SYDC00000007"), "{found:?}");
    // The old line is gone, every node has been restarted, and who signed in before signs in.
    let mut cast = Arc::into_inner(cast).expect("nobody else has it");
    let bases = cast.house.bases.clone();
    cast.house.servers.iter_mut().for_each(|server| assert!(server.stop().success()));
    cast.house.servers.clear();
    bases.iter().for_each(|base| cast.house.start_server_at(base));
    for (at, human) in people.iter_mut().enumerate() {
        let mut browser = cast.house.person_at(at);
        let (away, attempt) = human.sign_in(&mut browser, &cast.mss, &[]).await;
        assert_eq!(cast.mss.claims(&away, &attempt).await.level(), "vip");
    }
}
