use super::*;

const DEMO: [&str; 6] = [
    "deepsight@example.com",
    "mss@example.com",
    "both@example.com",
    "multi@example.com",
    "new-mss@example.com",
    "new-deepsight@example.com",
];

fn judged(password: &str, address: &str) -> Result<(), Refusal> {
    let address = Address::parse(address).unwrap();
    let words = ["Acme Corporation", "Northwind & Sons"];
    let context = Context { address: &address, words: &words, is_temporary: false };
    judge(&SecretString::from(password.to_owned()), context)
}

fn refused(password: &str) -> Option<Refusal> {
    judged(password, "kim.tanaka@harbour.example").err()
}

#[test]
fn the_demo_password_is_good_for_every_sample_person() {
    for address in DEMO {
        assert_eq!(judged("amber otter 42 lagoon", address), Ok(()), "{address}");
    }
}

#[test]
fn sp_800_63b_4_3_1_1_2_length_counts_code_points_and_nothing_else_is_demanded() {
    assert_eq!(refused("plumvexjarotik"), Some(Refusal::TooShort { have: 14, need: 15 }));
    assert_eq!(refused("plumvexjarotika"), None);
    assert_eq!(refused(""), Some(Refusal::TooShort { have: 0, need: 15 }));
    for good in [
        "plum vex jarotika",
        "PLUM VEX JAROTIKA",
        "839205716639402",
        "夏の夜は短いので早く寝ましょう",
        "Grüße aus dem Süden, Tante!",
        "🐙🦀🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍🐘",
        "symantec is where my cousin works",
        "the portal opens at dusk for nobody",
        "Tr0ub4dor&3 rides again at dawn",
    ] {
        assert_eq!(refused(good), None, "{good}");
    }
    // Composed, é is one character.
    assert_eq!(refused(&"e\u{301}a".repeat(7)), Some(Refusal::TooShort { have: 14, need: 15 }));
}

#[test]
fn long_passwords_are_good_up_to_the_limit() {
    let sentence = "seven herons quarrel over a dented kettle while the ferry unloads marble and turnips ";
    let long: String = sentence.chars().cycle().take(128).collect();
    assert_eq!(refused(&long), None);
    assert_eq!(refused(&format!("{long}x")), Some(Refusal::TooLong { limit: 128 }));
    assert_eq!(refused(&"x".repeat(1_000_000)), Some(Refusal::TooLong { limit: 128 }));
}

#[test]
fn common_words_and_phrases_are_refused() {
    for password in [
        "passwordpassword",
        "password12345678",
        "Password Password 2024",
        "p4ssw0rd P4SSW0RD!",
        "correct horse battery staple",
        "iloveyou iloveyou",
        "letmein letmein 2025!",
        "monkey dragon qwerty",
        "Summer2026Summer2026",
        "thisismypassword",
        "administrator123",
        "baseballfootball",
    ] {
        assert_eq!(refused(password), Some(Refusal::Common), "{password}");
    }
}

#[test]
fn rows_counts_and_repetitions_are_refused() {
    for password in [
        "aaaaaaaaaaaaaaa",
        "               ",
        "...............",
        "123456789012345",
        "098765432109876",
        "qwertyuiopasdfg",
        "1q2w3e4r5t6y7u8i",
        "!@#$%^&*()!@#$%^",
        "abcabcabcabcabc",
        "xk7qxk7qxk7qxk7q",
        "abababababababab",
        "zyxwvutsrqponml",
        "1 2 3 4 5 6 7 8 9 0",
        "ああああああああああああああああ",
    ] {
        assert_eq!(refused(password), Some(Refusal::Repetitive), "{password}");
    }
}

#[test]
fn asvs_6_2_11_words_of_the_context_are_refused_as_the_bulk_of_a_password() {
    for (password, word) in [
        ("symantec symantec 1", "symantec"),
        ("DeepSight-Symantec!", "deepsight"),
        ("Managed Security Services", "managed security services"),
        ("countersign 2026!", "countersign"),
        ("MSS VIP MSS VIP MSS", "mss"),
        ("kim.tanaka@harbour.example", "harbour.example"),
        ("tanaka tanaka 12", "tanaka"),
        ("Harbour.Harbour1", "harbour"),
        ("Acme Corporation 1", "Acme Corporation"),
        ("northwind northwind", "Northwind"),
    ] {
        match refused(password) {
            Some(Refusal::Context { word: found }) => assert_eq!(found, word, "{password}"),
            other => panic!("{password}: {other:?}"),
        }
    }
}

#[test]
fn the_temporary_password_is_not_taken_again() {
    let address = Address::parse("mss@example.com").unwrap();
    let context = Context { address: &address, words: &[], is_temporary: true };
    let password = SecretString::from("kq7wm3hx9tzp4cvn8rdb".to_owned());
    assert_eq!(judge(&password, context), Err(Refusal::SameAsTemporary));
    assert_eq!(judge(&password, Context { is_temporary: false, ..context }), Ok(()));
}
