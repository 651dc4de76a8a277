//! PSKC: plain, under the pre-shared key of RFC 6030's figure 6, and under the password of its figure 7.
#![no_main]

use countersign_identity_fuzz::read;
use countersign_identity_fuzz::seed_file::{Format, pskc::FileKey};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // A million rounds are allowed, and take their time: libFuzzer's -timeout is 5 s here.
    let rounds = data.windows(15).any(|part| part == b"IterationCount>");
    let password = FileKey::Password("qwerty".to_owned().into());
    let key = FileKey::pre_shared("12345678901234567890123456789012");
    read(data, Some(Format::Pskc), if rounds { Some(password) } else { key });
});
