//! Controls: reusable, accessible, and knowing nothing of calls.
//!
//! What moves by hand shares one grip ([`grip`]): relative drags, keys, the wheel, Escape. A control
//! shows the value it is given, except while it is held: then it shows the hand's value, and what
//! comes from elsewhere waits until it is let go.

pub mod button;
pub mod case;
pub mod combobox;
pub mod decimal;
pub mod drag;
pub mod drawer;
pub mod erased;
pub mod fader;
pub mod filter_button;
pub mod focus;
pub mod grip;
pub mod handle;
pub mod hold_bar;
pub mod level;
pub mod locked;
pub mod mute_button;
pub mod number_box;
pub mod pick;
pub mod search_box;
pub mod status_line;
pub mod switch;
pub mod tabs;
pub mod text_field;
pub mod toast;
pub mod toggle;
pub mod tooltip;
pub mod virtual_grid;

pub use button::{Button, Look};
pub use combobox::{Choice, Combobox};
pub use erased::{attr, fixed, on, text, truth};
pub use fader::Fader;
pub use filter_button::FilterButton;
pub use grip::{Axis, Change, Grip, Scale, Taper};
pub use handle::{Handle, LabelAt};
pub use hold_bar::{Hold, HoldBar, Phase};
pub use locked::Locked;
pub use mute_button::{Mute, MuteButton, Wish};
pub use number_box::NumberBox;
pub use search_box::SearchBox;
pub use status_line::StatusLine;
pub use switch::Switch;
pub use text_field::TextField;
pub use toast::{ToastStack, Toasts, Tone};
pub use toggle::Toggle;
pub use tooltip::Tooltip;
pub use virtual_grid::{Rows, Slot, VirtualGrid};
