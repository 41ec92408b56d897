//! The approved templates of a WhatsApp account, each as a link. The one that is chosen has fields for its values.

use domain::ConversationId;
use domain::language::Language;
use domain::messaging::template::{Template, TemplateName};
use domain::messaging::template_language::language_name;
use kit::form::FormSummary;
use kit::{Address, Button, ButtonStyle, Chip, Filled, Glyph};
use leptos::prelude::*;
use uuid::Uuid;

use super::read::{Place, Templates};
use super::texts::texts;

/// The operation that sends a template.
pub(super) const SEND: &str = "send_template";
/// The parameter of the address, and the field of the form, that names the template.
pub(super) const TEMPLATE: &str = "template";

/// The templates to choose from. The one that is chosen stands open in its place.
#[component]
pub(super) fn TemplatePicker(
    language: Language,
    at: Address,
    place: Place,
    conversation: ConversationId,
    templates: Templates,
    filled: Filled,
) -> impl IntoView {
    let words = texts(language);
    let Templates { names, mut chosen } = templates;
    if names.is_empty() {
        return view! { <p class="text-sm text-fg-2">{words.no_templates}</p> }.into_any();
    }
    // An open template has fields and a button, which stay in sight. On a phone it scrolls with the form around it.
    let height = if chosen.is_some() {
        "max-h-[50dvh] overflow-y-auto max-sm:max-h-none"
    } else {
        "max-h-64 overflow-y-auto max-sm:max-h-[30dvh]"
    };
    let sent = filled.values.get(TEMPLATE).cloned().unwrap_or_default();
    let lines = names.into_iter().map(|name| match chosen.take_if(|chosen| chosen.id == name.id) {
        Some(template) => {
            let own = if template.id.to_string() == sent { filled.clone() } else { Filled::default() };
            view! { <TemplateForm language place=place.clone() conversation template filled=own/> }.into_any()
        }
        None => view! { <Name language at=at.clone() name/> }.into_any(),
    });
    let lines = lines.collect_view();
    view! {
        <section class="flex min-h-0 flex-col gap-1" aria-label=words.templates>
            <h2 class="text-sm font-semibold">{words.templates}</h2>
            <ul class=height>{lines}</ul>
        </section>
    }
    .into_any()
}

/// A template that is not chosen.
#[component]
fn Name(language: Language, at: Address, name: TemplateName) -> impl IntoView {
    let written_in = language_name(&name.language, language);
    let href = format!("{}#template", at.with(TEMPLATE, &name.id.to_string()).href());
    view! {
        <li class="border-t border-line first:border-0">
            <a class="flex min-h-8 items-center gap-2 rounded-control px-2 py-1 text-sm hover:bg-raised max-sm:min-h-11" href=href>
                <span class="min-w-0 grow truncate">{name.name}</span><Chip>{written_in}</Chip>
            </a>
        </li>
    }
}

/// The chosen template: its text, and the form that sends it.
#[component]
fn TemplateForm(
    language: Language,
    place: Place,
    conversation: ConversationId,
    template: Template,
    filled: Filled,
) -> impl IntoView {
    let (words, id) = (texts(language), template.id);
    let hidden =
        place.hidden(conversation).into_iter().chain([("key", Uuid::now_v7().to_string()), (TEMPLATE, id.to_string())]);
    let hidden = hidden.map(|(name, value)| view! { <input type="hidden" name=name value=value/> }).collect_view();
    let summary = filled.is_bad().then(|| view! { <FormSummary filled=filled.clone()/> });
    let fields = template.variables_in(language).into_iter().map(|variable| {
        let error = filled.error(&variable.key);
        let invalid = error.is_some().then_some("true");
        let field = format!("field-{}", variable.key);
        // The summary of the errors leads to it.
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
    let text = template.text();
    let written_in = language_name(&template.language, language);
    let Template { name, .. } = template;
    view! {
        <li id="template" class="border-t border-line first:border-0">
            <details open=true>
                <summary class="fold min-h-8 py-1 text-sm max-sm:min-h-11"><span class="min-w-0 grow truncate">{name}</span><Chip>{written_in}</Chip></summary>
                <form method="post" action=format!("/do/{SEND}") class="flex flex-col gap-3 py-2">
                    {hidden}{summary}
                    <p class="inbox-text rounded-control bg-raised p-3 text-sm" dir="auto">{text}</p>
                    {fields}
                    <div><Button look=ButtonStyle::Primary icon=Glyph::Send>{words.send_template}</Button></div>
                </form>
            </details>
        </li>
    }
}
