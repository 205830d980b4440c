//! Elements in the page: made, changed in place, taken out.

use leptos::{
    prelude::{Mountable, Owner, Render, RenderEffect},
    tachys::{renderer::Rndr, view::any_view::AnyViewState},
};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Event, Node, Text};

use super::{Attribute, Child, Element, Kind, Place, Shape, Words, words_of};

const SVG: &str = "http://www.w3.org/2000/svg";

/// A finished element on its way into the page.
pub(super) struct Drawn(pub(super) SendWrapper<Element>);

/// An element that stands in the page.
pub(super) struct Standing {
    node: web_sys::Element,
    shape: &'static Shape,
    attributes: Vec<(&'static str, Kept)>,
    children: Vec<Piece>,
}

/// What keeps an attribute alive.
enum Kept {
    Nothing,
    Words(
        #[expect(dead_code, reason = "it runs until it is dropped")] RenderEffect<Option<String>>,
    ),
    Property(#[expect(dead_code, reason = "it runs until it is dropped")] RenderEffect<JsValue>),
    Listener(#[expect(dead_code, reason = "it hears until it is dropped")] Listener),
}

/// A child that stands in the page.
enum Piece {
    Text(Text, Option<Kept>),
    View(AnyViewState),
}

struct Listener {
    node: web_sys::Element,
    name: &'static str,
    hear: Closure<dyn FnMut(Event)>,
}

impl Listener {
    fn new(
        node: &web_sys::Element,
        name: &'static str,
        owner: Owner,
        mut hear: Box<dyn FnMut(Event)>,
    ) -> Self {
        let hear: Box<dyn FnMut(Event)> = Box::new(move |event| {
            #[cfg(debug_assertions)]
            let _untracked = leptos::reactive::diagnostics::SpecialNonReactiveZone::enter();
            owner.with(|| hear(event));
        });
        let hear = Closure::wrap(hear);
        warn(node.add_event_listener_with_callback(name, hear.as_ref().unchecked_ref()));
        Self { node: node.clone(), name, hear }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let hear = self.hear.as_ref().unchecked_ref();
        warn(self.node.remove_event_listener_with_callback(self.name, hear));
    }
}

#[inline(never)]
fn warn<T>(done: Result<T, JsValue>) {
    if let Err(error) = done {
        leptos::logging::warn!("the page refused a change: {}", words_of(error));
    }
}

/// Writes a value, or takes it away.
#[inline(never)]
fn write(node: &web_sys::Element, place: Place, name: &str, value: Option<&str>) {
    let style = || node.unchecked_ref::<web_sys::HtmlElement>().style();
    warn(match (place, value) {
        (Place::Attribute, Some(value)) => node.set_attribute(name, value),
        (Place::Attribute, None) => node.remove_attribute(name),
        (Place::Class, value) => {
            node.class_list().toggle_with_force(name, value.is_some()).map(drop)
        }
        (Place::Style, Some(value)) => style().set_property(name, value),
        (Place::Style, None) => style().remove_property(name).map(drop),
    });
}

impl Attribute {
    /// `fresh`: the element has just been made and has no attribute of this name.
    fn build(self, node: &web_sys::Element, fresh: bool) -> (&'static str, Kept) {
        let Self { name, kind } = self;
        let kept = match kind {
            Kind::Once(value) => {
                if !fresh || value.is_some() {
                    write(node, Place::Attribute, name, value.as_deref());
                }
                Kept::Nothing
            }
            Kind::Live(place, mut read) => {
                let node = node.clone();
                Kept::Words(RenderEffect::new(move |before: Option<Option<String>>| {
                    let now = read();
                    if before.or(fresh.then_some(None)).as_ref() != Some(&now) {
                        write(&node, place, name, now.as_deref());
                    }
                    now
                }))
            }
            Kind::Property(mut read) => {
                let node = node.clone();
                Kept::Property(RenderEffect::new(move |before: Option<JsValue>| {
                    let now = read();
                    if before.as_ref() != Some(&now) {
                        warn(js_sys::Reflect::set(&node, &name.into(), &now));
                    }
                    now
                }))
            }
            Kind::Listener(owner, hear) => Kept::Listener(Listener::new(node, name, owner, hear)),
            Kind::Reference(tell) => {
                tell(node);
                Kept::Nothing
            }
        };
        (name, kept)
    }
}

fn follow(text: &Text, mut read: Words) -> Kept {
    let text = text.clone();
    Kept::Words(RenderEffect::new(move |before: Option<Option<String>>| {
        let now = read();
        if before.as_ref() != Some(&now) {
            text.set_data(now.as_deref().unwrap_or_default());
        }
        now
    }))
}

impl Child {
    fn build(self) -> Piece {
        match self {
            Self::Words(words) => Piece::Text(Rndr::create_text_node(&words), None),
            Self::LiveWords(read) => {
                let text = Rndr::create_text_node("");
                let kept = follow(&text, read);
                Piece::Text(text, Some(kept))
            }
            Self::View(view) => Piece::View(view.build()),
        }
    }

    fn rebuild(self, piece: &mut Piece) {
        match (self, piece) {
            (Self::Words(words), Piece::Text(text, kept)) => {
                *kept = None;
                text.set_data(&words);
            }
            (Self::LiveWords(read), Piece::Text(text, kept)) => *kept = Some(follow(text, read)),
            (Self::View(view), Piece::View(state)) => view.rebuild(state),
            (it, piece) => {
                let mut new = it.build();
                piece.insert_before_this(&mut new);
                piece.unmount();
                *piece = new;
            }
        }
    }
}

impl Render for Drawn {
    type State = Standing;

    #[inline(never)]
    fn build(self) -> Standing {
        let Element { shape, attributes, children } = self.0.take();
        let node = Rndr::create_element(shape.tag, shape.svg.then_some(SVG));
        for (name, value) in shape.fixed {
            write(&node, Place::Attribute, name, Some(value));
        }
        let children = children.into_iter().map(|child| {
            let mut piece = child.build();
            piece.mount(&node, None);
            piece
        });
        let children = children.collect();
        let attributes = attributes.into_iter().map(|it| it.build(&node, true)).collect();
        Standing { node, shape, attributes, children }
    }

    #[inline(never)]
    fn rebuild(self, state: &mut Standing) {
        let new = &*self.0;
        let names = new.attributes.iter().map(|it| it.name);
        let fits = new.shape == state.shape
            && new.children.len() == state.children.len()
            && names.eq(state.attributes.iter().map(|(name, _)| *name));
        if !fits {
            let mut new = self.build();
            state.insert_before_this(&mut new);
            state.unmount();
            *state = new;
            return;
        }
        let Element { attributes, children, .. } = self.0.take();
        for (child, piece) in children.into_iter().zip(&mut state.children) {
            child.rebuild(piece);
        }
        for (attribute, kept) in attributes.into_iter().zip(&mut state.attributes) {
            *kept = attribute.build(&state.node, false);
        }
    }
}

impl Mountable for Standing {
    fn unmount(&mut self) {
        self.node.remove();
    }

    fn mount(&mut self, parent: &web_sys::Element, marker: Option<&Node>) {
        self.node.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.node.insert_before_this(child)
    }

    fn elements(&self) -> Vec<web_sys::Element> {
        vec![self.node.clone()]
    }
}

impl Mountable for Piece {
    fn unmount(&mut self) {
        match self {
            Self::Text(text, _) => text.unmount(),
            Self::View(view) => view.unmount(),
        }
    }

    fn mount(&mut self, parent: &web_sys::Element, marker: Option<&Node>) {
        match self {
            Self::Text(text, _) => text.mount(parent, marker),
            Self::View(view) => view.mount(parent, marker),
        }
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        match self {
            Self::Text(text, _) => text.insert_before_this(child),
            Self::View(view) => view.insert_before_this(child),
        }
    }

    fn elements(&self) -> Vec<web_sys::Element> {
        match self {
            Self::Text(..) => Vec::new(),
            Self::View(view) => view.elements(),
        }
    }
}

crate::view::in_a_browser!(Drawn, Standing);
