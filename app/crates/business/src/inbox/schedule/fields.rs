//! The fields by which an answer goes out later: the time, by the clock of the business, and what can be sent at it.

use chrono_tz::Tz;
use domain::language::Language;
use domain::messaging::Channel;
use domain::messaging::view::ConversationLine;
use domain::provisioning::zone_called_in;
use domain::{BusinessId, ConversationId};
use kit::field::{FieldFrame, described};
use kit::{Button, Checkbox, Filled, Glyph};
use leptos::context::Provider;
use leptos::prelude::*;
use operations::inbox::takes_files;
use web::clock::now;

use super::SCHEDULE;
use super::texts::{Texts, texts};
use super::time::when;

/// A fold of the form of an answer. It is open while its fields need attention.
#[component]
pub(crate) fn SendLater(
    language: Language,
    business: BusinessId,
    line: ConversationLine,
    zone: Tz,
    typed: Filled,
) -> impl IntoView {
    let words = texts(language);
    let is_chosen = typed.values.get("when").is_some_and(|value| !value.is_empty());
    let open = is_chosen || typed.error("when").is_some() || typed.error("anyway").is_some();
    let until = line.window(now()).until().map(|at| {
        view! { <p class="text-xs text-fg-3">{(words.window_until)(&when(language, zone, at))}</p> }
    });
    // An answer with files needs no text, so the browser does not ask for one there.
    let takes_files = takes_files(line.kind);
    let template =
        (line.kind == Channel::Whatsapp).then(|| view! { <TemplateLater language business conversation=line.id/> });
    view! {
        <details class="inbox-reply-only" open=open>
            <summary class="fold min-h-8 py-1 text-sm max-sm:min-h-11">{words.send_later}</summary>
            <div class="flex flex-col gap-3 py-2">
                <WhenField language zone typed=typed.clone() required=false/>
                <Anyway words typed/>
                {until}
                <div class="flex flex-wrap items-center gap-x-4 gap-y-2 text-sm">
                    <Button formaction=format!("/do/{SCHEDULE}") icon=Glyph::Clock novalidate=takes_files>{words.schedule}</Button>
                    {template}
                    <a class="link" href=format!("/b/{business}/scheduled")>{words.all}</a>
                </div>
            </div>
        </details>
    }
}

/// The way to the templates of a conversation, one of which can be sent at whatever time.
#[component]
pub(crate) fn TemplateLater(language: Language, business: BusinessId, conversation: ConversationId) -> impl IntoView {
    let words = texts(language);
    view! { <a class="link w-fit text-sm" href=format!("/b/{business}/scheduled?for={conversation}")>{words.template}</a> }
}

/// The date and the time.
#[component]
pub(super) fn WhenField(
    language: Language,
    zone: Tz,
    typed: Filled,
    #[prop(optional_no_strip)] value: Option<String>,
    required: bool,
) -> impl IntoView {
    let words = texts(language);
    let clock = (words.clock)(&zone_called_in(language, zone.name()));
    let error = typed.error("when");
    let invalid = error.is_some().then_some("true");
    let describedby = described("when", error.is_some(), true);
    let value = typed.values.get("when").cloned().filter(|value| !value.is_empty()).or(value);
    view! {
        <FieldFrame name="when" label=words.date_time help=Some(clock) error=error required=true>
            <input class="control" id="field-when" type="datetime-local" name="when" value=value required=required aria-invalid=invalid aria-describedby=describedby/>
        </FieldFrame>
    }
}

/// The box that schedules although nothing could be sent then. It is there once somebody was told so.
#[component]
pub(super) fn Anyway(words: &'static Texts, typed: Filled) -> impl IntoView {
    typed.error("anyway").is_some().then(|| {
        view! { <Provider value=typed><Checkbox name="anyway" label=words.anyway/></Provider> }
    })
}
