//! What every stream of a call is told: the same thing, written out once.

use std::{ops::Deref, sync::OnceLock};

use bytes::Bytes;

/// Something on its way to every stream of a call. The first that needs it written out does so for
/// all: what a thousand operators see costs what one sees, and is in memory once.
#[derive(Debug)]
pub struct Told<T> {
    what: T,
    frame: OnceLock<Option<Bytes>>,
}

impl<T> Told<T> {
    /// Not written out yet.
    pub fn new(what: T) -> Self {
        Self { what, frame: OnceLock::new() }
    }

    /// As it goes out; `write` runs once, and is the same for everybody. None when it cannot be
    /// written.
    pub fn frame(&self, write: impl FnOnce(&T) -> Option<Bytes>) -> Option<Bytes> {
        self.frame.get_or_init(|| write(&self.what)).clone()
    }
}

impl<T> Deref for Told<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_out_once() {
        let told = Told::new(7);
        let mut written = 0;
        for _ in 0..3 {
            let frame = told.frame(|what| {
                written += 1;
                Some(Bytes::from(what.to_string()))
            });
            assert_eq!(frame.as_deref(), Some(b"7".as_slice()));
        }
        assert_eq!((written, *told), (1, 7));
    }
}
