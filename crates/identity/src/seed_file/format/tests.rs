use super::super::{Reading, RowError, SeedFile, SeedRow};
use super::*;
use crate::oath::Kind;

const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn read(text: &str) -> (Option<Format>, Vec<Result<SeedRow, RowError>>) {
    match SeedFile::open(text.as_bytes(), &Reading::default()) {
        Ok(file) => (Some(file.format()), file.collect()),
        Err(error) => (None, vec![Err(error)]),
    }
}

/// What matters of the rows of a file that is all right: ID, kind, digits, period, counter.
fn rows(text: &str, format: Format) -> Vec<(String, Kind, u32, u32, i64)> {
    let (found, rows) = read(text);
    assert_eq!(found, Some(format), "{rows:?}");
    let rows = rows.into_iter().map(|row| row.unwrap()).inspect(|row| {
        assert_eq!(row.seed.bytes(), b"12345678901234567890");
    });
    rows.map(|row| (row.credential_id, row.kind, row.digits, row.period, row.counter)).collect()
}

fn error(text: &str) -> String {
    let (_, rows) = read(text);
    let error = rows.into_iter().find_map(Result::err).unwrap_or_else(|| panic!("{text} was read"));
    let text = error.to_string();
    assert!(!text.contains(&HEX[..8]) && !text.contains(&BASE32[..8]), "{text}");
    text
}

#[test]
fn entra_rows_are_time_based_and_may_name_an_address() {
    let text = format!(
        "upn,serial number,secret key,time interval,manufacturer,model\n\
         ann@example.com,1234567,{BASE32},30,Contoso,HardwareKey\n,avt-1234568,{BASE32},60,,\n"
    );
    let expected = [("1234567".into(), Kind::Time, 6, 30, 0), ("AVT1234568".into(), Kind::Time, 6, 60, 0)];
    assert_eq!(rows(&text, Format::Entra), expected);
    let (_, rows) = read(&text);
    let users: Vec<_> = rows.into_iter().map(|row| row.unwrap().user).collect();
    assert_eq!(users, [Some("ann@example.com".to_owned()), None]);
    assert!(error("upn,serial number,time interval\n").contains("the column secret key is missing"));
    assert!(error(&text.replace("60", "6")).starts_with("line 3, time interval: "));
}

#[test]
fn oath_lists_are_event_based_unless_they_say_otherwise() {
    let text = format!("# tokens\nT001, {HEX}, totp, 8, 60\nT002,{HEX},HOTP\nT003,{HEX}\n");
    let expected = [
        ("T001".into(), Kind::Time, 8, 60, 0),
        ("T002".into(), Kind::Event, 6, 0, 0),
        ("T003".into(), Kind::Event, 6, 0, 0),
    ];
    assert_eq!(rows(&text, Format::Oath), expected);
    assert!(error(&format!("T001,{HEX},totp\nT002,{HEX},ocra\n")).starts_with("line 2, type: "));
    assert!(
        error(&format!("T001,{HEX},totp\nT002,{BASE32},totp\n")).starts_with("line 2, key: this is not hex")
    );
}

#[test]
fn a_bare_list_could_be_anything_and_is_refused_unless_named() {
    for text in [format!("T001,{HEX}\n"), format!("T001,{BASE32}\n")] {
        let error = error(&text);
        assert!(error.contains("two columns") && error.contains("--format oath"), "{error}");
    }
    let reading = Reading { format: Some(Format::Oath), ..Reading::default() };
    let file = format!("T001,{HEX}\n");
    let rows: Vec<_> = SeedFile::open(file.as_bytes(), &reading).unwrap().collect();
    assert_eq!(rows[0].as_ref().unwrap().kind, Kind::Event);
}

#[test]
fn what_is_no_format_is_refused_with_their_names() {
    for text in
        ["a,b,c\n1,2,3\n", "serial;key\n", "hello\n", "PK\u{3}\u{4}", "{\"a\":1}", &format!("{HEX}\n")]
    {
        let error = error(text);
        assert!(error.contains("countersign, entra, oath, yubico, otpauth, vipaccess, pskc"), "{error}");
    }
    assert!(error("").starts_with("line 1: the file is empty"));
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("upn".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let error = SeedFile::open(utf16.as_slice(), &Reading::default()).err().unwrap();
    assert_eq!(error.what, "the file is not UTF-8");
}

#[test]
fn both_forms_of_yubicos_log_are_read() {
    let text = format!(
        "LOGGING START,11/12/26 10:10\n\
         OATH-HOTP,11/12/26 10:11,1,ubhe12345678,,{HEX},,,0,0,0,8,0,0,0,0,0,0\n\
         508326,,0,{HEX},,2026-11-12T10:11:12,\n"
    );
    let expected = [("UBHE12345678".into(), Kind::Event, 8, 0, 0), ("508326".into(), Kind::Event, 6, 0, 0)];
    assert_eq!(rows(&text, Format::Yubico), expected);
    assert_eq!(read(&format!("508326,,0,{HEX},,2026-11-12T10:11:12,\n")).0, Some(Format::Yubico));
    let otp = format!("Yubico OTP,11/12/26 10:11,1,vvccccbtvtvd,1a2b3c4d5e6f,{},,\n", &HEX[..32]);
    assert!(error(&otp).contains("no event-based OATH token"));
}

#[test]
fn otpauth_uris_are_read_with_the_label_of_vip_access() {
    let text = format!(
        "otpauth://totp/VIP%20Access:SYMC12345678?secret={BASE32}&issuer=Symantec&digits=6&algorithm=SHA1&period=30\n\
         OTPAUTH://HOTP/UBHE12345678?counter=1&secret={}\n",
        BASE32.to_lowercase()
    );
    let expected =
        [("SYMC12345678".into(), Kind::Time, 6, 30, 0), ("UBHE12345678".into(), Kind::Event, 6, 0, 1)];
    assert_eq!(rows(&text, Format::Otpauth), expected);
    for (uri, expected) in [
        (
            format!("otpauth://totp/SYMC12345678?secret={BASE32}&algorithm=SHA256"),
            "algorithm: only tokens with SHA-1",
        ),
        (format!("otpauth://hotp/UBHE12345678?secret={BASE32}"), "counter: an event-based token needs"),
        (format!("otpauth://totp/ann@example.com?secret={BASE32}"), "label: this is no Credential ID"),
        (
            format!("otpauth://totp/SYMC12345678?secret={BASE32}&secret={BASE32}"),
            "secret: this is there twice",
        ),
        (format!("otpauth://steam/SYMC12345678?secret={BASE32}"), "type: this is no type taken here"),
        ("otpauth://totp/SYMC12345678?secret=MZXW6".into(), "secret: a seed has 16 to 64 bytes"),
        ("otpauth://totp/SYMC12345678".into(), "this is no otpauth:// URI"),
    ] {
        assert!(error(&uri).contains(expected), "{}", error(&uri));
    }
}

#[test]
fn a_vipaccess_file_is_one_credential() {
    let text = format!("version 1\nsecret {BASE32}\nid SYMC12345678\nexpiry 2029-11-25T00:00:00Z\n");
    assert_eq!(rows(&text, Format::VipAccess), [("SYMC12345678".into(), Kind::Time, 6, 30, 0)]);
    let (_, read) = read(&text);
    assert_eq!(read[0].as_ref().unwrap().expires_at, Some(1_890_259_200));
    for (wrong, expected) in [
        (text.replace("version 1", "version 2"), "line 1, version: this version is unknown"),
        (text.replace("id SYMC12345678\n", ""), "there is no id"),
        (format!("{text}{text}"), "line 5, version: this is there twice"),
        (text.replace("expiry", "colour"), "line 4: this is no line of a .vipaccess file"),
        (text.replace("2029-11-25T00:00:00Z", "later"), "line 4, expiry: this is no date"),
    ] {
        assert!(error(&wrong).starts_with(expected) || error(&wrong).contains(expected), "{}", error(&wrong));
    }
}
