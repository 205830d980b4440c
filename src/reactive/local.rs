//! A place for what belongs to the browser's one thread: elements, closures, timers.

use std::{any::Any, cell::RefCell, fmt, marker::PhantomData, rc::Rc};

use leptos::prelude::{GetValue as _, LocalStorage, StoredValue};

/// A value that stays as long as the owner it is made under, and is followed by nobody. A handle.
pub struct Local<T>(StoredValue<Rc<dyn Any>, LocalStorage>, PhantomData<fn() -> T>);

impl<T> Clone for Local<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Local<T> {}

impl<T> fmt::Debug for Local<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Local")
    }
}

impl<T: 'static> Local<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(keep(Rc::new(RefCell::new(value))), PhantomData)
    }

    /// What `look` makes of the value; none when the owner is gone, or while somebody looks at it.
    pub fn with<R>(&self, look: impl FnOnce(&mut T) -> R) -> Option<R> {
        let kept = kept(&self.0)?;
        let mut value = kept.downcast_ref::<RefCell<T>>()?.try_borrow_mut().ok()?;
        Some(look(&mut value))
    }

    /// Puts another value in its place.
    pub fn set(&self, value: T) {
        // Dropped once nobody looks: dropping may lead back here.
        drop(self.with(|kept| std::mem::replace(kept, value)));
    }
}

impl<T: Clone + 'static> Local<T> {
    /// A copy of the value.
    pub fn get(&self) -> Option<T> {
        self.with(|value| value.clone())
    }
}

#[inline(never)]
fn keep(value: Rc<dyn Any>) -> StoredValue<Rc<dyn Any>, LocalStorage> {
    StoredValue::new_local(value)
}

#[inline(never)]
fn kept(value: &StoredValue<Rc<dyn Any>, LocalStorage>) -> Option<Rc<dyn Any>> {
    value.try_get_value()
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;

    use super::*;

    #[test]
    fn a_value_stays_as_long_as_its_owner() {
        let owner = Owner::new();
        let names = owner.with(|| Local::new(vec!["Ada"]));
        assert_eq!(names.with(|names| names.push("Bob")), Some(()));
        assert_eq!(names.get(), Some(vec!["Ada", "Bob"]));
        names.set(Vec::new());
        assert_eq!(names.with(|names| names.len()), Some(0));
        assert_eq!(names.with(|_| names.get()), Some(None), "one looks at a time");
        owner.cleanup();
        assert_eq!(names.get(), None);
    }
}
