//! The drawer on the right: the JSON of the request, and what became of requests.

pub mod operations;
pub mod payload;

use leptos::prelude::*;

use crate::{
    layout::{DrawerOpen, NARROW},
    ui::drawer::{Drawer, Part, Widths},
    view::view,
};
use operations::OperationsRegion;
use payload::PayloadRegion;

/// The width from which both parts are seen at once.
const WIDE: &str = "(min-width: 1280px)";

/// The drawer.
#[component]
pub fn Details() -> impl IntoView {
    let open = expect_context::<DrawerOpen>().0;
    let parts = vec![
        Part { name: "Payload", draw: || view! { <PayloadRegion/> }.into_any() },
        Part { name: "Operations", draw: || view! { <OperationsRegion/> }.into_any() },
    ];
    let widths = Widths { wide: WIDE, narrow: NARROW };
    view! { <Drawer label="Details" parts open widths/> }
}
