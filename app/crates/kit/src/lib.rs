//! The components that pages are built from (the kit). They take values and return markup; they know no feature
//! and request nothing from the server. Everything here is rendered on the server and works without scripts,
//! except the two islands `live` and `page_scripts`.

pub mod activity;
pub mod address;
mod announcer;
mod asking;
pub mod audit_log;
pub mod banner;
pub mod button;
pub mod card;
pub mod chip;
pub mod clock;
pub mod confirm;
pub mod copy_id;
pub mod dom;
pub mod empty;
pub mod escape;
pub mod failure_card;
pub mod field;
pub mod first_steps;
pub mod form;
pub mod frame;
pub mod icon;
pub mod incoming;
pub mod key_value;
pub mod keys;
pub mod labels;
pub mod live;
pub mod live_island;
pub mod live_search;
mod live_state;
pub mod log_view;
pub mod menu;
mod messages;
pub mod morph;
pub mod notification_settings;
mod notification_texts;
mod outdated;
pub mod pacing;
pub mod page_header;
pub mod page_scripts;
pub mod pager;
pub mod plain_list;
pub mod preview;
pub mod progress;
mod reachable;
pub mod recent;
mod refresh;
pub mod region;
pub mod saved_views;
pub mod search_field;
pub mod secret;
mod sending;
pub mod settings_nav;
mod shown;
pub mod steps;
pub mod stream;
pub mod table;
pub mod tabs;
pub mod tile;
pub mod time;
pub mod title;
pub mod toast;
pub mod todo_list;
pub mod toolbar;
pub mod trash_note;
mod unread;
pub mod upload;
pub mod url_name;
pub mod window_ring;
pub mod zone_field;

pub use address::Address;
pub use banner::Banner;
pub use button::{Button, ButtonLink, ButtonStyle, PostButton};
pub use card::Card;
pub use chip::{Chip, Shapes, StatusIcon, StatusPill, Tone};
pub use confirm::{Confirm, ConfirmByName};
pub use copy_id::CopyId;
pub use empty::{Empty, EmptyFiltered};
pub use escape::escaped;
pub use failure_card::{FailureCard, FailureNotice};
pub use field::{Checkbox, Choice, Select, TextArea, TextField};
pub use first_steps::{FirstSteps, Ring, Todo};
pub use form::{Filled, Form, FormSection};
pub use icon::{Glyph, Icon};
pub use key_value::{KeyValue, KeyValues};
pub use live::LivePage;
pub use log_view::{LogLine, LogLines, LogView};
pub use menu::{Menu, MenuLink, MenuPost};
pub use notification_settings::NotificationSettings;
pub use notification_texts::notification_words;
pub use page_header::PageHeader;
pub use pager::Pager;
pub use progress::{Progress, Segment, SegmentBar, StepDots};
pub use region::Region;
pub use saved_views::{SavedViews, ViewsOfList};
pub use search_field::SearchField;
pub use secret::SecretField;
pub use settings_nav::SettingsNav;
pub use steps::{StepLine, StepTimeline};
pub use table::{Bulk, Column, OnPhone, Row, Table};
pub use tabs::{Tab, Tabs};
pub use tile::Tile;
pub use time::{Ago, ClockTime, Elapsed, Exact, MinuteTime, Ran, Until};
pub use toast::{Notice, Toast, Undo};
pub use toolbar::{FilterChip, SavedView, Toolbar, ViewToggle, view_count};
pub use trash_note::TrashNote;
pub use upload::UploadField;
pub use window_ring::WindowRing;
pub use zone_field::ZoneField;

use leptos::prelude::*;

/// Text that only assistive technology reads.
#[component]
pub fn Hidden(children: Children) -> impl IntoView {
    view! { <span class="sr-only">{children()}</span> }
}

/// A number with its unit in the singular or plural: "1 row", "3,412 rows".
#[must_use]
pub fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

/// Digits in groups of three: "3,412".
#[must_use]
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut out = String::from(if n < 0 { "\u{2212}" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of tenths, not negative: "5.6". The code that writes any fraction is several times as large, and the browser needs
/// it for nothing else.
#[must_use]
pub fn tenths(number: i64) -> String {
    format!("{}.{}", number / 10, number % 10)
}

/// Prepares the page for its islands, which its script wakes one by one. This is what `hydrate_islands` does, without the reader
/// of values that a server streams into a page, and without the executor of effects: no page of ours has either, and every page
/// would load them. An island acts once it is awake (`dom::when_awake`).
#[cfg(feature = "hydrate")]
pub fn wake() {
    let owner = Owner::new_root(None);
    owner.set();
    std::mem::forget(owner);
}
