//! What does a person see of the pages and files that the assistant knows? The forms that add one, how far each is read and why
//! not, and the text that was taken.

mod forms;
mod server_functions;
mod source;
mod texts;

use domain::assistant::sources::SourceState;
use kit::{StatusPill, Tone};
use leptos::prelude::*;

pub(super) use forms::{AddSource, of_kind};
pub(super) use source::ReadSource;
pub(super) use texts::{Texts, texts};

/// How far a source is read. What was read needs no word in a list.
#[component]
pub(super) fn SourceStatePill(words: &'static Texts, state: SourceState) -> impl IntoView {
    let tone = match state {
        SourceState::Waiting => Tone::Running,
        SourceState::Ready => Tone::Ok,
        SourceState::Failed => Tone::Failed,
    };
    view! { <StatusPill tone=tone>{(words.state)(state)}</StatusPill> }
}
