//! `countersign doctor`: says what is wrong with what the provider stands on, and changes nothing.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;

use conformance_tests::backend::Backend;
use conformance_tests::house::{House, ISSUER, write_private};
use conformance_tests::server::{command, run};
use countersign_store::Keyring;
use serde_json::Value;

conformance_tests::on_both_databases!(
    a_provider_in_order_is_said_to_be,
    each_thing_that_is_wrong_is_named_with_what_to_do,
    another_master_key_is_found_out,
);

/// What it found by check, and whether it failed.
fn doctor(house: &House) -> (bool, BTreeMap<String, (String, String)>) {
    let done = house.run(&["doctor", "--json"], "");
    let rows: Value = serde_json::from_slice(&done.stdout).unwrap();
    let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
    let rows = rows.as_array().unwrap().iter();
    let rows = rows.map(|row| (text(row, "check"), (text(row, "found"), text(row, "detail"))));
    (done.status.success(), rows.collect())
}

#[track_caller]
fn finds(house: &House, check: &str, found: &str, said: &str) {
    let (well, rows) = doctor(house);
    let (what, detail) = rows.get(check).unwrap_or_else(|| panic!("{check} is not in {rows:?}"));
    assert!(what == found && detail.contains(said), "{check}: {what}, {detail}");
    assert_eq!(well, !rows.values().any(|(what, _)| what == "problem"), "{rows:?}");
}

async fn a_provider_in_order_is_said_to_be(backend: Backend) {
    let house = House::serve(backend);
    let (well, rows) = doctor(&house);
    assert!(well && rows.values().all(|(found, _)| found == "ok"), "{rows:?}");
    for check in ["configuration", "mail server", "master key", "database", "signing keys", "mail queue"] {
        assert!(rows.contains_key(check), "{check} is not in {rows:?}");
    }
    // For people, it is a table.
    let done = house.run(&["doctor"], "");
    assert!(String::from_utf8_lossy(&done.stdout).contains("RS256"), "{done:?}");
}

async fn each_thing_that_is_wrong_is_named_with_what_to_do(backend: Backend) {
    // Nobody listens on port 1; and no server runs that would send what waits.
    let house = House::build(backend, ISSUER, "");
    let text = std::fs::read_to_string(house.config()).unwrap();
    let lines = text.lines().map(|line| match line.starts_with("mail.url") {
        true => "mail.url = 'smtp://user:canary-3471@127.0.0.1:1'",
        false => line,
    });
    write_private(house.config(), &lines.collect::<Vec<_>>().join("\n"));
    finds(&house, "mail server", "problem", "SMTP");
    finds(&house, "signing keys", "warning", "the server makes them");
    house.sql(
        "INSERT INTO mail (id, sealed, created_at, next_attempt_at, attempts) VALUES ('1', '', 0, 0, 0)",
    );
    finds(&house, "mail queue", "problem", "1 wait");
    house.admin(&["org", "add", "acme", "--name", "Acme"]);
    house.sql("UPDATE organization SET validator = 'vip-service'");
    finds(&house, "VIP service", "problem", "not set up");
    std::fs::set_permissions(house.file("master.key"), PermissionsExt::from_mode(0o644)).unwrap();
    finds(&house, "master key", "problem", "chmod 600");
    let done = house.run(&["doctor"], "");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!((done.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(!format!("{done:?}").contains("canary-3471"), "{done:?}");
    // A schema of before, and one of later.
    house.sql("DELETE FROM seaql_migrations WHERE version = (SELECT MAX(version) FROM seaql_migrations)");
    finds(&house, "database", "warning", "countersign migrate");
    house.sql("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2999_later', 0)");
    finds(&house, "database", "problem", "");
    write_private(house.config(), &format!("{text}\nno.such.key = 1\n"));
    finds(&house, "configuration", "problem", "no.such.key");
}

async fn another_master_key_is_found_out(backend: Backend) {
    let house = House::serve(backend);
    let key = house.file("master.key");
    let (_, other) = Keyring::generate();
    write_private(&key, &other);
    finds(&house, "master key", "problem", "which the file does not hold");
    std::fs::remove_file(&key).unwrap();
    finds(&house, "master key", "warning", "does not exist");
    assert!(!key.exists(), "it makes nothing");
}

#[tokio::test]
async fn what_is_not_there_yet_is_not_made() {
    let house = House::build(Backend::Sqlite, ISSUER, "");
    let missing = house.file("missing.db");
    let mut doctor = command();
    doctor.args(["doctor", "--config"]).arg(house.config());
    doctor.env("COUNTERSIGN__DATABASE__URL", format!("sqlite://{}", missing.display()));
    let done = run(doctor, "");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.contains("countersign migrate"), "{done:?}");
    assert!(!missing.exists());
}
