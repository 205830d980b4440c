//! How much the queues of all calls hold together.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Bytes of notifications waiting or on their way, of all calls.
#[derive(Debug, Clone, Default)]
pub(in crate::http) struct Burden(Arc<AtomicUsize>);

/// The part of one notification in the [`Burden`], until it is dropped.
#[derive(Debug)]
pub(super) struct Part(Burden, usize);

impl Burden {
    /// Adds so many bytes for as long as what is returned lives.
    pub(super) fn part(&self, bytes: usize) -> Part {
        self.0.fetch_add(bytes, Ordering::AcqRel);
        Part(self.clone(), bytes)
    }

    /// All of it, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Acquire)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.0.0.fetch_sub(self.1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_is_no_burden() {
        let burden = Burden::default();
        let (one, two) = (burden.part(3), burden.part(4));
        drop(one);
        assert_eq!(burden.bytes(), 4);
        drop(two);
        assert_eq!(burden.bytes(), 0);
    }
}
