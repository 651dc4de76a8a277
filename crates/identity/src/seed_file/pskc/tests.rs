use super::super::{Format, SeedFile};
use super::*;
use crate::oath::Kind;

const FIGURE_2: &str = include_str!("../../../fuzz/seeds/pskc/rfc6030-figure2.xml");
const FIGURE_6: &str = include_str!("../../../fuzz/seeds/pskc/rfc6030-figure6.xml");
const FIGURE_7: &str = include_str!("../../../fuzz/seeds/pskc/rfc6030-figure7.xml");

fn key() -> Option<FileKey> {
    FileKey::pre_shared("12345678901234567890123456789012")
}

fn password(text: &str) -> Option<FileKey> {
    Some(FileKey::Password(text.to_owned().into()))
}

fn read(text: &str, key: Option<FileKey>) -> Vec<Result<SeedRow, RowError>> {
    let reading = Reading { key, now: 1_764_000_000, ..Reading::default() };
    match SeedFile::open(text.as_bytes(), &reading) {
        Ok(file) => {
            assert_eq!(file.format(), Format::Pskc);
            file.collect()
        }
        Err(error) => vec![Err(error)],
    }
}

fn only(text: &str, key: Option<FileKey>) -> SeedRow {
    let mut rows = read(text, key);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0).unwrap()
}

fn error(text: &str, key: Option<FileKey>) -> String {
    let error = read(text, key).into_iter().find_map(Result::err);
    error.unwrap_or_else(|| panic!("{text} was read")).to_string()
}

/// A container of one plain key, whose parts come from the caller.
fn plain(attributes: &str, inside: &str) -> String {
    format!(
        "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\"><KeyPackage>\
         <Key Id=\"SYMC12345678\" Algorithm=\"urn:ietf:params:xml:ns:keyprov:pskc:totp\" {attributes}>{inside}\
         <Data><Secret><PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</PlainValue></Secret></Data></Key></KeyPackage></KeyContainer>"
    )
}

fn with_data(data: &str) -> String {
    plain("", "").replace("</Data>", &format!("{data}</Data>"))
}

#[test]
fn rfc_6030_figure_2_is_read_and_its_seed_of_four_bytes_refused() {
    assert_eq!(
        error(FIGURE_2, None),
        "line 7, Secret: a seed has 16 to 64 bytes, this one 4; write the whole seed, of 128 bits or more"
    );
    let row = only(&FIGURE_2.replace("MTIzNA==", "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="), None);
    assert_eq!((row.credential_id.as_str(), row.kind, row.counter), ("12345678", Kind::Event, 0));
    assert_eq!(row.seed.bytes(), b"12345678901234567890");
}

#[test]
fn rfc_6030_figure_6_opens_with_its_pre_shared_key() {
    let row = only(FIGURE_6, key());
    assert_eq!((row.credential_id.as_str(), row.kind, row.digits), ("987654321", Kind::Event, 8));
    assert_eq!(row.seed.bytes(), b"12345678901234567890");
    assert!(error(FIGURE_6, None).contains("--key-file"));
    assert!(error(FIGURE_6, password("qwerty")).contains("--key-file"));
}

#[test]
fn rfc_6030_figure_7_opens_with_its_password() {
    let row = only(FIGURE_7, password("qwerty"));
    assert_eq!((row.credential_id.as_str(), row.kind, row.digits), ("987654321", Kind::Event, 8));
    assert_eq!(row.seed.bytes(), b"12345678901234567890");
    assert!(error(FIGURE_7, None).contains("--password-file"));
    assert!(error(FIGURE_7, key()).contains("--password-file"));
    // A password of one wrong letter either doesn't open the MAC's key, or opens another.
    let wrong = error(FIGURE_7, password("qwertz"));
    assert!(wrong.contains("does not open") || wrong.contains("another key, or changed"), "{wrong}");
}

#[test]
fn rfc_6030_6_1_1_a_changed_value_is_refused_by_its_mac_before_it_is_decrypted() {
    // Each of these leaves the padding right or wrong in its own way; all of them read the same.
    for (from, to) in [
        ("OD+cIHIt", "OD+cIHIu"),
        ("AAECAwQF", "AAECAwQG"),
        ("Su+NvtQf", "Su+NvtQg"),
        ("XIjwZqIUqGv", "XIjwZqIUqGw"),
    ] {
        let changed = FIGURE_6.replace(from, to);
        if changed == FIGURE_6 {
            continue;
        }
        assert!(error(&changed, key()).contains("encrypted with another key, or changed"), "{from}");
    }
    assert!(FIGURE_6.contains("AAECAwQF") && FIGURE_6.contains("Su+NvtQf"));
    let without =
        FIGURE_6.replace("<ValueMAC>Su+NvtQfmvfJzF6bmQiJqoLRExc=\n                    </ValueMAC>", "");
    assert_ne!(without, FIGURE_6);
    assert!(error(&without, key()).contains("this has no MAC"));
    let other = FIGURE_6.replace("hmac-sha1", "hmac-md5");
    assert!(error(&other, key()).contains("MAC algorithm is not taken"));
}

#[test]
fn a_key_id_is_a_vip_tokens_or_the_serial_number_is() {
    let package = plain("", "");
    assert_eq!(only(&package, None).credential_id, "SYMC12345678");
    let both =
        package.replace("<KeyPackage>", "<KeyPackage><DeviceInfo><SerialNo>2600123</SerialNo></DeviceInfo>");
    assert_eq!(only(&both, None).credential_id, "SYMC12345678");
    assert_eq!(only(&both.replace("SYMC12345678", "key-1"), None).credential_id, "2600123");
    assert!(error(&package.replace("SYMC12345678", "!"), None).contains("Key Id: this is no Credential ID"));
}

#[test]
fn data_and_dates_are_taken_over() {
    let row = only(
        &with_data(
            "<TimeInterval><PlainValue>60</PlainValue></TimeInterval><TimeDrift><PlainValue>-3</PlainValue></TimeDrift><Time><PlainValue>0</PlainValue></Time>",
        ),
        None,
    );
    assert_eq!((row.period, row.drift, row.counter), (60, -3, 0));
    let hotp = with_data("<Counter><PlainValue>41</PlainValue></Counter>").replace("pskc:totp", "pskc:hotp");
    assert_eq!((only(&hotp, None).counter, only(&hotp, None).period), (41, 0));
    let life = "<Policy><StartDate>2006-05-01T00:00:00Z</StartDate><ExpiryDate>2031-12-31T00:00:00Z</ExpiryDate></Policy>";
    assert_eq!(only(&plain("", life), None).expires_at, Some(1_956_441_600));
    for (inside, expected) in [
        (
            "<Policy><StartDate>2099-01-01T00:00:00Z</StartDate></Policy>",
            "StartDate: this key may not be used yet",
        ),
        ("<Policy><ExpiryDate>soon</ExpiryDate></Policy>", "ExpiryDate: this is no date"),
        ("<Policy><KeyUsage>Encrypt</KeyUsage></Policy>", "KeyUsage: "),
        ("<Policy><PINPolicy PINUsageMode=\"Prepend\"/></Policy>", "PINPolicy: "),
        ("<Policy><NumberOfTransactions>9</NumberOfTransactions></Policy>", "Policy: it has a rule"),
        (
            "<AlgorithmParameters><Suite>HMAC-SHA256</Suite></AlgorithmParameters>",
            "Suite: only tokens with SHA-1",
        ),
        (
            "<AlgorithmParameters><ResponseFormat Encoding=\"HEXADECIMAL\"/></AlgorithmParameters>",
            "ResponseFormat: ",
        ),
        (
            "<AlgorithmParameters><ResponseFormat Length=\"9\"/></AlgorithmParameters>",
            "ResponseFormat: codes have 6 to 8",
        ),
    ] {
        assert!(error(&plain("", inside), None).contains(expected), "{inside}");
    }
    assert!(error(&with_data("<Time><PlainValue>7</PlainValue></Time>"), None).contains("Time: steps that"));
    assert!(
        error(&with_data("<TimeDrift><PlainValue>65</PlainValue></TimeDrift>"), None).contains("TimeDrift: ")
    );
    assert!(
        error(&plain("", "").replace("pskc:totp", "pskc:pin"), None).contains("this algorithm is not taken")
    );
}

#[test]
fn a_wrong_package_does_not_keep_the_next_from_being_read() {
    let good = plain("", "");
    let package = &good[good.find("<KeyPackage>").unwrap()..good.find("</KeyContainer>").unwrap()];
    let three =
        good.replace(package, &format!("{package}\n{}\n{package}", package.replace("pskc:totp", "pskc:pin")));
    let rows = read(&three, None);
    assert_eq!(rows.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(rows[1].as_ref().unwrap_err().line, 2);
    let none = good.replace(package, "<KeyPackage><DeviceInfo/></KeyPackage>");
    assert!(error(&none, None).contains("this package has no key"));
}

#[test]
fn what_is_no_container_is_refused() {
    let good = plain("", "");
    for (text, expected) in [
        (good.replace("keyprov:pskc\"", "keyprov:pskc:1.0\""), "no PSKC container"),
        (good.replace("KeyContainer", "KeyBox"), "no PSKC container"),
        (good.replace("Version=\"1.0\"", "Version=\"2.0\""), "this version of PSKC is unknown"),
        (good[..good.len() - 20].to_owned(), "not"),
        (format!("{good}<more/>"), "something follows"),
        (good.replace("<KeyPackage>", "MTIzNDU2<KeyPackage>"), "text between the packages"),
        (format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>{good}"), "not UTF-8"),
        ("<".into(), "not"),
    ] {
        let error = error(&text, None);
        assert!(error.contains(expected) || (expected == "not" && error.contains("line 1: ")), "{error}");
    }
}

#[test]
fn files_built_to_exhaust_a_reader_are_refused() {
    let laughs = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">{}]><KeyContainer>&lol9;</KeyContainer>",
        (1..10).map(|n| format!("<!ENTITY lol{n} \"{}\">", "&lol;".repeat(10))).collect::<String>()
    );
    assert!(error(&laughs, None).contains("has a DTD"));
    let entity = plain("", "<Issuer>&lol;</Issuer>");
    assert!(error(&entity, None).contains("entity other than XML's own five"));
    let open = "<KeyContainer Version=\"1.0\" xmlns=\"urn:ietf:params:xml:ns:keyprov:pskc\">";
    assert!(error(&format!("{open}{}", "<a>".repeat(100_000)), None).contains("nested deeper than 32"));
    let many: String = (0..80_000).map(|n| format!(" a{n}=\"\"")).collect();
    assert!(
        error(&format!("{open}<KeyPackage{many}/></KeyContainer>"), None).contains("larger than 65536 bytes")
    );
    let some: String = (0..40).map(|n| format!(" a{n}=\"\"")).collect();
    assert!(
        error(&format!("{open}<KeyPackage{some}/></KeyContainer>"), None).contains("more than 32 attributes")
    );
    let long = format!("{open}<KeyPackage>{}</KeyPackage></KeyContainer>", "x".repeat(100_000));
    assert!(error(&long, None).contains("larger than 65536 bytes"));
    let rounds = FIGURE_7.replace("<IterationCount>1000<", "<IterationCount>4000000000<");
    assert!(error(&rounds, password("qwerty")).contains("iterations are not 1 to 1000000"));
}

#[test]
fn keys_are_read_in_hexadecimal_or_base64_and_never_shown() {
    for text in ["12345678901234567890123456789012\n", "EjRWeJASNFZ4kBI0VniQEg==", "EjRWeJASNFZ4kBI0VniQEg"] {
        let Some(FileKey::PreShared(key)) = FileKey::pre_shared(text) else { panic!("{text}") };
        assert_eq!(key[..4], [0x12, 0x34, 0x56, 0x78], "{text}");
    }
    for text in ["", "1234", "not a key", "EjRWeJASNFZ4kBI0Vni"] {
        assert!(FileKey::pre_shared(text).is_none(), "{text}");
    }
    assert_eq!(format!("{:?} {:?}", key(), password("qwerty")), "Some(PreShared(…)) Some(Password(…))");
}
