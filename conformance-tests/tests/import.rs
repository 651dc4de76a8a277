//! Imports: files that other programs wrote come in unchanged, all of a file or nothing, whenever it is interrupted.
//! `COUNTERSIGN_TEST_KILLS=N` interrupts so many imports on each database instead of ten, and `COUNTERSIGN_TEST_KEYS=N`
//! has so many keys in each instead of five thousand.

use std::ops::AddAssign as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::house::House;
use conformance_tests::place::top;
use conformance_tests::pskc_file::{self, Protection};
use conformance_tests::server::command;
use conformance_tests::token::at;
use countersign_store::secret;
use serde_json::Value;

conformance_tests::on_both_databases!(
    files_of_other_programs_come_in_unchanged,
    a_key_that_is_wrong_or_missing_brings_nothing,
    a_user_named_by_the_file_gets_the_token,
    an_import_that_is_killed_brought_all_or_nothing,
    of_two_imports_of_a_file_one_brings_it,
);

fn house(backend: Backend) -> House {
    let house = House::build(backend, "https://login.example.test", "");
    house.admin(&["org", "add", "acme", "--name", "Acme"]);
    house
}

fn fixture(name: &str) -> String {
    top().join("conformance-tests/fixtures/seeds").join(name).display().to_string()
}

/// How many credentials there are.
fn stock(house: &House) -> u64 {
    let report = house.admin(&["credential", "report", "stock"]);
    let rows = report.as_array().unwrap().iter();
    rows.flat_map(|row| row.as_object().unwrap().values().filter_map(Value::as_u64)).sum()
}

/// Runs a command, and gives its exit status and what it said on standard error.
fn tried(house: &House, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let done = house.run(arguments, input);
    (done.status.code(), String::from_utf8_lossy(&done.stderr).into_owned())
}

async fn files_of_other_programs_come_in_unchanged(backend: Backend) {
    let (aes, aes256) = (fixture("aes.key"), fixture("aes256.key"));
    let password = fixture("pbkdf2.password");
    for (file, key) in [
        ("python-pskc-plain.xml", &[][..]),
        ("python-pskc-aes.xml", &["--key-file", &aes]),
        ("python-pskc-aes256-sha256.xml", &["--key-file", &aes256]),
        ("python-pskc-pbkdf2.xml", &["--password-file", &password]),
        ("privacyidea.csv", &[]),
    ] {
        let house = house(backend);
        let path = fixture(file);
        let arguments = [&["credential", "import", &path, "--organization", "acme"], key].concat();
        let dry = house.admin(&[&arguments[..], &["--dry-run"]].concat());
        assert_eq!((dry["imported"].as_u64(), stock(&house)), (Some(0), 0), "{file}: {dry}");
        let report = house.admin(&arguments);
        let imported = report["imported"].as_u64().unwrap();
        assert!(imported > 0 && report["rows"] == imported && stock(&house) == imported, "{file}: {report}");
        let (status, said) = tried(&house, &arguments, "");
        assert_eq!(status, Some(1), "{file} twice");
        assert!(said.contains("in the inventory already"), "{said}");
        assert_eq!(stock(&house), imported);
    }
    // The seed came in as it was: the token's own codes find it.
    let house = house(backend);
    house.admin(&["credential", "import", &fixture("privacyidea.csv")]);
    let step = u64::try_from(house.clock.now()).unwrap() / 30;
    let codes = [0, 1].map(|next| at(b"12345678901234567890", step + next)).join(" ");
    let found = house.run(&["credential", "find", "--json"], &codes);
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!(found[0]["credential_id"], "OATH90000001", "{found}");
}

async fn a_key_that_is_wrong_or_missing_brings_nothing(backend: Backend) {
    let house = house(backend);
    let (file, wrong) = (fixture("python-pskc-aes.xml"), fixture("aes256.key"));
    let short = house.file("short.key");
    std::fs::write(&short, "00112233445566778899aabbccddeeff").unwrap();
    let short = short.display().to_string();
    let password = fixture("pbkdf2.password");
    for key in [&[][..], &["--key-file", &wrong], &["--key-file", &short], &["--password-file", &password]] {
        let (status, said) = tried(&house, &[&["credential", "import", &file], key].concat(), "");
        assert_eq!((status, said.lines().count()), (Some(1), 1), "{key:?}: {said}");
    }
    let ambiguous = "OATH90000009,3132333435363738393031323334353637383930\n";
    let (status, said) = tried(&house, &["credential", "import", "-"], ambiguous);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("--format"), "it says how to name the format: {said}");
    let laughs =
        "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">]><KeyContainer>&lol;</KeyContainer>";
    let (status, said) = tried(&house, &["credential", "import", "-"], laughs);
    assert_eq!(status, Some(1), "{said}");
    assert_eq!(stock(&house), 0);
}

async fn a_user_named_by_the_file_gets_the_token(backend: Backend) {
    let house = house(backend);
    let file = fixture("entra.csv");
    let (status, said) = tried(&house, &["credential", "import", &file], "");
    assert_eq!(status, Some(1), "nobody of that name is there");
    assert!(said.contains("line 2, upn"), "{said}");
    assert_eq!(stock(&house), 0);
    house.admin(&["user", "add", "ann@example.com", "--account", "mss:acme"]);
    house.admin(&["credential", "import", &file]);
    let hers = house.admin(&["credential", "show", "ET90000001"]);
    assert_eq!((&hers["state"], &hers["user"]), (&"assigned".into(), &"ann@example.com".into()), "{hers}");
    assert_eq!(
        (&hers["history"][0]["event"], &hers["history"][0]["by"]),
        (&"assigned".into(), &"import".into())
    );
    let other = house.admin(&["credential", "show", "et-9000 0002"]);
    assert_eq!(
        (&other["state"], &other["history"]),
        (&"stocked".into(), &Value::Array(Vec::new())),
        "{other}"
    );
}

/// A file of that many credentials.
fn many(house: &House, keys: u32) -> String {
    let file = house.file("many.xml");
    pskc_file::write(&file, keys, Protection::Plain).unwrap();
    file.display().to_string()
}

/// The number that a variable of the environment has, or the usual one.
fn number(variable: &str, usual: u32) -> u32 {
    std::env::var(variable).map_or(usual, |text| text.parse().expect("a number"))
}

async fn an_import_that_is_killed_brought_all_or_nothing(backend: Backend) {
    let (kills, keys) = (number("COUNTERSIGN_TEST_KILLS", 10), number("COUNTERSIGN_TEST_KEYS", 5_000));
    let whole = house(backend);
    let file = many(&whole, keys);
    let began = Instant::now();
    whole.admin(&["credential", "import", &file]);
    let takes = began.elapsed();
    let house = house(backend);
    let file = many(&house, keys);
    let (mut nothing, mut all) = (0, 0);
    for kill in 0..kills {
        let mut import = command();
        import.args(["credential", "import", &file, "--config"]).arg(house.config());
        import.current_dir(house.config().parent().unwrap()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut import = import.spawn().unwrap();
        let moment = f64::from(u32::from_be_bytes(secret::random::<4>())) / f64::from(u32::MAX);
        tokio::time::sleep(Duration::from_secs_f64(takes.as_secs_f64() * moment * 1.1)).await;
        import.kill().unwrap();
        let finished = import.wait().unwrap().success();
        let there = stock(&house);
        assert!(there == 0 || there == u64::from(keys), "kill {kill} left {there} of {keys}");
        assert!(!finished || there == u64::from(keys), "kill {kill}: done, and not there");
        (if there == 0 { &mut nothing } else { &mut all }).add_assign(1);
        house.sql("DELETE FROM credential");
    }
    println!(
        "{kills} imports of {keys} keys killed on {backend:?}: {nothing} brought nothing, {all} brought all"
    );
    // What the killed ones left is in nobody's way.
    house.admin(&["credential", "import", &file]);
    assert_eq!(stock(&house), u64::from(keys));
}

async fn of_two_imports_of_a_file_one_brings_it(backend: Backend) {
    const ROWS: u32 = 2_000;
    let house = house(backend);
    let file = many(&house, ROWS);
    let both = [0, 1].map(|_| {
        let mut import = command();
        import.args(["credential", "import", &file, "--config"]).arg(house.config());
        import.current_dir(house.config().parent().unwrap()).stdout(Stdio::null()).stderr(Stdio::piped());
        import.spawn().unwrap()
    });
    let ends = both.map(|import| import.wait_with_output().unwrap());
    let won = ends.iter().filter(|done| done.status.success()).count();
    let said: Vec<_> = ends.iter().map(|done| String::from_utf8_lossy(&done.stderr)).collect();
    assert_eq!((won, stock(&house)), (1, u64::from(ROWS)), "{said:?}");
}
