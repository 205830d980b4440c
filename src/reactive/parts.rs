//! Parts of views and effects whose closures are boxed before Leptos sees them.

use std::sync::{Arc, Mutex};

use leptos::{
    children::ViewFn, either::Either, prelude::*, tachys::reactive_graph::SharedReactiveFunction,
};

use super::RwSignal;
use crate::view::{Item, List};

/// A part of a view that is made anew when what it reads changes.
pub fn part(make: impl FnMut() -> AnyView + Send + 'static) -> AnyView {
    let make: SharedReactiveFunction<AnyView> = Arc::new(Mutex::new(make));
    make.into_any()
}

/// Runs once after the view stands, and again whenever what it reads changes.
pub fn effect(run: impl FnMut() + 'static) {
    erased_effect(Box::new(run));
}

#[inline(never)]
fn erased_effect(run: Box<dyn FnMut()>) {
    Effect::new(run);
}

/// A value that follows from others, told to those who follow only once it has become another. A memo
/// asks every one of its followers to look whenever anything it reads may have changed; where very many
/// look at one memo, and most of its changes are none, this is what to use. It changes a little later
/// than what it follows from, in the same frame.
pub fn settled<T: PartialEq + Send + Sync + 'static>(
    compute: impl Fn() -> T + 'static,
) -> RwSignal<T> {
    let value = RwSignal::new(untrack(&compute));
    effect(move || {
        let next = compute();
        if value.with_untracked(|old| *old != next) {
            value.set(next);
        }
    });
    value
}

/// Its children while a condition holds, else the fallback or nothing.
#[component(transparent)]
pub fn Show<W>(
    /// What is shown while it holds.
    children: ChildrenFn,
    /// The condition.
    when: W,
    /// What is shown while it does not.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView
where
    W: Fn() -> bool + Send + Sync + 'static,
{
    shown(Box::new(when), children, fallback)
}

#[inline(never)]
fn shown(
    when: Box<dyn Fn() -> bool + Send + Sync>,
    children: ChildrenFn,
    fallback: ViewFn,
) -> AnyView {
    let holds = ArcMemo::new(move |_| when());
    let view =
        move || if holds.get() { Either::Left(children()) } else { Either::Right(fallback.run()) };
    view.into_any()
}

/// A list whose items keep their place in the page as long as their key is in it.
#[component(transparent)]
pub fn For<T, E, K, C, N>(
    /// The items in order.
    each: E,
    /// Tells an item apart from all others.
    key: K,
    /// Draws an item that came.
    children: C,
) -> impl IntoView
where
    T: Send + 'static,
    E: Fn() -> Vec<T> + Send + 'static,
    K: Fn(&T) -> String + Send + 'static,
    C: Fn(T) -> N + Send + Sync + 'static,
    N: IntoView + 'static,
{
    let children = Arc::new(children);
    items(Box::new(move || {
        let values = each();
        // `collect` would try to do it in the place of the values, by much code for every type.
        let mut items = Vec::with_capacity(values.len());
        for value in values {
            let children = Arc::clone(&children);
            let key = key(&value);
            items.push(Item { key, draw: Box::new(move || children(value).into_any()) });
        }
        items
    }))
}

#[inline(never)]
fn items(each: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    let parent = Owner::current().unwrap_or_default();
    let each = move || List { parent: parent.clone(), items: each() };
    each.into_any()
}
