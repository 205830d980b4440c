//! Waiting in the browser, with a way to be woken early.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::prelude::set_timeout_with_handle;
use wasm_bindgen_futures::JsFuture;

/// A wait that anybody who holds a copy can end early.
#[derive(Debug, Clone, Default)]
pub struct Pause {
    end: Rc<RefCell<Option<js_sys::Function>>>,
}

impl Pause {
    /// Waits `ms` milliseconds, or until [`Self::wake`].
    pub async fn wait(&self, ms: u32) {
        let slot = Rc::clone(&self.end);
        let promise = js_sys::Promise::new(&mut |resolve, _| {
            let timer = resolve.clone();
            slot.replace(Some(resolve));
            let fired = set_timeout_with_handle(
                move || {
                    // Resolving twice is harmless, and calling a resolver cannot throw.
                    drop(timer.call0(&wasm_bindgen::JsValue::NULL));
                },
                Duration::from_millis(ms.into()),
            );
            if fired.is_err() {
                leptos::logging::warn!("this page cannot wait");
            }
        });
        drop(JsFuture::from(promise).await);
        self.end.replace(None);
    }

    /// Ends the wait, if there is one.
    pub fn wake(&self) {
        if let Some(resolve) = self.end.take() {
            drop(resolve.call0(&wasm_bindgen::JsValue::NULL));
        }
    }
}

/// Waits `ms` milliseconds.
pub async fn sleep(ms: u32) {
    Pause::default().wait(ms).await;
}
