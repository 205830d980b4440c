//! Elements as data. The [`view!`](foldback_view::view) macro writes Leptos' notation as calls of
//! [`Element`], so that building, changing and mounting an element is compiled once and not for every
//! kind of element, attribute and closure. An import of it shadows the macro of Leptos' prelude.
//!
//! Everything around elements stays with Leptos: components, lists, conditions, the reactive graph.

mod drawn;
mod list;
mod only_here;

use std::{borrow::Cow, fmt};

use leptos::{
    ev::EventDescriptor,
    prelude::{AnyView, IntoAny, IntoMaybeErased, Owner, RenderHtml},
    tachys::{html::InertElement, view::iterators::StaticVec},
};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Event;

use crate::reactive::NodeRef;
use drawn::Drawn;
pub use foldback_view::view;
pub(crate) use list::{Item, List};
use only_here::in_a_browser;

/// What never changes of an element.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// Name of the element.
    pub tag: &'static str,
    /// It belongs to a drawing.
    pub svg: bool,
    /// Attributes that stay as they are.
    pub fixed: &'static [(&'static str, &'static str)],
}

/// An element that is being put together.
pub struct Element {
    shape: &'static Shape,
    attributes: Vec<Attribute>,
    children: Vec<Child>,
}

/// An attribute, property, style or listener of an element.
pub struct Attribute {
    name: &'static str,
    kind: Kind,
}

enum Kind {
    /// Written once.
    Once(Option<String>),
    /// Written anew when what it reads changes.
    Live(Place, Words),
    Property(Box<dyn FnMut() -> JsValue>),
    Listener(Owner, Box<dyn FnMut(Event)>),
    /// Told the element when it stands.
    Reference(Box<dyn FnOnce(&web_sys::Element)>),
}

/// Where a value that can change is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Attribute,
    Class,
    Style,
}

enum Child {
    Words(Cow<'static, str>),
    LiveWords(Words),
    View(AnyView),
}

type Words = Box<dyn FnMut() -> Option<String>>;

/// What an attribute or a text can be made of; without a value the attribute is absent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a text nor a condition",
    note = "a view that changes is made by `crate::reactive::part`, a value by a closure that stands here"
)]
pub trait Value {
    /// The words that stand in the page.
    fn value(self) -> Option<String>;
}

impl Value for String {
    fn value(self) -> Option<String> {
        Some(self)
    }
}

impl Value for &str {
    fn value(self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Value for bool {
    fn value(self) -> Option<String> {
        self.then(String::new)
    }
}

impl<V: Value> Value for Option<V> {
    fn value(self) -> Option<String> {
        self.and_then(V::value)
    }
}

fn words<V: Value>(mut read: impl FnMut() -> V + 'static) -> Words {
    Box::new(move || read().value())
}

impl Attribute {
    /// An attribute that is written anew when what it reads changes.
    pub fn live<V: Value>(name: &'static str, read: impl FnMut() -> V + 'static) -> Self {
        Self::of(name, Kind::Live(Place::Attribute, words(read)))
    }

    /// An attribute that stays as it is.
    pub fn once(name: &'static str, value: impl Value) -> Self {
        Self::of(name, Kind::Once(value.value()))
    }

    /// Hears an event. `E` is its type by the standard: `PointerEvent` for `pointerdown`.
    pub fn on<E: JsCast>(name: &'static str, mut hear: impl FnMut(E) + 'static) -> Self {
        Self::listener(name, Box::new(move |event| hear(event.unchecked_into())))
    }

    #[inline(never)]
    fn listener(name: &'static str, hear: Box<dyn FnMut(Event)>) -> Self {
        // What is heard runs under whoever drew the element, as with Leptos.
        Self::of(name, Kind::Listener(Owner::current().unwrap_or_default(), hear))
    }

    fn of(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
    }
}

/// What `{..}` in a tag takes.
#[derive(Debug)]
pub struct Attributes(Vec<Attribute>);

impl From<Attribute> for Attributes {
    fn from(attribute: Attribute) -> Self {
        Self(vec![attribute])
    }
}

impl From<Vec<Attribute>> for Attributes {
    fn from(attributes: Vec<Attribute>) -> Self {
        Self(attributes)
    }
}

impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shape.tag)
    }
}

impl Element {
    /// An element without children.
    #[inline(never)]
    pub fn new(shape: &'static Shape) -> Self {
        Self { shape, attributes: Vec::new(), children: Vec::new() }
    }

    /// Adds an attribute.
    #[inline(never)]
    pub fn attribute(&mut self, attribute: Attribute) {
        self.attributes.push(attribute);
    }

    /// Adds an attribute, or all of a list.
    pub fn attributes(&mut self, attributes: impl Into<Attributes>) {
        self.attributes.extend(attributes.into().0);
    }

    /// Adds an attribute that is written once.
    pub fn once(&mut self, name: &'static str, value: impl Value) {
        self.attribute(Attribute::of(name, Kind::Once(value.value())));
    }

    #[inline(never)]
    fn place(&mut self, place: Place, name: &'static str, read: Words) {
        self.attribute(Attribute::of(name, Kind::Live(place, read)));
    }

    /// Adds an attribute that is written anew when what it reads changes.
    pub fn live<V: Value>(&mut self, name: &'static str, read: impl FnMut() -> V + 'static) {
        self.place(Place::Attribute, name, words(read));
    }

    /// Adds a class while it has a value.
    pub fn class<V: Value>(&mut self, name: &'static str, read: impl FnMut() -> V + 'static) {
        self.place(Place::Class, name, words(read));
    }

    /// Adds a property of its style.
    pub fn style<V: Value>(&mut self, name: &'static str, read: impl FnMut() -> V + 'static) {
        self.place(Place::Style, name, words(read));
    }

    /// Adds a property of its style that stays.
    pub fn style_once(&mut self, name: &'static str, value: impl Value) {
        let value = value.value();
        self.place(Place::Style, name, Box::new(move || value.clone()));
    }

    /// Adds a property of the node.
    pub fn property<V: Into<JsValue>>(
        &mut self,
        name: &'static str,
        mut read: impl FnMut() -> V + 'static,
    ) {
        let read: Box<dyn FnMut() -> JsValue> = Box::new(move || read().into());
        self.attribute(Attribute::of(name, Kind::Property(read)));
    }

    /// Hears an event.
    pub fn on<E>(&mut self, _: E, name: &'static str, hear: impl FnMut(E::EventType) + 'static)
    where
        E: EventDescriptor,
        E::EventType: JsCast,
    {
        self.attribute(Attribute::on(name, hear));
    }

    /// Fills a reference once the element stands.
    pub fn node_ref<E: 'static>(&mut self, node: NodeRef<E>) {
        let tell: Box<dyn FnOnce(&web_sys::Element)> = Box::new(move |it| node.load(it));
        self.attribute(Attribute::of("", Kind::Reference(tell)));
    }

    /// Adds a text that stays.
    #[inline(never)]
    pub fn words(&mut self, words: &'static str) {
        self.children.push(Child::Words(words.into()));
    }

    /// Adds a text that is written anew when what it reads changes.
    pub fn live_words<V: Value>(&mut self, read: impl FnMut() -> V + 'static) {
        self.live_child(words(read));
    }

    #[inline(never)]
    fn live_child(&mut self, read: Words) {
        self.children.push(Child::LiveWords(read));
    }

    /// Adds a view.
    #[inline(never)]
    pub fn child(&mut self, view: AnyView) {
        self.children.push(Child::View(view));
    }

    /// The finished element.
    #[inline(never)]
    pub fn into_view(self) -> AnyView {
        Drawn(SendWrapper::new(self)).into_any()
    }
}

/// What the browser says of an error.
pub fn words_of(error: JsValue) -> String {
    js_sys::Object::from(error).to_string().into()
}

/// Any view of Leptos, its type forgotten.
pub fn any(view: impl RenderHtml) -> AnyView {
    erased(view.into_maybe_erased())
}

/// Without the switch that erases components the type is still there.
fn erased(view: impl IntoAny) -> AnyView {
    view.into_any()
}

/// A text that is written anew when what it reads changes.
pub fn live_plain<V: Value>(mut read: impl FnMut() -> V + Send + 'static) -> AnyView {
    crate::ui::text(move || read().value().unwrap_or_default())
}

/// Views beside each other.
#[inline(never)]
pub fn several(views: Vec<AnyView>) -> AnyView {
    StaticVec::from(views).into_any()
}

/// An element that never changes.
#[inline(never)]
pub fn inert(html: &'static str) -> AnyView {
    InertElement::new(html).into_any()
}

/// A text that stays.
#[inline(never)]
pub fn plain(words: &'static str) -> AnyView {
    words.into_any()
}
