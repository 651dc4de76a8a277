//! The block memory of one hashing thread.

use argon2::Block;

/// At least this many blocks of 1 KiB are asked for, though not touched. The system's allocator hands
/// requests above 32 MiB to the kernel and gives them back when freed; smaller ones it learns to keep, and the
/// memory of a quiet server would stay as large as that of a busy one.
const RESERVED: usize = 33 * 1024;

/// Blocks that are used again from one hash to the next.
#[derive(Default)]
pub(super) struct Memory(Vec<Block>);

impl Memory {
    /// Works on `count` blocks. A count that grew replaces the memory.
    pub(super) fn with<R>(&mut self, count: usize, work: impl FnOnce(&mut [Block]) -> R) -> R {
        if self.0.len() != count {
            self.release();
            let mut blocks = Vec::with_capacity(count.max(RESERVED));
            blocks.resize(count, Block::new());
            self.0 = blocks;
        }
        work(&mut self.0)
    }

    /// Gives the memory back.
    pub(super) fn release(&mut self) {
        self.0 = Vec::new();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_used_again_and_given_back() {
        let mut memory = Memory::default();
        let first = memory.with(64, |blocks| blocks.as_ptr());
        assert_eq!(memory.with(64, |blocks| blocks.as_ptr()), first);
        assert_eq!(memory.with(128, |blocks| blocks.len()), 128);
        memory.release();
        assert_eq!(memory.0.capacity(), 0);
    }
}
