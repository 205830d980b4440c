//! Elements and components.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use rstml::node::{Node, NodeBlock, NodeElement, NodeName};
use syn::{Expr, Stmt};

use crate::{attribute, fixed, live, nodes_of, view_of};

type Element = NodeElement<rstml::Infallible>;

/// Elements of drawings; HTML has none of these names.
const SVG: [&str; 14] = [
    "circle", "defs", "ellipse", "g", "line", "path", "polygon", "polyline", "rect", "svg",
    "symbol", "text", "tspan", "use",
];

/// Its name in the page: Leptos writes `use_` where Rust has a word of its own.
pub fn name(element: &Element) -> String {
    element.name().to_string().trim_end_matches('_').to_owned()
}

/// Whether it belongs to a drawing.
pub fn is_svg(name: &str) -> bool {
    SVG.contains(&name)
}

/// Whether it is a component: its name begins like a type's.
pub fn is_component(element: &Element) -> bool {
    let last = match element.name() {
        NodeName::Path(path) => path.path.segments.last().map(|it| it.ident.to_string()),
        _ => None,
    };
    last.is_some_and(|name| name.starts_with(char::is_uppercase))
}

/// The expression that a block is nothing but.
pub fn sole(block: &NodeBlock) -> Option<&Expr> {
    match block.try_block()?.stmts.as_slice() {
        [Stmt::Expr(it, None)] => Some(it),
        _ => None,
    }
}

/// The element or component as a view.
pub fn view(element: &Element) -> syn::Result<TokenStream> {
    if is_component(element) {
        return component(element);
    }
    if let Some(html) = fixed::html(element) {
        return Ok(quote!(crate::view::inert(#html)));
    }
    let tag = name(element);
    let svg = is_svg(&tag);
    let it = Ident::new("element", Span::mixed_site());
    let children = element.children.iter().map(|node| child(&it, node));
    let children = children.collect::<syn::Result<Vec<_>>>()?;
    let (fixed, attributes) = attribute::all(&it, element.attributes())?;
    // Children come first, as with Leptos: what moves a value stands in an attribute as a rule.
    Ok(quote!({
        let mut #it = crate::view::Element::new(&crate::view::Shape {
            tag: #tag,
            svg: #svg,
            fixed: &[#(#fixed),*],
        });
        #(#children)*
        #(#attributes)*
        #it.into_view()
    }))
}

fn child(element: &Ident, node: &Node) -> syn::Result<TokenStream> {
    if let Node::Text(text) = node {
        let text = &text.value;
        return Ok(quote!(#element.words(#text);));
    }
    if let Node::Block(block) = node
        && let Some(closure @ Expr::Closure(_)) = sole(block)
    {
        let live = live();
        return Ok(quote!(#live #element.live_words(#closure);));
    }
    let view = view_of(node)?;
    Ok(quote!(#element.child(#view);))
}

/// Leptos makes the component, of its tags as they stand and of finished children.
fn component(element: &Element) -> syn::Result<TokenStream> {
    let (open, close) = (&element.open_tag, &element.close_tag);
    let children = if element.children.is_empty() {
        quote!()
    } else {
        let children = nodes_of(&element.children)?;
        quote!({#children})
    };
    Ok(quote!(crate::view::any(::leptos::prelude::view! { #open #children #close })))
}
