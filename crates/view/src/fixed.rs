//! Elements that never change travel as HTML.

use rstml::node::{Node, NodeAttribute, NodeElement};

use crate::{attribute::constant, element};

type Element = NodeElement<rstml::Infallible>;

/// Elements without a closing tag.
const VOID: [&str; 5] = ["br", "hr", "img", "input", "wbr"];

/// The element as HTML, if nothing in it ever changes and it has something inside.
pub fn html(element: &Element) -> Option<String> {
    let mut html = String::new();
    (!element.children.is_empty() && write(element, &mut html)).then_some(html)
}

/// Writes the element; false when something in it can change.
fn write(element: &Element, html: &mut String) -> bool {
    let name = element::name(element);
    if element::is_component(element) || element::is_svg(&name) {
        return false;
    }
    html.push('<');
    html.push_str(&name);
    for attribute in element.attributes() {
        let NodeAttribute::Attribute(it) = attribute else { return false };
        let key = it.key.to_string();
        let Some(value) = constant(it).filter(|_| !key.contains(':') && key != "node_ref") else {
            return false;
        };
        html.push(' ');
        html.push_str(&key);
        html.push_str("=\"");
        escape(&value, html);
        html.push('"');
    }
    html.push('>');
    if VOID.contains(&name.as_str()) {
        return true;
    }
    for child in &element.children {
        let is_fixed = match child {
            Node::Text(text) => {
                escape(&text.value_string(), html);
                true
            }
            Node::Element(it) => write(it, html),
            _ => false,
        };
        if !is_fixed {
            return false;
        }
    }
    html.push_str("</");
    html.push_str(&name);
    html.push('>');
    true
}

fn escape(text: &str, html: &mut String) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}
