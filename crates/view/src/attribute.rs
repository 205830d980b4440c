//! Attributes, properties, styles and listeners.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use rstml::node::{KeyedAttribute, NodeAttribute};
use syn::{Expr, ExprRange, Stmt};

use crate::live;

/// Calls that give `element` its attributes: first the pairs that never change, then the calls.
pub fn all(
    element: &Ident,
    attributes: &[NodeAttribute],
) -> syn::Result<(Vec<TokenStream>, Vec<TokenStream>)> {
    let (mut fixed, mut calls) = (Vec::new(), Vec::new());
    for attribute in attributes {
        match attribute {
            NodeAttribute::Block(_) => {
                let one = spread(attribute)?;
                calls.push(quote!(#element.attributes(#one);));
            }
            NodeAttribute::Attribute(it) => {
                let key = it.key.to_string();
                match constant(it) {
                    Some(value) if !key.contains(':') => fixed.push(quote!((#key, #value))),
                    _ => calls.push(call(element, &key, it)?),
                }
            }
        }
    }
    Ok((fixed, calls))
}

/// What an attribute always says; one without a value says nothing.
pub fn constant(attribute: &KeyedAttribute) -> Option<String> {
    match attribute.value() {
        None => Some(String::new()),
        Some(_) => attribute.value_literal_string(),
    }
}

fn call(element: &Ident, key: &str, attribute: &KeyedAttribute) -> syn::Result<TokenStream> {
    let Some(value) = attribute.value() else {
        return Err(syn::Error::new_spanned(attribute, "this needs a value"));
    };
    let is_live = matches!(value, Expr::Closure(_));
    let live = live();
    Ok(match key.split_once(':') {
        None if key == "node_ref" => quote!(#element.node_ref(#value);),
        None if is_live => quote!(#live #element.live(#key, #value);),
        None => quote!(#element.once(#key, #value);),
        Some(("on", event)) => {
            let kind = format_ident!("{event}", span = attribute.key_span());
            quote!(#live #element.on(::leptos::ev::#kind, #event, #value);)
        }
        Some(("prop", name)) => quote!(#live #element.property(#name, #value);),
        Some(("style", name)) if is_live => quote!(#live #element.style(#name, #value);),
        Some(("style", name)) => quote!(#element.style_once(#name, #value);),
        Some(("class", name)) => quote!(#live #element.class(#name, #value);),
        Some(_) => {
            return Err(syn::Error::new_spanned(&attribute.key, "unknown kind of attribute"));
        }
    })
}

/// `{..attributes}`: one attribute or many.
fn spread(attribute: &NodeAttribute) -> syn::Result<Expr> {
    if let NodeAttribute::Block(block) = attribute
        && let Some(block) = block.try_block()
        && let [Stmt::Expr(Expr::Range(ExprRange { start: None, end: Some(end), .. }), None)] =
            block.stmts.as_slice()
    {
        return Ok((**end).clone());
    }
    Err(syn::Error::new_spanned(attribute, "an attribute in braces begins with two dots"))
}

trait KeySpan {
    fn key_span(&self) -> proc_macro2::Span;
}

impl KeySpan for KeyedAttribute {
    fn key_span(&self) -> proc_macro2::Span {
        syn::spanned::Spanned::span(&self.key)
    }
}
