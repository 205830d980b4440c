//! The virtual grid: few of many rows stand in the page, keys go anywhere, and the focus is never lost.

use std::sync::Arc;

use foldback_panel::{
    reactive::RwSignal,
    ui::{Button, Rows, Slot, VirtualGrid},
    view::view,
};
use leptos::{prelude::*, task::tick};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::page::{Hand, Page};

/// Pixels: the height of a row, and of the grid.
const ROW: i32 = 32;
const VIEW: i32 = 320;

/// Rows named by numbers.
struct Numbers {
    names: RwSignal<Vec<u32>>,
    anew: RwSignal<u32>,
}

impl Rows for Numbers {
    fn count(&self) -> usize {
        self.names.with(Vec::len)
    }

    fn key(&self, at: usize) -> Option<String> {
        self.names.with(|all| all.get(at).map(u32::to_string))
    }

    fn position(&self, key: &str) -> Option<usize> {
        self.names.with(|all| all.iter().position(|it| it.to_string() == key))
    }

    fn draw(&self, slot: Slot) -> AnyView {
        let key = slot.key();
        // Style sheets do not reach this page.
        let top = move || i32::try_from(slot.at.get()).unwrap() * ROW;
        view! {
            <div
                node_ref=slot.element
                aria-label=key
                style:position="absolute"
                style:top=move || format!("{}px", top())
                {..slot.attributes()}
            >
                <div role="gridcell">
                    <Button on_press=|()| {} is_inner=true>"first"</Button>
                    <Button on_press=|()| {} is_inner=true>"second"</Button>
                </div>
            </div>
        }
        .into_any()
    }

    fn question(&self) {
        self.anew.track();
    }
}

/// A grid of rows named by numbers.
struct Bench {
    page: Page,
    names: RwSignal<Vec<u32>>,
    anew: RwSignal<u32>,
}

impl Bench {
    async fn of(n: u32) -> Self {
        let names = RwSignal::new((0..n).collect::<Vec<_>>());
        let anew = RwSignal::new(0);
        let page = Page::mount(move || {
            let rows: Arc<dyn Rows> = Arc::new(Numbers { names, anew });
            view! { <VirtualGrid label="People" rows row_px=f64::from(ROW)/> }
        })
        .await;
        // Style sheets do not reach this page.
        let bench = Self { page, names, anew };
        let grid = bench.grid().element;
        grid.set_attribute(
            "style",
            &format!("height: {VIEW}px; overflow: auto; position: relative"),
        )
        .unwrap();
        let rows = bench.page.find("[role='rowgroup']").element;
        rows.set_attribute("style", &format!("height: {}px", i64::from(n) * i64::from(ROW)))
            .unwrap();
        // Ten rows are seen, ten more are kept ready.
        bench.page.until(|| bench.page.count("[role='row']") == n.min(20)).await;
        bench
    }

    fn grid(&self) -> Hand {
        self.page.role("grid", "People")
    }

    fn row(&self, name: u32) -> Hand {
        self.page.role("row", &name.to_string())
    }

    fn stops(&self) -> u32 {
        self.page.count("[role='row'][tabindex='0']")
    }
}

#[wasm_bindgen_test]
async fn few_of_many_rows_stand_in_the_page() {
    let bench = Bench::of(10_000).await;
    assert_eq!(bench.grid().get("aria-rowcount"), "10000");
    assert_eq!((bench.row(0).get("aria-rowindex").as_str(), bench.stops()), ("1", 1));
    bench.grid().element.set_scroll_top(5000 * ROW);
    bench.grid().event("scroll").await;
    bench.page.until(|| bench.page.count("[aria-label='5000']") == 1).await;
    assert_eq!(bench.row(5000).get("aria-rowindex"), "5001");
    assert!(bench.page.count("[role='row']") < 40);
}

#[wasm_bindgen_test]
async fn keys_go_anywhere_and_the_focus_goes_with_them() {
    let bench = Bench::of(10_000).await;
    bench.row(0).element.focus().unwrap();
    for (from, key, to) in [
        (0, "ArrowDown", 1),
        (1, "PageDown", 10),
        (10, "PageUp", 1),
        (1, "End", 9999),
        (9999, "ArrowDown", 9999),
        (9999, "ArrowUp", 9998),
        (9998, "Home", 0),
        (0, "ArrowUp", 0),
    ] {
        bench.row(from).keys(&[key]).await;
        bench.page.until(|| bench.page.count(&format!("[aria-label='{to}']")) == 1).await;
        bench.page.until(|| bench.row(to).has_focus()).await;
        assert_eq!((bench.row(to).get("tabindex").as_str(), bench.stops()), ("0", 1), "{key}");
    }
}

#[wasm_bindgen_test]
async fn left_and_right_go_into_a_row_and_back() {
    let bench = Bench::of(3).await;
    let buttons = || {
        let active = document().active_element().unwrap();
        active.text_content().unwrap()
    };
    bench.row(1).keys(&["ArrowRight"]).await;
    assert_eq!(buttons(), "first");
    bench.row(1).key("keydown", "ArrowRight", false);
    assert_eq!(buttons(), "second");
    bench.row(1).key("keydown", "ArrowRight", false);
    assert_eq!(buttons(), "second");
    bench.row(1).key("keydown", "ArrowLeft", false);
    bench.row(1).key("keydown", "ArrowLeft", false);
    assert!(bench.row(1).has_focus());
}

#[wasm_bindgen_test]
async fn a_row_with_the_focus_stays_wherever_it_is_scrolled() {
    let bench = Bench::of(10_000).await;
    bench.row(3).element.focus().unwrap();
    bench.grid().element.set_scroll_top(5000 * ROW);
    bench.grid().event("scroll").await;
    bench.page.until(|| bench.page.count("[aria-label='5000']") == 1).await;
    assert!(bench.row(3).has_focus());
    assert_eq!(bench.row(3).get("aria-rowindex"), "4");
}

#[wasm_bindgen_test]
async fn who_goes_leaves_a_tab_stop_and_a_new_question_begins_at_the_top() {
    let bench = Bench::of(100).await;
    bench.row(2).element.focus().unwrap();
    bench.names.update(|names| names.retain(|it| *it != 2));
    tick().await;
    assert_eq!((bench.stops(), bench.row(0).get("tabindex").as_str()), (1, "0"));
    assert_eq!(bench.row(3).get("aria-rowindex"), "3");
    bench.grid().element.set_scroll_top(20 * ROW);
    bench.anew.set(1);
    bench.page.until(|| bench.grid().element.scroll_top() == 0).await;
    bench.names.set(Vec::new());
    tick().await;
    assert_eq!(
        (bench.grid().get("tabindex").as_str(), bench.grid().get("aria-rowcount").as_str()),
        ("0", "0")
    );
}
