//! The Welcome Packet, printed by the program.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::{House, ISSUER};
use conformance_tests::token::Token;

conformance_tests::on_both_databases!(a_packet_says_what_a_customer_needs_and_no_secret);

async fn a_packet_says_what_a_customer_needs_and_no_secret(backend: Backend) {
    let cast = Cast::new(House::build(backend, ISSUER, ""));
    let human = cast.provision("ann@example.test", &["mss:acme"]);
    let token = human.token.expect("a token");
    let id = token.credential_id.as_str();
    let file = cast.house.file("packet.html").display().to_string();
    for (language, word) in [("en", "Welcome Packet"), ("ja", "ウェルカムパケット")] {
        let done = cast.house.run(&["credential", "packet", id, "--language", language], "");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let page = String::from_utf8(done.stdout).unwrap();
        for part in [word, id, "ann@example.test", ISSUER, "soc@example.test", "Symantec"] {
            assert!(page.contains(part), "{part} is not in {page}");
        }
        let hex: String = token.seed.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!page.to_lowercase().contains(&hex) && !page.contains("<script"), "{page}");
        let written =
            cast.house.admin(&["credential", "packet", id, "--language", language, "--output", &file]);
        assert_eq!(written["language"], language);
        assert_eq!(std::fs::read_to_string(&file).unwrap(), page);
        let told = cast.house.admin(&["credential", "packet", id, "--language", language]);
        assert_eq!(told["html"], page);
    }
    // One that is nobody's, one that is out of use, a language there is not.
    let spare = Token::event();
    cast.import(&spare);
    let refused = |arguments: &[&str]| {
        let done = cast.house.run(&[&["credential", "packet"], arguments].concat(), "");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!((done.status.code(), said.lines().count()), (Some(1), 1), "{said}");
        said
    };
    assert!(refused(&[&spare.credential_id]).contains("credential assign"));
    assert!(refused(&[id, "--language", "tlh"]).contains("--language en or ja"));
    cast.house.admin(&["credential", "lost", id]);
    assert!(refused(&[id]).contains("is lost"));
}
