//! The files of a message: pictures and sounds in place, everything else as a link, and why one is not there.

use domain::BusinessId;
use domain::messaging::file::{AGED, NO_ROOM, is_shown};
use domain::messaging::view::AttachmentView;
use kit::{Glyph, Icon, StatusIcon, Tone};
use leptos::prelude::*;

use super::texts::Texts;

/// How a stored file is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    Picture,
    Sound,
    Link,
}

/// A film is a link: it has no captions that could stand beside it.
fn shown(file: &AttachmentView) -> Shown {
    match file.mime.as_deref() {
        Some(mime) if is_shown(mime) && mime.starts_with("image/") => Shown::Picture,
        Some(mime) if is_shown(mime) && mime.starts_with("audio/") => Shown::Sound,
        _ => Shown::Link,
    }
}

/// The files of a message.
#[component]
pub(super) fn Attachments(words: &'static Texts, business: BusinessId, files: Vec<AttachmentView>) -> impl IntoView {
    let files = files.into_iter().map(|file| view! { <File words business file/> }).collect_view();
    view! { <div class="flex flex-col gap-2">{files}</div> }
}

#[component]
fn File(words: &'static Texts, business: BusinessId, file: AttachmentView) -> impl IntoView {
    let missing = match file.state.as_str() {
        "stored" => None,
        "waiting" if file.error.as_deref() == Some(NO_ROOM) => {
            Some((Tone::Waiting, words.file_without_room.to_owned()))
        }
        "expired" if file.error.as_deref() == Some(AGED) => Some((Tone::Cancelled, words.file_aged.to_owned())),
        "waiting" => Some((Tone::Running, words.file_waiting.to_owned())),
        "expired" => Some((Tone::Cancelled, words.file_expired.to_owned())),
        _ => Some((Tone::Failed, file.error.clone().unwrap_or_else(|| words.file_failed.to_owned()))),
    };
    if let Some((tone, text)) = missing {
        let kind = (words.kind)(&file.kind);
        return view! { <p class="flex items-center gap-1.5 text-sm text-fg-2"><StatusIcon tone/><span>{kind}". "{text}</span></p> }.into_any();
    }
    let href = format!("/b/{business}/media/{}", file.id);
    let name = if file.name.is_empty() { (words.kind)(&file.kind).to_owned() } else { file.name.clone() };
    let src = href.clone();
    match shown(&file) {
        Shown::Picture => view! {
            <a href=href target="_blank" rel="noopener" class="block">
                <img class="inbox-picture" src=src alt=name loading="lazy"/>
            </a>
        }
        .into_any(),
        Shown::Sound => {
            view! { <audio class="w-64 max-w-full" controls=true preload="none" src=src aria-label=name></audio> }
                .into_any()
        }
        Shown::Link => {
            let size = file.bytes.map(|bytes| format!(" \u{b7} {}", size(bytes)));
            view! {
                <a class="link inline-flex min-h-6 items-center gap-1.5 text-sm max-sm:min-h-11" href=href rel="nofollow" download><Icon of=Glyph::Download/>{name}{size}</a>
            }
            .into_any()
        }
    }
}

/// A size in the unit in which it is short.
fn size(bytes: i64) -> String {
    match bytes.max(0) {
        bytes @ 0..1_000_000 => format!("{} kB", (bytes + 999) / 1000),
        bytes => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(mime: &str, state: &str) -> AttachmentView {
        serde_json::from_value(json!({
            "id": uuid::Uuid::nil(), "kind": "image", "name": "<b>.png", "mime": mime, "bytes": 1_500_000, "state": state, "error": null
        }))
        .unwrap()
    }

    fn html(file: AttachmentView) -> String {
        let words = super::super::texts::texts(domain::language::Language::English);
        let business = BusinessId(uuid::Uuid::nil());
        Owner::new().with(|| view! { <Attachments words business files=vec![file]/> }.to_html())
    }

    #[test]
    fn only_what_cannot_run_is_shown_in_place() {
        assert!(html(file("image/png", "stored")).contains("<img"));
        assert!(html(file("audio/ogg", "stored")).contains("<audio"));
        for mime in ["image/svg+xml", "text/html", "application/pdf", "video/mp4"] {
            let page = html(file(mime, "stored"));
            assert!(!page.contains("<img") && page.contains("download"), "{mime}: {page}");
        }
        assert!(!html(file("image/png", "stored")).contains("<b>"));
    }

    #[test]
    fn a_file_that_is_not_there_says_why() {
        for (state, text) in [("waiting", "Loading the file"), ("failed", "couldn't"), ("expired", "no longer")] {
            let page = html(file("image/png", state));
            assert!(page.contains(text) && !page.contains("/media/"), "{state}: {page}");
        }
        for (state, error, text) in [("waiting", NO_ROOM, "no storage left"), ("expired", AGED, "too old")] {
            let page = html(AttachmentView { error: Some(error.to_owned()), ..file("image/png", state) });
            assert!(page.contains(text), "{state}: {page}");
        }
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!((size(1), size(900_000), size(1_540_000)), ("1 kB".into(), "900 kB".into(), "1.5 MB".into()));
    }
}
