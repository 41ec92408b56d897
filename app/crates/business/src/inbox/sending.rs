//! What does a person see of an answer while its form is on the way? The text with "Sending…", in a part that a script fills;
//! without scripts it stays hidden and the browser shows that it waits.

use kit::{StatusIcon, Tone};
use leptos::prelude::*;

use super::texts::Texts;

/// The part that shows the answer until the messages have it: those that we sent are compared with it.
#[component]
pub(super) fn Sending(words: &'static Texts) -> impl IntoView {
    view! {
        <div role="status">
            <div class="inbox-sending" data-sent=".inbox-log .inbox-out .inbox-text" hidden=true>
                <div class="inbox-message inbox-out">
                    <div class="inbox-bubble"><p class="inbox-text" dir="auto" data-sent-text=""></p></div>
                    <p class="flex items-center gap-1 text-xs text-fg-3"><StatusIcon tone=Tone::Running size=12/>{words.sending}</p>
                </div>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::super::texts::texts;
    use super::*;

    #[test]
    fn nothing_is_on_its_way_until_a_script_says_so() {
        for language in Language::ALL {
            let words = texts(language);
            let page = Owner::new().with(|| view! { <Sending words/> }.to_html());
            assert!(
                page.contains(" hidden") && page.contains(words.sending) && page.contains("data-sent-text"),
                "{page}"
            );
        }
    }
}
