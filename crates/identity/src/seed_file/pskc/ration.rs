//! Input in rations: no part of a file, however it is made, takes more memory than one.

use std::io::{BufRead, Error, Read, Result};

/// Bytes that one package may have, and everything before and between packages.
pub(super) const RATION: usize = 64 * 1024;

/// A reader that fails when a ration is used up before the next is allowed, and counts lines.
pub(super) struct Rationed<R> {
    inner: R,
    left: usize,
    /// The line it is on, from 1.
    pub(super) line: u64,
}

impl<R> Rationed<R> {
    pub(super) fn new(inner: R) -> Self {
        Self { inner, left: RATION, line: 1 }
    }

    /// Allows another ration.
    pub(super) fn allow(&mut self) {
        self.left = RATION;
    }

    /// Whether the ration is used up.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}

impl<R: BufRead> BufRead for Rationed<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.left == 0 {
            return Err(Error::other("the ration is used up"));
        }
        let there = self.inner.fill_buf()?;
        Ok(&there[..there.len().min(self.left)])
    }

    fn consume(&mut self, amount: usize) {
        if amount == 0 {
            return;
        }
        // What is consumed has been read already: this reads nothing, and cannot fail.
        if let Ok(there) = self.inner.fill_buf() {
            let lines = there.iter().take(amount).filter(|byte| **byte == b'\n').count();
            self.line += u64::try_from(lines).unwrap_or(0);
        }
        self.left = self.left.saturating_sub(amount);
        self.inner.consume(amount);
    }
}

impl<R: BufRead> Read for Rationed<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let there = self.fill_buf()?;
        let length = there.len().min(into.len());
        into[..length].copy_from_slice(&there[..length]);
        self.consume(length);
        Ok(length)
    }
}
