//! Signals, memos and parts of views that cost the bundle one instantiation in all.
//!
//! Leptos compiles its signals anew for every type of value, and memos, effects, lists and conditions
//! for every closure: together they made up half of the panel. Here values and closures are boxed at
//! the door, so that the reactive graph knows one type of value and the view few types of parts. The
//! names are those of Leptos: an import of them shadows the prelude's, everything else stays.

mod local;
mod node;
mod parts;

use std::{any::Any, fmt, marker::PhantomData, ops::Deref, sync::Arc};

use leptos::prelude::{
    self as inner, GetValue as _, Notify as _, Read as _, ReadUntracked, Set as _, Track as _,
    UntrackableGuard as _, Write as _,
};

pub use local::Local;
pub use node::NodeRef;
pub use parts::{For, Show, effect, part, settled};

type Erased = Box<dyn Any + Send + Sync>;
type Written = inner::RwSignal<Erased>;
type Computed = inner::Memo<Erased>;

/// What the value is; each signal and memo is only ever given values of its own type.
fn typed<T: 'static>(value: &Erased) -> &T {
    match (**value).downcast_ref() {
        Some(value) => value,
        None => unreachable!("a signal holds one type"),
    }
}

fn typed_mut<T: 'static>(value: &mut Erased) -> &mut T {
    match (**value).downcast_mut() {
        Some(value) => value,
        None => unreachable!("a signal holds one type"),
    }
}

/// A value that is being read; while it is held the value cannot be written.
pub struct Read<T, G> {
    guard: G,
    of: PhantomData<fn() -> T>,
}

impl<T, G> Read<T, G> {
    fn new(guard: G) -> Self {
        Self { guard, of: PhantomData }
    }
}

impl<T: 'static, G: Deref<Target = Erased>> Deref for Read<T, G> {
    type Target = T;

    fn deref(&self) -> &T {
        typed(&self.guard)
    }
}

impl<T: fmt::Debug + 'static, G: Deref<Target = Erased>> fmt::Debug for Read<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// A signal that can be read and written. A handle: copying it copies no state.
pub struct RwSignal<T>(Written, PhantomData<fn() -> T>);

/// A value that follows from others, worked out again when they change. A handle.
pub struct Memo<T>(Computed, PhantomData<fn() -> T>);

macro_rules! readable {
    ($name:ident, $inner:ty) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }

        impl<T: 'static> $name<T> {
            /// The value, followed.
            pub fn read(&self) -> Read<T, <$inner as ReadUntracked>::Value> {
                Read::new(self.0.read())
            }

            /// The value as it is now.
            pub fn read_untracked(&self) -> Read<T, <$inner as ReadUntracked>::Value> {
                Read::new(self.0.read_untracked())
            }

            /// What `look` makes of the value, followed.
            pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
                look(&self.read())
            }

            /// What `look` makes of the value as it is now.
            pub fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
                look(&self.read_untracked())
            }

            /// Follows the value without looking at it.
            pub fn track(&self) {
                self.0.track();
            }
        }

        impl<T: Clone + 'static> $name<T> {
            /// A copy of the value, followed.
            pub fn get(&self) -> T {
                self.read().clone()
            }

            /// A copy of the value as it is now.
            pub fn get_untracked(&self) -> T {
                self.read_untracked().clone()
            }

            /// A copy of the value as it is now; none when its owner is gone.
            pub fn try_get_untracked(&self) -> Option<T> {
                self.0.try_read_untracked().map(|value| typed::<T>(&value).clone())
            }
        }

        impl<T: Clone + 'static> From<$name<T>> for Signal<T> {
            fn from(value: $name<T>) -> Self {
                Self::derive(move || value.get())
            }
        }

        impl<T: Clone + Send + Sync + 'static> From<$name<T>> for inner::Signal<T> {
            fn from(value: $name<T>) -> Self {
                Self::derive(move || value.get())
            }
        }
    };
}

readable!(RwSignal, Written);
readable!(Memo, Computed);

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// A signal of the owner it is made under.
    pub fn new(value: T) -> Self {
        Self(Written::new(Box::new(value)), PhantomData)
    }

    /// Writes a value and tells who follows.
    pub fn set(&self, value: T) {
        self.0.set(Box::new(value));
    }

    /// Writes unless the owner is gone.
    pub fn try_set(&self, value: T) {
        // What comes back is the value that nobody wants any more.
        drop(self.0.try_set(Box::new(value)));
    }

    /// Changes the value in place and tells who follows.
    pub fn update(&self, change: impl FnOnce(&mut T)) {
        change(typed_mut(&mut self.0.write()));
    }

    /// Changes the value in place and tells nobody; none when the owner is gone.
    pub fn try_update_untracked<R>(&self, change: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut guard = self.0.try_write()?;
        guard.untrack();
        Some(change(typed_mut(&mut guard)))
    }

    /// Tells who follows.
    pub fn notify(&self) {
        self.0.notify();
    }
}

impl<T: Default + Send + Sync + 'static> Default for RwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: PartialEq + Send + Sync + 'static> Memo<T> {
    /// A memo of the owner it is made under; `compute` is given the value before.
    pub fn new(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self {
        let compute = move |old: Option<&Erased>| -> Erased { Box::new(compute(old.map(typed))) };
        Self(computed(Box::new(compute), changed::<T>), PhantomData)
    }
}

/// A value that is worked out whenever it is asked for. A handle.
pub struct Signal<T>(inner::StoredValue<Derived>, PhantomData<fn() -> T>);

type Derived = Arc<dyn Fn() -> Box<dyn Any> + Send + Sync>;

impl<T> Clone for Signal<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Signal<T> {}

impl<T> fmt::Debug for Signal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signal")
    }
}

impl<T: 'static> Signal<T> {
    /// What `compute` gives.
    pub fn derive(compute: impl Fn() -> T + Send + Sync + 'static) -> Self {
        let compute: Derived = Arc::new(move || Box::new(compute()));
        Self(inner::StoredValue::new(compute), PhantomData)
    }

    /// A value that stays.
    pub fn stored(value: T) -> Self
    where
        T: Clone + Send + Sync,
    {
        Self::derive(move || value.clone())
    }

    /// The value; what it follows from is followed.
    pub fn get(&self) -> T {
        match derived(&self.0).downcast() {
            Ok(value) => *value,
            Err(_) => unreachable!("a signal holds one type"),
        }
    }

    /// The value as it is now.
    pub fn get_untracked(&self) -> T {
        inner::untrack(|| self.get())
    }

    /// What `look` makes of the value.
    pub fn with<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.get())
    }

    /// What `look` makes of the value as it is now.
    pub fn with_untracked<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.get_untracked())
    }
}

#[inline(never)]
fn derived(compute: &inner::StoredValue<Derived>) -> Box<dyn Any> {
    // Not called under the lock of the store: it may make signals of its own.
    let compute = compute.get_value();
    compute()
}

impl<T: Default + 'static> Default for Signal<T> {
    fn default() -> Self {
        Self::derive(T::default)
    }
}

impl From<&'static str> for Signal<&'static str> {
    fn from(value: &'static str) -> Self {
        Self::stored(value)
    }
}

impl From<&'static str> for Signal<String> {
    fn from(value: &'static str) -> Self {
        Self::derive(move || value.to_owned())
    }
}

impl From<String> for Signal<String> {
    fn from(value: String) -> Self {
        Self::stored(value)
    }
}

impl<T: Clone + Send + Sync + 'static> From<inner::Signal<T>> for Signal<T> {
    fn from(value: inner::Signal<T>) -> Self {
        Self::derive(move || inner::Get::get(&value))
    }
}

impl<T: Clone + Send + Sync + 'static> From<inner::RwSignal<T>> for Signal<T> {
    fn from(value: inner::RwSignal<T>) -> Self {
        Self::derive(move || inner::Get::get(&value))
    }
}

impl<T: Send + Sync + 'static> From<Signal<T>> for inner::Signal<T> {
    fn from(value: Signal<T>) -> Self {
        Self::derive(move || value.get())
    }
}

type Compute = Box<dyn Fn(Option<&Erased>) -> Erased + Send + Sync>;
type Changed = fn(Option<&Erased>, Option<&Erased>) -> bool;

fn changed<T: PartialEq + 'static>(old: Option<&Erased>, new: Option<&Erased>) -> bool {
    old.map(typed::<T>) != new.map(typed::<T>)
}

#[inline(never)]
fn computed(compute: Compute, changed: Changed) -> Computed {
    Computed::new_with_compare(compute, changed)
}

#[cfg(test)]
mod tests {
    use leptos::prelude::Owner;

    use super::*;

    #[test]
    fn a_memo_follows_what_it_reads_and_knows_what_it_was() {
        Owner::new().with(|| {
            let count = RwSignal::new(2_u32);
            let highest =
                Memo::new(move |old: Option<&u32>| count.get().max(old.copied().unwrap_or(0)));
            let text = Memo::new(move |_| highest.read().to_string());
            assert_eq!(text.get_untracked(), "2");
            count.update(|n| *n += 5);
            assert_eq!(text.get_untracked(), "7");
            count.set(1);
            assert_eq!((count.get_untracked(), text.get_untracked().as_str()), (1, "7"));
        });
    }

    #[test]
    fn an_untold_change_is_seen_once_it_is_told() {
        Owner::new().with(|| {
            let names = RwSignal::new(vec!["Ada"]);
            let n_names = Memo::new(move |_| names.with(Vec::len));
            assert_eq!(n_names.get_untracked(), 1);
            assert_eq!(names.try_update_untracked(|names| names.push("Bob")), Some(()));
            assert_eq!(n_names.get_untracked(), 1);
            names.notify();
            assert_eq!(n_names.get_untracked(), 2);
        });
    }

    #[test]
    fn a_derived_value_is_followed_through_its_signal() {
        Owner::new().with(|| {
            let count = RwSignal::new(1_u32);
            let text = Signal::derive(move || format!("{} people", count.get()));
            let length = Memo::new(move |_| text.with(String::len));
            assert_eq!(length.get_untracked(), 8);
            count.set(10);
            assert_eq!((length.get_untracked(), text.get_untracked().as_str()), (9, "10 people"));
            assert_eq!(Signal::from(count).get_untracked(), 10);
            assert_eq!(Signal::<String>::from("Ada").get_untracked(), "Ada");
        });
    }

    #[test]
    fn who_lost_the_owner_is_told() {
        let owner = Owner::new();
        let signal = owner.with(|| RwSignal::new(1));
        assert_eq!(signal.try_get_untracked(), Some(1));
        owner.cleanup();
        assert_eq!(signal.try_get_untracked(), None);
        assert_eq!(signal.try_update_untracked(|n| *n), None);
        signal.try_set(2);
    }
}
