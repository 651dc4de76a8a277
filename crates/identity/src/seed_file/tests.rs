use super::*;

const HEX: &str = "3132333435363738393031323334353637383930";
const BASE32: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const ALL: &str = "credential_id,kind,seed_hex,digits,step,counter,organization,expires_at";

fn own() -> Reading {
    Reading { format: Some(Format::Own), ..Reading::default() }
}

fn rows(text: &str) -> Vec<Result<SeedRow, RowError>> {
    match SeedFile::open(text.as_bytes(), &own()) {
        Ok(file) => file.collect(),
        Err(error) => vec![Err(error)],
    }
}

fn only(text: &str) -> SeedRow {
    let mut rows = rows(text);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0).unwrap()
}

/// The errors of a file, as a person reads them.
fn errors(text: &str) -> Vec<String> {
    rows(text).into_iter().filter_map(Result::err).map(|error| error.to_string()).collect()
}

fn error(text: &str) -> String {
    let mut errors = errors(text);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors.remove(0)
}

#[test]
fn a_row_with_every_column_is_read() {
    let row = only(&format!("{ALL}\nSYMC12345678,time,{HEX},8,60,,acme,2031-12-31\n"));
    assert_eq!((row.line, row.credential_id.as_str(), row.kind), (2, "SYMC12345678", Kind::Time));
    assert_eq!(row.seed.bytes(), b"12345678901234567890");
    assert_eq!((row.digits, row.period, row.counter), (8, 60, 0));
    assert_eq!(row.organization.as_deref(), Some("acme"));
    assert_eq!(row.expires_at, Some(1_956_441_600));
}

#[test]
fn defaults_stand_for_columns_and_fields_left_out() {
    for text in [
        format!("seed_base32,credential_id,kind\n{BASE32},SYMC12345678,time\n"),
        format!("{ALL}\nSYMC12345678,time,{HEX},,,,,"),
        format!("\u{feff}Kind , CREDENTIAL_ID,Seed_Hex\r\n time , symc 1234-5678 ,\"{HEX}\"\r\n"),
        "kind,credential_id,seed_base32\ntime,SYMC12345678,gezd gnbv gy3t qojq gezd gnbv gy3t qojq==\n"
            .to_owned(),
    ] {
        let row = only(&text);
        assert_eq!((row.credential_id.as_str(), row.kind), ("SYMC12345678", Kind::Time), "{text}");
        assert_eq!(row.seed.bytes(), b"12345678901234567890");
        assert_eq!((row.digits, row.period, row.counter), (6, 30, 0));
        assert_eq!((row.organization, row.expires_at), (None, None));
    }
}

#[test]
fn an_event_row_has_a_counter_and_no_period() {
    let row = only(&format!("{ALL}\nUBHE12345678,EVENT,{HEX},6,30,41,,\n"));
    assert_eq!((row.kind, row.period, row.counter), (Kind::Event, 0, 41));
}

#[test]
fn moments_are_read_in_three_forms() {
    for (text, at) in [
        ("2031-12-31", 1_956_441_600),
        ("2031-12-31T23:59:59Z", 1_956_527_999),
        ("2031-12-31T23:59:59+09:00", 1_956_495_599),
        ("1956441600", 1_956_441_600),
    ] {
        let row = only(&format!("{ALL}\nSYMC12345678,time,{HEX},,,,,{text}\n"));
        assert_eq!(row.expires_at, Some(at), "{text}");
    }
    for text in ["soon", "2031-02-30", "31.12.2031", "-1", "99999999999999", "2031-12-31T23:59:59"] {
        let file = format!("{ALL}\nSYMC12345678,time,{HEX},,,,,{text}\n");
        assert!(error(&file).starts_with("line 2, expires_at: this is no date; write 2031-12-31"), "{text}");
    }
}

#[test]
fn every_wrong_row_is_reported_with_its_line_and_what_to_do() {
    let file = format!(
        "{ALL}\n\
         SYMC12345678,time,{HEX},6,30,,acme,\n\
         SYM,time,{HEX},6,30,,acme,\n\
         SYMC00000002,totp,{HEX},6,30,,acme,\n\
         \n\
         SYMC00000003,time,{HEX}0,6,30,,acme,\n\
         SYMC00000004,time,3132,6,30,,acme,\n\
         SYMC00000005,time,{HEX},9,30,,acme,\n\
         SYMC00000006,time,{HEX},6,0,,acme,\n\
         SYMC00000007,time,{HEX},six,30,,acme,\n\
         SYMC00000008,time,{HEX},6,30,5,acme,\n\
         SYMC00000009,time,{HEX},6,30\n\
         symc-1234 5678,event,{HEX},6,30,,acme,\n\
         SYMC00000010,event,{HEX},6,30,99999999999999999999,acme,\n\
         SYMC00000011,time,,6,30,,acme,\n\
         SYMC00000012,time,{HEX},99999999999,30,,acme,\n"
    );
    assert_eq!(
        errors(&file),
        [
            "line 3, credential_id: this is no Credential ID; write the ID or serial number of the token, 4 to \
             100 letters and digits, such as SYMC12345678",
            "line 4, kind: this is neither of the two kinds; write time or event",
            "line 6, seed_hex: this is not hexadecimal, or has an odd number of digits; write 0-9 and A-F, or \
             name the column seed_base32",
            "line 7, seed_hex: a seed has 16 to 64 bytes, this one 2; write the whole seed, of 128 bits or more",
            "line 8, digits: codes have 6 to 8 digits, not 9; write 6, 7 or 8",
            "line 9, step: a time-based token's step is 10 to 300 seconds, not 0; write the seconds, 30 for \
             most tokens",
            "line 10, digits: this is no number, or too large a one; write digits only",
            "line 11, counter: a time-based token has no counter; leave it empty, or write event as its kind",
            "line 12: there are 5 fields where the header has 8; add or remove commas",
            "line 14, counter: this is no number, or too large a one; write digits only",
            "line 15, seed_hex: a seed has 16 to 64 bytes, this one 0; write the whole seed, of 128 bits or more",
            "line 16, digits: codes have 6 to 8 digits, not 4294967295; write 6, 7 or 8",
        ]
    );
    assert_eq!(rows(&file).into_iter().filter_map(Result::ok).count(), 2);
}

#[test]
fn a_wrong_header_is_explained() {
    for (file, expected) in [
        (
            "",
            "line 1: the file is empty; the first line must have credential_id, kind, and seed_base32 or seed_hex",
        ),
        ("kind,seed_hex\n", "line 1: the column credential_id is missing; "),
        ("credential_id,seed_hex\n", "line 1: the column kind is missing; "),
        ("credential_id,kind\n", "line 1: there is neither a column seed_base32 nor a column seed_hex; "),
        (
            "credential_id,kind,seed_hex,seed_base32\n",
            "line 1: there are both seed_base32 and seed_hex; keep ",
        ),
        ("credential_id,kind,kind,seed_hex\n", "line 1: the column kind is there twice; "),
        ("credential_id,kind,seed_hex,expire\n", "line 1: the column \"expire\" is unknown; the first line "),
        ("credential_id,kind,seed_hex,\n", "line 1: column 4 has no name; "),
        ("credential_id;kind;seed_hex\n", "line 1: the columns are not separated by commas; "),
    ] {
        assert!(error(file).starts_with(expected), "{file:?}: {}", error(file));
    }
    let utf16: Vec<u8> = "kind,x".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bytes = [&[0xff, 0xfe][..], &utf16].concat();
    let error = SeedFile::open(bytes.as_slice(), &own()).err().unwrap();
    assert_eq!(error.what, "the file is not UTF-8");
}

#[test]
fn malformed_rows_are_reported_with_their_line() {
    let good = format!("SYMC12345678,time,{HEX}");
    let header = "credential_id,kind,seed_hex\n";
    let unclosed = format!("{header}{good}\r\n\r\n\"SYMC00000002,time,{HEX}\r\nSYMC00000003,time,{HEX}\r\n");
    assert_eq!(errors(&unclosed), ["line 4: quotes are left open; close them on the same line".to_owned()]);
    assert_eq!(
        rows(&unclosed).into_iter().filter_map(Result::ok).map(|row| row.line).collect::<Vec<_>>(),
        [2, 5]
    );
    let long = format!("{header}{good}\n{},\n{good}\n", "x".repeat(lines::MAX_LINE));
    assert_eq!(
        errors(&long),
        ["line 3: the line is longer than 4096 bytes; end each row with a line break".to_owned()]
    );
    let bytes = [header.as_bytes(), b"SYMC\xff2345678,time,x\n", good.as_bytes(), b"\n"].concat();
    let rows: Vec<_> = SeedFile::open(bytes.as_slice(), &own()).unwrap().collect();
    assert_eq!(
        rows[0].as_ref().unwrap_err().to_string(),
        "line 2: the row is not UTF-8; save the file as UTF-8"
    );
    assert!(rows[1].is_ok());
}

#[test]
fn no_message_holds_a_seed() {
    // The seed in every place where it does not belong: instead of a header, and in each column.
    let mut files =
        vec![format!("SYMC12345678,time,{HEX}\n"), format!("{BASE32},kind\n"), format!("{HEX}\n")];
    for column in 0..8 {
        let mut fields = ["SYMC12345678", "time", "zz", "6", "30", "0", "acme", "soon"];
        fields[column] = BASE32;
        files.push(format!("{ALL}\n{}\n", fields.join(",")));
    }
    files.push(format!("{ALL}\nSYMC12345678,time,{HEX}!,,,,,\n"));
    files.push(format!("{ALL}\nSYMC12345678,time,\"{HEX}\n"));
    for file in files {
        for error in errors(&file) {
            let shown = format!("{error} {error:?}");
            for piece in [&HEX[..8], &HEX[20..28], &BASE32[..6], &BASE32[8..14]] {
                assert!(!shown.contains(piece), "{shown}");
            }
        }
        assert!(!errors(&file).is_empty(), "{file}");
    }
    let row = only(&format!("credential_id,kind,seed_hex\nSYMC12345678,time,{HEX}\n"));
    assert!(!format!("{row:?}").contains("49, 50"), "{row:?}");
}

#[test]
fn a_file_that_stops_being_readable_ends_with_its_cause() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the disk is gone"))
        }
    }
    let file = format!("credential_id,kind,seed_hex\nSYMC12345678,time,{HEX}\n");
    let rows: Vec<_> = SeedFile::open(file.as_bytes().chain(Broken), &own()).unwrap().collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    assert!(rows[0].is_ok());
    assert_eq!(rows[1].as_ref().unwrap_err().what, "the file can't be read: the disk is gone");
}

#[test]
fn credential_ids_are_read_as_people_type_them() {
    for (typed, id) in [
        ("SYMC12345678", Some("SYMC12345678")),
        (" symc 1234 5678 ", Some("SYMC12345678")),
        ("symc-1234-5678", Some("SYMC12345678")),
        ("SYMC\u{2011}12345678", Some("SYMC12345678")),
        ("avt333666999", Some("AVT333666999")),
        ("DP0309602929", Some("DP0309602929")),
        ("1000133508267", Some("1000133508267")),
        ("dp-03096,1", Some("DP03096,1")),
        // Nothing of an ID stands for anything but itself.
        ("VS*12345678", Some("VS*12345678")),
        ("ＳＹＭＣ　１２３４－５６７８", Some("SYMC12345678")),
        ("SYMC１２３４５６７８", Some("SYMC12345678")),
        ("", None),
        ("SYM", None),
        ("\u{17f}YMC12345678", None),
        ("SYMC_12345678", None),
        ("SYMC12345678;", None),
        ("SYMC%", None),
    ] {
        assert_eq!(credential_id(typed).as_deref(), id, "{typed:?}");
    }
    assert_eq!(credential_id(&" ".repeat(1_000)), None);
}
