//! Leptos asks of every view that a server could write it. The panel has none, and its Leptos is
//! compiled without that part, which is why nothing of this is ever called.

/// Declares that a view is drawn in a browser and nowhere else.
macro_rules! in_a_browser {
    ($view:ty, $standing:ty) => {
        impl leptos::prelude::RenderHtml for $view {
            type AsyncOutput = Self;
            type Owned = Self;

            const MIN_LENGTH: usize = 0;

            fn dry_resolve(&mut self) {}

            async fn resolve(self) -> Self {
                self
            }

            fn to_html_with_buf(
                self,
                _: &mut String,
                _: &mut leptos::tachys::view::Position,
                _: bool,
                _: bool,
                _: Vec<leptos::tachys::html::attribute::any_attribute::AnyAttribute>,
            ) {
                unreachable!("the panel is drawn in a browser and nowhere else")
            }

            fn hydrate<const FROM_SERVER: bool>(
                self,
                _: &leptos::tachys::hydration::Cursor,
                _: &leptos::tachys::view::PositionState,
            ) -> $standing {
                leptos::prelude::Render::build(self)
            }

            fn into_owned(self) -> Self {
                self
            }
        }

        leptos::tachys::no_attrs!($view);
    };
}

pub(super) use in_a_browser;
