//! A form with one plain POST. Errors appear at the field and once at the top, and nothing typed is lost. The
//! answer to a failed post is a redirect back to the page; the session keeps `Filled` until it is read once. Each
//! field finds its own part of it by name.

use std::collections::BTreeMap;

use leptos::context::Provider;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::chip::{StatusIcon, Tone};
use crate::messages::messages;

/// What a failed post leaves behind for the next page: errors by field, the typed values and one message. It is
/// read once and never holds secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// Field name and error message, in the order of the form.
    pub errors: Vec<(String, String)>,
    /// Typed values by field name.
    pub values: BTreeMap<String, String>,
    /// Message about the form as a whole.
    pub message: Option<String>,
}

impl Filled {
    /// The error message of a field; `None` if the field is fine.
    #[must_use]
    pub fn error(&self, field: &str) -> Option<String> {
        self.errors.iter().find(|(name, _)| name == field).map(|(_, text)| text.clone())
    }

    /// True if the form came back from a post, with an error or with typed values.
    #[must_use]
    pub fn came_back(&self) -> bool {
        self.is_bad() || !self.values.is_empty()
    }

    /// True if a field or the form as a whole has an error.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        !self.errors.is_empty() || self.message.is_some()
    }
}

/// Whether a form marks the fields that it needs, and says "optional" at none.
#[derive(Clone, Copy)]
struct MarksRequired(bool);

/// Whether the form around this field marks the fields that it needs.
pub(crate) fn marks_required() -> bool {
    use_context::<MarksRequired>().is_some_and(|form| form.0)
}

/// What the form around this field got back from the last post. Create a field inside its form: a field created
/// before its form would never show an error.
#[must_use]
pub fn filled() -> Filled {
    let around = use_context::<Filled>();
    debug_assert!(around.is_some(), "a field was made before the form it stands in");
    around.unwrap_or_default()
}

/// A form with a plain POST. Its fields take their errors and typed values from `filled`.
#[component]
pub fn Form(
    /// URL that the form is posted to.
    #[prop(into)]
    action: String,
    /// Errors and typed values of the last post.
    #[prop(optional, into)]
    filled: Option<Filled>,
    /// Hidden fields: name and value.
    #[prop(optional, into)]
    hidden: Vec<(&'static str, String)>,
    /// Id of the form, for buttons outside it.
    #[prop(optional, into)]
    id: Option<String>,
    /// Operation that the form is sent to while somebody types, to show what it would do (`preview`).
    #[prop(optional, into)]
    preview: Option<&'static str>,
    /// Region that shows the answer of the preview.
    #[prop(optional, into)]
    shows: Option<&'static str>,
    /// True if the browser asks before the page is left with unsent input.
    #[prop(optional)]
    guard: bool,
    /// True if the form has a field for a file.
    #[prop(optional)]
    upload: bool,
    /// True if the fields that must be filled are marked, for a form with many that need not.
    #[prop(optional)]
    marks_required: bool,
    /// CSS classes of the form; a column of fields by default.
    #[prop(default = "flex flex-col gap-5")]
    class: &'static str,
    /// The fields and buttons.
    children: Children,
) -> impl IntoView {
    let filled = filled.unwrap_or_default();
    let hidden =
        hidden.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> }).collect_view();
    let summary = filled.is_bad().then(|| view! { <FormSummary filled=filled.clone() /> });
    let typed = filled.came_back().then_some("");
    // The browser's own validation stays on: it costs nothing and works without scripts.
    view! {
        <form method="post" action=action id=id class=class enctype=upload.then_some("multipart/form-data") data-guard=guard.then_some("") data-preview=preview data-shows=shows data-typed=typed>
            {hidden}
            {summary}
            <Provider value=MarksRequired(marks_required)><Provider value=filled>{children()}</Provider></Provider>
        </form>
    }
}

/// All errors of a form in one place, with a link to each field.
#[component]
pub fn FormSummary(
    /// Errors and typed values of the last post.
    filled: Filled,
) -> impl IntoView {
    let title = filled.message.unwrap_or_else(|| (messages().fix_fields)(filled.errors.len()));
    let links = filled
        .errors
        .into_iter()
        .map(|(name, text)| view! { <li><a class="inline-block py-0.5 underline underline-offset-2" href=format!("#field-{name}")>{text}</a></li> })
        .collect::<Vec<_>>();
    view! {
        <div class="form-errors rounded-card border border-bad/30 bg-bad-bg p-3 text-bad outline-none" role="alert" tabindex="-1" autofocus>
            <p class="flex items-center gap-2 font-medium"><StatusIcon tone=Tone::Failed />{title}</p>
            {(!links.is_empty()).then(|| view! { <ul class="mt-1 flex flex-col ps-[22px] text-sm">{links}</ul> })}
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
