//! References to elements: one type of signal holds them all, whatever kind they are.

use std::{fmt, marker::PhantomData};

use leptos::tachys::html::element::ElementType;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::RwSignal;

type Held = Option<SendWrapper<Element>>;

/// An element once it stands in the page. A handle. `E` is its kind, as `leptos::html` names it.
pub struct NodeRef<E>(RwSignal<Held>, PhantomData<fn() -> E>);

impl<E> Clone for NodeRef<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for NodeRef<E> {}

impl<E> fmt::Debug for NodeRef<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NodeRef")
    }
}

impl<E> Default for NodeRef<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E> NodeRef<E> {
    /// A reference to nothing yet, of the owner it is made under.
    pub fn new() -> Self {
        Self(RwSignal::new(None), PhantomData)
    }

    /// The element stands now.
    pub(crate) fn load(&self, element: &Element) {
        self.0.set(Some(SendWrapper::new(element.clone())));
    }
}

impl<E: ElementType<Output: JsCast>> NodeRef<E> {
    /// The element, followed.
    pub fn get(&self) -> Option<E::Output> {
        of_kind(self.0.get())
    }

    /// The element as it is now.
    pub fn get_untracked(&self) -> Option<E::Output> {
        of_kind(self.0.get_untracked())
    }

    /// The element as it is now; none either when the owner of the reference is gone.
    pub fn try_get_untracked(&self) -> Option<E::Output> {
        of_kind(self.0.try_get_untracked().flatten())
    }
}

fn of_kind<T: JsCast>(held: Held) -> Option<T> {
    Some(held?.take().unchecked_into())
}
