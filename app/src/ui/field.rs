//! How does one field of a form look: label above, help and error under it, what was typed kept.
//! Ids are `field-<name>`, so the summary on top and labels find them; a name stands once on a page.

use leptos::prelude::*;

use super::chip::{StatusIcon, Tone};
use super::escape::escaped;
use super::form::filled;

/// Label, help and error around a control; the control names them with `described(name, …)`.
#[component]
pub fn FieldFrame(
    /// Name of the field.
    #[prop(into)]
    name: String,
    /// Label above.
    #[prop(into)]
    label: String,
    /// Help under the control.
    #[prop(optional_no_strip)]
    help: Option<String>,
    /// What is wrong with it.
    #[prop(optional_no_strip)]
    error: Option<String>,
    /// Whether it may stay empty, which is said beside the label.
    #[prop(optional)]
    required: bool,
    /// The control.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="flex min-w-0 flex-col gap-1.5">
            <label class="flex items-baseline gap-2 text-sm font-medium" for=format!("field-{name}")>
                {label}
                {(!required).then(|| view! { <span class="text-xs font-normal text-fg-3">"optional"</span> })}
            </label>
            {children()}
            {error.map(|text| view! { <p class="flex items-start gap-1.5 text-xs text-bad" id=format!("error-{name}")><span class="mt-px"><StatusIcon tone=Tone::Failed /></span>{text}</p> })}
            {help.map(|text| view! { <p class="text-xs text-fg-3" id=format!("help-{name}")>{text}</p> })}
        </div>
    }
}

/// The ids of a control's error and help, for `aria-describedby`.
#[must_use]
pub fn described(name: &str, error: bool, help: bool) -> Option<String> {
    let ids: Vec<String> = [(error, "error"), (help, "help")]
        .iter()
        .filter(|(is, _)| *is)
        .map(|(_, kind)| format!("{kind}-{name}"))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

/// One line of text.
#[component]
pub fn TextField(
    /// Name of the field.
    name: &'static str,
    /// Label above.
    #[prop(into)]
    label: String,
    /// What stands in it at first; what was typed wins.
    #[prop(optional, into)]
    value: Option<String>,
    /// `type` of the input: text, email, password, tel, url, number, search.
    #[prop(default = "text")]
    kind: &'static str,
    /// Help under it.
    #[prop(optional, into)]
    help: Option<String>,
    /// Whether it must be filled.
    #[prop(optional)]
    required: bool,
    /// What password managers and browsers may fill in.
    #[prop(optional, into)]
    autocomplete: Option<&'static str>,
    /// An example, never the only explanation.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Most characters.
    #[prop(optional, into)]
    maxlength: Option<u32>,
    /// Keyboard on touch: numeric, email, tel, url.
    #[prop(optional, into)]
    inputmode: Option<&'static str>,
    /// Whether it is focused when the page opens and nothing went wrong.
    #[prop(optional)]
    autofocus: bool,
) -> impl IntoView {
    let carried = filled();
    let error = carried.error(name);
    // A password is never carried back.
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

/// Several lines of text; grows with them where the browser can.
#[component]
pub fn TextArea(
    /// Name of the field.
    name: &'static str,
    /// Label above.
    #[prop(into)]
    label: String,
    /// What stands in it at first; what was typed wins.
    #[prop(optional, into)]
    value: Option<String>,
    /// Help under it.
    #[prop(optional, into)]
    help: Option<String>,
    /// Whether it must be filled.
    #[prop(optional)]
    required: bool,
    /// Lines at first.
    #[prop(default = 3)]
    rows: u8,
    /// An example.
    #[prop(optional, into)]
    placeholder: Option<String>,
    /// Most characters.
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
                // The renderer writes the children of a textarea as they are.
                {escaped(&value)}
            </textarea>
        </FieldFrame>
    }
}

/// One entry of a `Select`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub label: String,
}

impl Choice {
    /// A choice of this value, read as that.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// One of several.
#[component]
pub fn Select(
    /// Name of the field.
    name: &'static str,
    /// Label above.
    #[prop(into)]
    label: String,
    /// What there is to choose.
    choices: Vec<Choice>,
    /// What is chosen at first; what was chosen wins.
    #[prop(optional, into)]
    value: Option<String>,
    /// Words of the empty choice; none means the first choice is taken.
    #[prop(optional, into)]
    empty: Option<String>,
    /// Help under it.
    #[prop(optional, into)]
    help: Option<String>,
    /// Whether one must be chosen.
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
        <FieldFrame name=name label=label help=help error=error required=required>
            <select class="control control-select" id=format!("field-{name}") name=name required=required aria-invalid=invalid aria-describedby=describedby>
                {empty.map(|text| view! { <option value="">{text}</option> })}
                {options}
            </select>
        </FieldFrame>
    }
}

/// Yes or no. Posts `value` (`on`) when ticked, nothing when not.
#[component]
pub fn Checkbox(
    /// Name of the field.
    name: &'static str,
    /// What is said yes to.
    #[prop(into)]
    label: String,
    /// Whether it is ticked at first; what was chosen wins after a failed try.
    #[prop(optional)]
    checked: bool,
    /// What is posted when ticked; several boxes of one name differ by it.
    #[prop(default = "on".to_owned(), into)]
    value: String,
    /// Help under it.
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
