//! How is something asked of a person? One plain post; what went wrong is said at the field and once on top; nothing typed is lost.
//! A failed post is answered by a redirect back; the session carries `Filled` for one reading. Fields find their own part of it by name.

use std::collections::BTreeMap;

use leptos::context::Provider;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::chip::{StatusIcon, Tone};

/// What a failed post leaves behind for one reading: errors by field, what was typed, and one sentence. Never secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Field name and what is wrong with it, in the order of the form.
    pub errors: Vec<(String, String)>,
    /// What was typed, by field name.
    pub values: BTreeMap<String, String>,
    /// What went wrong as a whole.
    pub message: Option<String>,
}

impl Filled {
    /// What is wrong with a field.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone())
    }

    /// Whether something typed stands in it again.
    #[must_use]
    pub fn came_back(&self) -> bool {
        self.is_bad() || !self.values.is_empty()
    }

    /// Whether anything went wrong.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        !self.errors.is_empty() || self.message.is_some()
    }
}

/// What the form around this field carried back. A field is made inside its form: one made before it would never be marked.
#[must_use]
pub fn filled() -> Filled {
    let around = use_context::<Filled>();
    debug_assert!(around.is_some(), "a field was made before the form it stands in");
    around.unwrap_or_default()
}

/// A form posted plainly. Its fields take their errors and typed values from `filled`.
#[component]
pub fn Form(
    /// Where it is posted.
    #[prop(into)]
    action: String,
    /// What the last try left behind.
    #[prop(optional, into)]
    filled: Option<Filled>,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// Id, for buttons outside of it.
    #[prop(optional, into)]
    id: Option<String>,
    /// Where it is sent while somebody types, to show what it would do (`preview`).
    #[prop(optional, into)]
    preview: Option<&'static str>,
    /// Whether leaving with something typed and not sent is asked about first.
    #[prop(optional)]
    guard: bool,
    /// Classes of the form; a column of fields unless said otherwise.
    #[prop(default = "flex flex-col gap-5")]
    class: &'static str,
    /// The fields and buttons.
    children: Children,
) -> impl IntoView {
    let filled = filled.unwrap_or_default();
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let summary = filled.is_bad().then(|| view! { <FormSummary filled=filled.clone() /> });
    // The browser's own checks stay on: they cost nothing and work without scripts.
    view! {
        <form method="post" action=action id=id class=class data-guard=guard.then_some("") data-preview=preview>
            {hidden}
            {summary}
            <Provider value=filled>{children()}</Provider>
        </form>
    }
}

/// What went wrong, once, with a link to each field.
#[component]
pub fn FormSummary(
    /// What the last try left behind.
    filled: Filled,
) -> impl IntoView {
    let title = filled.message.unwrap_or_else(|| match filled.errors.len() {
        1 => "One field needs another look.".to_owned(),
        n => format!("{n} fields need another look."),
    });
    let links = filled
        .errors
        .into_iter()
        .map(|(name, text)| view! { <li><a class="underline underline-offset-2" href=format!("#field-{name}")>{text}</a></li> })
        .collect::<Vec<_>>();
    view! {
        <div class="rounded-card border border-bad/30 bg-bad-bg p-3 text-bad outline-none" role="alert" tabindex="-1" autofocus>
            <p class="flex items-center gap-2 font-medium"><StatusIcon tone=Tone::Failed />{title}</p>
            {(!links.is_empty()).then(|| view! { <ul class="mt-1 flex flex-col gap-0.5 ps-[22px] text-sm">{links}</ul> })}
        </div>
    }
}

/// A group of fields under a heading, in longer forms.
#[component]
pub fn FormSection(
    /// What the fields are about.
    #[prop(into)]
    title: String,
    /// One sentence, when the title is not enough.
    #[prop(optional, into)]
    help: Option<String>,
    /// The fields.
    children: Children,
) -> impl IntoView {
    view! {
        <fieldset class="flex flex-col gap-4 border-t border-line pt-5 first-of-type:border-t-0 first-of-type:pt-0">
            <legend class="float-left w-full text-md font-semibold">{title}</legend>
            {help.map(|text| view! { <p class="clear-both -mt-3 text-fg-2">{text}</p> })}
            {children()}
        </fieldset>
    }
}
