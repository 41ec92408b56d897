//! The field of the files that go to the customer with an answer. It is a plain field: without scripts it does the same.

use kit::{Filled, StatusIcon, Tone};
use leptos::prelude::*;

use super::texts::Texts;

/// The name of the field.
const FILES: &str = "files";

/// A field for several files, folded up until somebody wants it. The choice of a note hides it.
#[component]
pub(super) fn FileField(words: &'static Texts, typed: Filled) -> impl IntoView {
    let error = typed.error(FILES);
    let invalid = error.is_some().then_some("true");
    let describedby = if error.is_some() { "error-files help-files" } else { "help-files" };
    let error = error.map(|text| {
        view! { <p class="flex items-start gap-1.5 text-xs text-bad" id="error-files"><StatusIcon tone=Tone::Failed/>{text}</p> }
    });
    view! {
        <div class="inbox-reply-only">
            <details open=invalid.is_some()>
                <summary class="fold min-h-8 py-1 text-sm max-sm:min-h-11">{words.attach}</summary>
                <div class="flex flex-col gap-1.5">
                    <input class="control" id="field-files" type="file" name=FILES multiple=true aria-label=words.attach aria-invalid=invalid aria-describedby=describedby/>
                    {error}
                    <p class="text-xs text-fg-3" id="help-files">{words.attach_help}</p>
                </div>
            </details>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_takes_several_files_and_says_what_is_wrong() {
        let words = super::super::texts::texts(domain::language::Language::English);
        let typed =
            Filled { errors: vec![(FILES.to_owned(), "a.exe cannot be sent.".to_owned())], ..Filled::default() };
        let page = Owner::new().with(|| view! { <FileField words typed/> }.to_html());
        assert!(page.contains("multiple") && page.contains("a.exe cannot be sent.") && page.contains("aria-invalid"));
        let page = Owner::new().with(|| view! { <FileField words typed=Filled::default()/> }.to_html());
        assert!(!page.contains("aria-invalid") && !page.contains("error-files"));
    }
}
