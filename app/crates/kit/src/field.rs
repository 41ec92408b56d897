//! Fields of a form: the label above, help and error below, and the typed value kept after a failed post. Ids are
//! `field-<name>`, so that labels and the error summary at the top find the field; a name may occur only once on a
//! page.

use leptos::prelude::*;

use crate::chip::{StatusIcon, Tone};
use crate::escape::escaped;
use crate::form::{filled, marks_required};
use crate::messages::messages;

/// Label, help and error around a control. The control refers to help and error with `described(name, …)`.
#[component]
pub fn FieldFrame(
    /// Name of the field.
    #[prop(into)]
    name: String,
    /// Label above the control.
    #[prop(into)]
    label: String,
    /// Help under the control.
    #[prop(optional_no_strip)]
    help: Option<String>,
    /// Error message; `None` if the value is accepted.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// True if the field must be filled. Otherwise "optional" stands beside the label, unless the form marks what it needs.
    #[prop(optional)]
    required: bool,
    /// True if the control always says what applies, as a list does: then nothing stands beside the label.
    #[prop(optional)]
    settled: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    let marks = marks_required();
    view! {
        <div class="flex min-w-0 flex-col gap-1.5">
            <label class="flex items-baseline gap-2 text-sm font-medium" for=format!("field-{name}")>
                {label}
                {(!required && !marks && !settled).then(|| view! { <span class="text-xs font-normal text-fg-3">{messages().optional}</span> })}
                {(required && marks).then(|| view! { <span class="-ms-1.5 text-bad" aria-hidden="true">"*"</span> })}
            </label>
            {children()}
            {error.map(|text| view! { <p class="flex items-start gap-1.5 text-xs text-bad" id=format!("error-{name}")><span class="mt-px"><StatusIcon tone=Tone::Failed /></span>{text}</p> })}
            {help.map(|text| view! { <p class="text-xs text-fg-3" id=format!("help-{name}")>{text}</p> })}
        </div>
    }
}

/// The ids of a control's error and help, for `aria-describedby`; `None` if it has neither.
#[must_use]
pub fn described(name: &str, error: bool, help: bool) -> Option<String> {
    let ids: Vec<String> = [(error, "error"), (help, "help")]
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, kind)| format!("{kind}-{name}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// A field for one line of text.
#[component]
pub fn TextField(
    /// Name of the field.
    name: &'static str,
    /// Label above the control.
    #[prop(into)]
    label: String,
    /// Initial value; the value typed in the last post takes precedence.
    #[prop(optional, into)]
    value: Option<String>,
    /// `type` of the input: text, email, password, tel, url, number, search.
    #[prop(default = "text")]
    kind: &'static str,
    /// Help under the control.
    #[prop(optional, into)]
    help: Option<String>,
    /// True if the field must be filled.
    #[prop(optional)]
    required: bool,
    /// `autocomplete` of the input: what password managers and browsers may fill in.
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
    /// Example value; it must not be the only explanation.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Maximum number of characters.
    #[prop(optional, into)]
    maxlength: Option<u32>,
    /// `inputmode` of the input, the keyboard on touch devices: numeric, email, tel, url.
    #[prop(optional, into)]
    inputmode: Option<&'static str>,
    /// True if the field gets the focus when the page opens without an error.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let carried = filled();
    let error = carried.error(name);
    // A typed password is never sent back to the page.
    let value = if kind == "password" { None } else { carried.values.get(name).cloned().or(value) };
    let describedby = described(name, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    let autofocus = autofocus && !carried.is_bad();
    view! {
        <FieldFrame name=name label=label help=help error=error required=required>
            <input class="control" id=format!("field-{name}") type=kind name=name value=value required=required autocomplete=autocomplete placeholder=placeholder maxlength=maxlength inputmode=inputmode autofocus=autofocus aria-invalid=invalid aria-describedby=describedby />
        </FieldFrame>
    }
}

/// A field for several lines of text; it grows with its text where the browser supports that.
#[component]
pub fn TextArea(
    /// Name of the field.
    name: &'static str,
    /// Label above the control.
    #[prop(into)]
    label: String,
    /// Initial value; the value typed in the last post takes precedence.
    #[prop(optional, into)]
    value: Option<String>,
    /// Help under the control.
    #[prop(optional, into)]
    help: Option<String>,
    /// True if the field must be filled.
    #[prop(optional)]
    required: bool,
    /// Number of lines at first.
    #[prop(default = 3)]
    rows: u8,
    /// Example value.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Maximum number of characters.
    #[prop(optional, into)]
    maxlength: Option<u32>,
) -> impl IntoView {
    let carried = filled();
    let error = carried.error(name);
    let value = carried.values.get(name).cloned().or(value).unwrap_or_default();
    let describedby = described(name, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    view! {
        <FieldFrame name=name label=label help=help error=error required=required>
            <textarea class="control control-area" id=format!("field-{name}") name=name rows=rows.to_string() required=required placeholder=placeholder maxlength=maxlength aria-invalid=invalid aria-describedby=describedby>
                // The renderer does not escape the children of a textarea.
                {escaped(&value)}
            </textarea>
        </FieldFrame>
    }
}

/// One entry of a `Select`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Value that is posted.
    pub value: String,
    /// Text that people read.
    pub label: String,
}

impl Choice {
    /// A choice with this value and label.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A drop-down list with one choice.
#[component]
pub fn Select(
    /// Name of the field.
    name: &'static str,
    /// Label above the control.
    #[prop(into)]
    label: String,
    /// The choices.
    choices: Vec<Choice>,
    /// Initial choice; the choice made in the last post takes precedence.
    #[prop(optional, into)]
    value: Option<String>,
    /// Label of the empty choice; `None` leaves it out, and the first choice is preselected.
    #[prop(optional, into)]
    empty: Option<String>,
    /// Help under the control.
    #[prop(optional, into)]
    help: Option<String>,
    /// True if a choice is required.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let carried = filled();
    let error = carried.error(name);
    let chosen = carried.values.get(name).cloned().or(value).unwrap_or_default();
    let describedby = described(name, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    let options = choices
        .into_iter()
        .map(|choice| view! { <option value=choice.value.clone() selected={choice.value == chosen}>{choice.label}</option> })
        .collect_view();
    view! {
        <FieldFrame name=name label=label help=help error=error required=required settled=true>
            <select class="control control-select" id=format!("field-{name}") name=name required=required aria-invalid=invalid aria-describedby=describedby>
                {empty.map(|text| view! { <option value="">{text}</option> })}
                {options}
            </select>
        </FieldFrame>
    }
}

/// A checkbox. It posts `value` (`on` by default) when ticked, and nothing otherwise.
#[component]
pub fn Checkbox(
    /// Name of the field.
    name: &'static str,
    /// Label beside the checkbox.
    #[prop(into)]
    label: String,
    /// True if it is ticked at first; after a failed post the person's choice takes precedence.
    #[prop(optional)]
    checked: bool,
    /// Value that is posted when ticked; checkboxes with the same name differ by it.
    #[prop(default = "on".to_owned(), into)]
    value: String,
    /// Help under the checkbox.
    #[prop(optional, into)]
    help: Option<String>,
) -> impl IntoView {
    let carried = filled();
    let error = carried.error(name);
    let checked =
        if carried.came_back() { carried.values.get(name).is_some_and(|kept| *kept == value) } else { checked };
    let id = if value == "on" { format!("field-{name}") } else { format!("field-{name}-{value}") };
    let describedby = described(name, error.is_some(), help.is_some());
    view! {
        <div class="flex flex-col gap-1">
            <label class="flex min-h-6 items-start gap-3" for=id>
                <input class="tick" id=id.clone() type="checkbox" name=name value=value checked=checked aria-describedby=describedby />
                <span>{label}</span>
            </label>
            {help.map(|text| view! { <p class="ps-7 text-xs text-fg-3" id=format!("help-{name}")>{text}</p> })}
            {error.map(|text| view! { <p class="ps-7 text-xs text-bad" id=format!("error-{name}")>{text}</p> })}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filled, Form};

    #[test]
    fn only_a_field_that_may_stay_empty_is_called_optional() {
        let said = |field: fn() -> AnyView| {
            let form = || view! { <Form action="/x" filled=Filled::default()>{field()}</Form> };
            Owner::new().with(|| form().to_html()).contains(">optional<")
        };
        assert!(!said(|| view! { <TextField name="name" label="Name" required=true/> }.into_any()));
        assert!(said(|| view! { <TextField name="website" label="Website"/> }.into_any()));
        let list =
            || view! { <Select name="role" label="Role" choices=vec![Choice::new("a", "A")] empty="Any"/> }.into_any();
        assert!(!said(list), "its empty choice says what applies");
    }
}
