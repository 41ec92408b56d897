//! The approved templates of a WhatsApp account, each with fields for its values.

use domain::ConversationId;
use domain::messaging::template::Template;
use kit::form::FormSummary;
use kit::{Button, ButtonStyle, Chip, Filled, Glyph};
use leptos::prelude::*;
use uuid::Uuid;

use super::read::Place;
use super::texts::Texts;

/// The templates to choose from. The one that came back with an error is open.
#[component]
pub(super) fn TemplatePicker(
    words: &'static Texts,
    place: Place,
    conversation: ConversationId,
    templates: Vec<Template>,
    filled: Filled,
) -> impl IntoView {
    if templates.is_empty() {
        return view! { <p class="text-sm text-fg-2">{words.no_templates}</p> }.into_any();
    }
    let sent = filled.values.get("template").cloned().unwrap_or_default();
    let lines = templates.into_iter().map(|template| {
        let own = if template.id.to_string() == sent { filled.clone() } else { Filled::default() };
        view! { <TemplateForm words place=place.clone() conversation template filled=own/> }
    });
    let lines = lines.collect_view();
    view! {
        <section class="flex min-h-0 flex-col gap-1" aria-label=words.templates>
            <h2 class="text-sm font-semibold">{words.templates}</h2>
            <ul class="max-h-64 overflow-y-auto">{lines}</ul>
        </section>
    }
    .into_any()
}

/// One template: its text, and the form that sends it.
#[component]
fn TemplateForm(
    words: &'static Texts,
    place: Place,
    conversation: ConversationId,
    template: Template,
    filled: Filled,
) -> impl IntoView {
    let id = template.id;
    let hidden = place
        .hidden(conversation)
        .into_iter()
        .chain([("key", Uuid::now_v7().to_string()), ("template", id.to_string())]);
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let summary = filled.is_bad().then(|| view! { <FormSummary filled=filled.clone()/> });
    let fields = template.variables().into_iter().map(|variable| {
        let error = filled.error(&variable.key);
        let invalid = error.is_some().then_some("true");
        let field = format!("field-{}", variable.key);
        // Only the form that came back may carry ids: every template has a variable of this key.
        let own_id = invalid.map(|_| field);
        view! {
            <label class="flex flex-col gap-1 text-sm">
                <span class="font-medium">{variable.label}</span>
                <input class="control" name="values[]" required maxlength="1024" id=own_id aria-invalid=invalid autocomplete="off"/>
            </label>
            {error.map(|text| view! { <p class="text-xs text-bad">{text}</p> })}
        }
    });
    let fields = fields.collect_view();
    let (text, open) = (template.text(), filled.came_back());
    let Template { name, language, .. } = template;
    view! {
        <li class="border-t border-line first:border-0">
            <details open=open>
                <summary class="fold min-h-8 py-1 text-sm"><span class="min-w-0 grow truncate">{name}</span><Chip>{language}</Chip></summary>
                <form method="post" action="/do/send_template" class="flex flex-col gap-3 py-2">
                    {hidden}{summary}
                    <p class="inbox-text rounded-control bg-raised p-3 text-sm" dir="auto">{text}</p>
                    {fields}
                    <div><Button look=ButtonStyle::Primary icon=Glyph::Send>{words.send_template}</Button></div>
                </form>
            </details>
        </li>
    }
}
