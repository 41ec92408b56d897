//! Where does the draft of the assistant stand? Above the form of the answer, with what it is taken from; nothing while there
//! is no draft. A person sends it as it is, changes it first, or dismisses it.

use domain::ConversationId;
use domain::assistant::Source;
use domain::assistant::view::DraftView;
use kit::form::FormSummary;
use kit::{Ago, Button, ButtonStyle, Filled, Glyph, Icon, PostButton, TextArea};
use leptos::context::Provider;
use leptos::prelude::*;
use uuid::Uuid;

use super::read::Place;
use super::texts::Texts;

/// The operation that sends a draft.
pub(super) const SEND: &str = "send_draft";
/// The field of its text.
const TEXT: &str = "draft";

/// The draft that the assistant wrote for a conversation. Without one, only why it could not be sent.
#[component]
pub(super) fn AssistantDraft(
    words: &'static Texts,
    place: Place,
    conversation: ConversationId,
    draft: Option<DraftView>,
    takes_words: bool,
    typed: Filled,
) -> impl IntoView {
    let Some(draft) = draft else {
        return typed.is_bad().then(|| view! { <FormSummary filled=typed/> }).into_any();
    };
    let trace = format!("/b/{}/assistant/answers/{}", place.business, draft.answer);
    let mut hidden = place.hidden(conversation);
    hidden.push(("answer", draft.answer.to_string()));
    let sends = takes_words.then(|| {
        let whole = with_key(&hidden).chain([(TEXT, draft.text.clone())]).collect::<Vec<_>>();
        view! {
            <PostButton action=format!("/do/{SEND}") hidden=whole look=ButtonStyle::Primary icon=Glyph::Send>{words.send_draft}</PostButton>
        }
    });
    let edits = takes_words.then(|| {
        view! { <Edit words hidden=with_key(&hidden).collect() text=draft.text.clone() typed/> }
    });
    let closed = (!takes_words).then(|| view! { <p class="text-sm text-fg-2">{words.draft_waits}</p> });
    view! {
        <section class="inbox-draft" aria-label=words.draft data-draft=draft.answer.to_string()>
            <p class="flex flex-wrap items-center gap-x-2 text-xs text-fg-2">
                <Icon of=Glyph::Zap/><span class="grow font-medium">{words.draft}</span><Ago at=draft.created_at/>
                <a class="link inline-flex min-h-6 items-center max-sm:min-h-11" href=trace>{words.draft_trace}</a>
            </p>
            <p class="inbox-text inbox-draft-text" dir="auto" tabindex="0">{draft.text}</p>
            <Sources words sources=draft.sources/>
            {closed}
            <div class="inbox-options">
                {sends}
                <PostButton action="/do/dismiss_draft" hidden look=ButtonStyle::Quiet icon=Glyph::Close>{words.dismiss_draft}</PostButton>
                {edits}
            </div>
        </section>
    }
    .into_any()
}

/// The hidden fields of a form that acts once, with a key of its own.
fn with_key(hidden: &[(&'static str, String)]) -> impl Iterator<Item = (&'static str, String)> {
    hidden.iter().cloned().chain([("key", Uuid::now_v7().to_string())])
}

/// The form in which the draft is changed. It is open when it came back.
#[component]
fn Edit(words: &'static Texts, hidden: Vec<(&'static str, String)>, text: String, typed: Filled) -> impl IntoView {
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let (open, summary) = (typed.came_back(), typed.is_bad().then(|| view! { <FormSummary filled=typed.clone()/> }));
    view! {
        <details open=open>
            <summary class="fold min-h-8 text-sm max-sm:min-h-11">{words.edit_draft}</summary>
            <form method="post" action=format!("/do/{SEND}") class="inbox-form pt-2" data-send="">
                {hidden}{summary}
                <Provider value=typed><TextArea name=TEXT label=words.draft_text value=text rows=4 required=true/></Provider>
                <div class="flex justify-end"><Button look=ButtonStyle::Primary icon=Glyph::Send>{words.send_edited}</Button></div>
            </form>
        </details>
    }
}

/// What the draft is taken from: the title of each source, with its passage.
#[component]
fn Sources(words: &'static Texts, sources: Vec<Source>) -> impl IntoView {
    if sources.is_empty() {
        return view! { <p class="text-xs text-fg-2">{words.no_sources}</p> }.into_any();
    }
    let lines = sources.into_iter().map(|source| {
        let title = if source.title.is_empty() { words.untitled.to_owned() } else { source.title };
        view! {
            <li>
                <details>
                    <summary class="fold min-h-6 text-xs max-sm:min-h-11"><span class="min-w-0 grow truncate">{title}</span></summary>
                    <p class="inbox-quote inbox-text" dir="auto">{source.passage}</p>
                </details>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <div class="inbox-sources text-xs text-fg-2">
            <p class="font-medium">{words.sources}</p>
            <ul class="min-w-0 grow">{lines}</ul>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use domain::language::Language;
    use serde_json::json;

    use super::super::texts::texts;
    use super::*;

    fn html(draft: Option<&str>, takes_words: bool, typed: Filled) -> String {
        let nil = Uuid::nil();
        let place = Place {
            business: domain::BusinessId(nil),
            user: domain::UserId(nil),
            replies: true,
            connects: false,
            erases: false,
        };
        let draft = draft.map(|text| {
            serde_json::from_value::<DraftView>(json!({
                "answer": nil, "trigger": nil, "text": text, "created_at": "2026-01-01T10:00:00Z",
                "sources": [{ "knowledge": nil, "title": "<i>Hours</i>", "passage": "<b>9 to 5</b>" }, { "knowledge": nil, "title": "", "passage": "x" }]
            }))
            .unwrap()
        });
        let (words, conversation) = (texts(Language::English), ConversationId(nil));
        Owner::new().with(|| view! { <AssistantDraft words place conversation draft takes_words typed/> }.to_html())
    }

    #[test]
    fn a_draft_and_its_sources_stay_text() {
        let page = html(Some("</textarea><b onclick=alert(1)>"), true, Filled::default());
        assert!(page.contains("&lt;b onclick") && !page.contains("<b onclick"), "{page}");
        assert!(!page.contains("<i>Hours") && !page.contains("<b>9 to 5") && page.contains("9 to 5"), "{page}");
        assert_eq!(page.matches("</textarea>").count(), 1, "{page}");
        assert!(page.contains(texts(Language::English).untitled), "{page}");
    }

    #[test]
    fn what_cannot_be_sent_can_still_be_dismissed() {
        for takes_words in [true, false] {
            let page = html(Some("We are open."), takes_words, Filled::default());
            assert_eq!(page.contains("/do/send_draft"), takes_words, "{page}");
            assert!(page.contains("/do/dismiss_draft"), "{page}");
        }
    }

    #[test]
    fn without_a_draft_only_a_refusal_is_shown() {
        assert!(!html(None, true, Filled::default()).contains("<form"));
        let refused = Filled { message: Some("This draft is closed.".to_owned()), ..Filled::default() };
        let page = html(None, true, refused);
        assert!(page.contains("This draft is closed") && !page.contains("<form"), "{page}");
    }
}
