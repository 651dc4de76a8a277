//! The parsers of `countersign-identity`, by themselves, and what must hold of whatever they read.

#[path = "../../src/oath/mod.rs"]
pub mod oath;
#[path = "../../src/seed_file/mod.rs"]
pub mod seed_file;

use seed_file::pskc::FileKey;
use seed_file::{Format, Reading, SeedFile, credential_id};

/// Reads a file in that format, or in the one it is recognized as.
///
/// # Panics
/// When a row that was read is none that may be imported.
pub fn read(data: &[u8], format: Option<Format>, key: Option<FileKey>) {
    let reading = Reading { format, key, now: 1_764_000_000 };
    let Ok(file) = SeedFile::open(data, &reading) else { return };
    for row in file {
        match row {
            Ok(row) => {
                assert_eq!(credential_id(&row.credential_id), Some(row.credential_id.clone()));
                assert!((16..=64).contains(&row.seed.bytes().len()));
                assert!((6..=8).contains(&row.digits) && row.counter >= 0 && row.drift.abs() <= 64);
            }
            Err(error) => assert!(error.to_string().len() < 1_000),
        }
    }
}
