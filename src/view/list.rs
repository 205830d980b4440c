//! Lists whose items keep their place in the page as long as their key is in the list.

use leptos::{
    prelude::{AnyView, Mountable, Owner, Render},
    tachys::{
        renderer::{Rndr, types::Placeholder},
        view::any_view::AnyViewState,
    },
};
use web_sys::Node;

/// What a list shall show.
pub(crate) struct List {
    /// Owns what items own; it outlives each drawing of the list.
    pub parent: Owner,
    /// In order.
    pub items: Vec<Item>,
}

/// An item, drawn only if it was not in the list before.
pub(crate) struct Item {
    /// Tells it apart from all others.
    pub key: String,
    /// Draws it.
    pub draw: Box<dyn FnOnce() -> AnyView + Send>,
}

/// A list that stands in the page.
pub(crate) struct Standing {
    rows: Vec<Row>,
    end: Placeholder,
}

/// The fields are dropped in this order: what stands in the page before what it follows.
struct Row {
    key: String,
    state: AnyViewState,
    _owner: Owner,
}

impl Row {
    #[inline(never)]
    fn new(item: Item, parent: &Owner) -> Self {
        let owner = parent.with(Owner::new);
        let state = owner.with(|| (item.draw)().build());
        Self { key: item.key, state, _owner: owner }
    }
}

impl Render for List {
    type State = Standing;

    fn build(self) -> Standing {
        let Self { parent, items } = self;
        let rows = items.into_iter().map(|item| Row::new(item, &parent)).collect();
        Standing { rows, end: Rndr::create_placeholder() }
    }

    fn rebuild(self, state: &mut Standing) {
        let Self { parent, items } = self;
        let mut old: Vec<_> = std::mem::take(&mut state.rows).into_iter().map(Some).collect();
        // Items come mostly in the order they had, so the search begins behind the last one found.
        // Who stands behind all that stay so far stays; others are moved.
        let (mut from, mut floor) = (0, 0);
        let mut rows = Vec::with_capacity(items.len());
        for item in items {
            let is_it = |(_, row): &(usize, &mut Option<Row>)| {
                row.as_ref().is_some_and(|row| row.key == item.key)
            };
            let (before, behind) = old.split_at_mut(from);
            let behind = (from..).zip(behind).find(is_it);
            match behind.or_else(|| (0..).zip(before).find(is_it)) {
                Some((at, row)) => {
                    rows.extend(row.take().map(|row| (row, at >= floor)));
                    floor = floor.max(at + 1);
                    from = at + 1;
                }
                None => rows.push((Row::new(item, &parent), false)),
            }
        }
        for mut row in old.into_iter().flatten() {
            row.state.unmount();
        }
        // From the last to the first: each is put before the one that is behind it already.
        while let Some((mut row, stays)) = rows.pop() {
            let behind = state.rows.last();
            let is_placed =
                stays || behind.is_some_and(|it| it.state.insert_before_this(&mut row.state));
            if !is_placed {
                state.end.insert_before_this(&mut row.state);
            }
            state.rows.push(row);
        }
        state.rows.reverse();
    }
}

impl Mountable for Standing {
    fn unmount(&mut self) {
        for row in &mut self.rows {
            row.state.unmount();
        }
        self.end.unmount();
    }

    fn mount(&mut self, parent: &web_sys::Element, marker: Option<&Node>) {
        for row in &mut self.rows {
            row.state.mount(parent, marker);
        }
        self.end.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self.rows.first() {
            Some(row) if row.state.insert_before_this(child) => true,
            _ => self.end.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<web_sys::Element> {
        self.rows.iter().flat_map(|row| row.state.elements()).collect()
    }
}

crate::view::in_a_browser!(List, Standing);
