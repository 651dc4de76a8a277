//! PSKC, the Portable Symmetric Key Container: RFC 6030.
//!
//! A container's head says how it is encrypted; its packages come one by one, each forgotten before the next. Which
//! parts are read, and which are refused, is in `docs/credentials.md`. A signature of the container is not checked:
//! the file has to come from its maker by a way that is trusted.

mod element;
mod key;
mod protection;
mod ration;

use std::collections::VecDeque;
use std::io::BufRead;

pub use protection::FileKey;

use super::{Reading, RowError, SeedRow};
use element::{Element, Parts};
use key::Key;
use protection::Protection;

/// The name space of RFC 6030 §11.1.
const NAMESPACE: &str = "urn:ietf:params:xml:ns:keyprov:pskc";

/// The keys of a container, in order.
pub(super) struct Packages<R> {
    parts: Parts<R>,
    protection: Protection,
    file_key: Option<FileKey>,
    now: i64,
    /// Keys of the package last read.
    waiting: VecDeque<Result<SeedRow, RowError>>,
    ended: bool,
}

impl<R: BufRead> Packages<R> {
    /// Begins reading: the container.
    pub(super) fn open(file: R, reading: &Reading) -> Result<Self, RowError> {
        let mut parts = Parts::new(file);
        let root = parts.root()?;
        if root.name != "KeyContainer" || root.namespace() != Some(NAMESPACE) {
            let what = "this XML is no PSKC container";
            let fix = format!("have the file made as RFC 6030 has it, with a KeyContainer of {NAMESPACE}");
            return Err(RowError::row(root.line, what, fix));
        }
        // §4.1: the version MUST be "1.0".
        if root.attribute("Version") != Some("1.0") {
            return Err(RowError::row(root.line, "this version of PSKC is unknown", "have version 1.0 made"));
        }
        let (file_key, now) = (reading.key.clone(), reading.now);
        let protection = Protection::default();
        Ok(Self { parts, protection, file_key, now, waiting: VecDeque::new(), ended: false })
    }

    /// The next key.
    pub(super) fn next(&mut self) -> Option<Result<SeedRow, RowError>> {
        loop {
            if let Some(row) = self.waiting.pop_front() {
                return Some(row);
            }
            if self.ended {
                return None;
            }
            let part = match self.parts.next() {
                Ok(None) => {
                    self.ended = true;
                    continue;
                }
                Ok(Some(part)) => self.take(&part),
                Err(error) => Err(error),
            };
            if let Err(error) = part {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }

    fn take(&mut self, part: &Element) -> Result<(), RowError> {
        match part.name.as_str() {
            "EncryptionKey" => self.protection.encryption_key(part, self.file_key.as_ref()),
            "MACMethod" => self.protection.mac_method(part),
            "KeyPackage" => {
                let (protection, now) = (&self.protection, self.now);
                let key = |key| Key { package: part, key, protection, now }.row();
                self.waiting.extend(part.each("Key").map(key));
                if self.waiting.is_empty() {
                    let fix = "have the file made with its keys";
                    self.waiting.push_back(Err(RowError::row(part.line, "this package has no key", fix)));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
