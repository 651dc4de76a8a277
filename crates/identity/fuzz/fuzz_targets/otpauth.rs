//! `otpauth://` URIs.
#![no_main]

use countersign_identity_fuzz::{read, seed_file::Format};

libfuzzer_sys::fuzz_target!(|data: &[u8]| read(data, Some(Format::Otpauth), None));
