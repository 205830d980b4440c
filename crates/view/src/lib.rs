//! The panel's `view!`. It reads the notation of Leptos and writes calls of `crate::view::Element`,
//! one small call for an attribute or a child.
//!
//! Leptos makes a type of every element and compiles building, changing and mounting for each; that
//! was a third of the panel. Components stay Leptos' own: their tags are handed on to its macro as
//! they stand, with what this macro made of their children.

mod attribute;
mod element;
mod fixed;

use proc_macro2::TokenStream;
use quote::quote;
use rstml::node::Node;
use syn::Expr;

/// A view in Leptos' notation, as one `AnyView`.
#[proc_macro]
pub fn view(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    match rstml::parse2(input.into()) {
        Ok(nodes) => nodes_of(&nodes).unwrap_or_else(syn::Error::into_compile_error).into(),
        Err(error) => error.into_compile_error().into(),
    }
}

/// A closure in a view tells that a value is live, also when it only calls another one.
fn live() -> TokenStream {
    quote!(#[allow(clippy::redundant_closure, reason = "a closure tells that the value is live")])
}

/// Several nodes beside each other, as one view.
fn nodes_of(nodes: &[Node]) -> syn::Result<TokenStream> {
    let views = nodes.iter().map(view_of).collect::<syn::Result<Vec<_>>>()?;
    Ok(match views.as_slice() {
        [view] => quote!(#view),
        views => quote!(crate::view::several(::std::vec![#(#views),*])),
    })
}

/// One node as a view.
fn view_of(node: &Node) -> syn::Result<TokenStream> {
    match node {
        Node::Element(it) => element::view(it),
        Node::Text(it) => {
            let text = &it.value;
            Ok(quote!(crate::view::plain(#text)))
        }
        Node::Block(it) => Ok(match element::sole(it) {
            Some(closure @ Expr::Closure(_)) => quote!(crate::view::live_plain(#closure)),
            Some(value) => quote!(crate::view::any(#value)),
            None => quote!(crate::view::any(#it)),
        }),
        other => {
            Err(syn::Error::new_spanned(other, "a view is made of elements, texts and blocks"))
        }
    }
}
