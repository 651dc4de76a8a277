//! Comma-separated values: ours, Entra ID's, OATH lists, Yubico's log; and how any file is recognized.
#![no_main]

use countersign_identity_fuzz::{read, seed_file::Format};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The length chooses the format, so that the seeds stay files as they are.
    let formats = [None, Some(Format::Own), Some(Format::Entra), Some(Format::Oath), Some(Format::Yubico)];
    read(data, formats[data.len() % formats.len()], None);
});
