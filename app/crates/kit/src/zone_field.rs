//! The field for a time zone: one line of text with suggestions, in which people search by city, by what a zone is called
//! or by its offset. It works without scripts: the browser suggests. What was typed is posted, and the server reads it
//! (`domain::provisioning::zone_named`).

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Event, HtmlInputElement};

use crate::dom::listen;
use crate::field::{Choice, FieldFrame, described};
use crate::form::filled;

/// A field with a time zone.
#[component]
pub fn ZoneField(
    /// Name of the field.
    name: &'static str,
    /// Label above the control.
    #[prop(default = "Time zone".to_owned(), into)]
    label: String,
    /// The zones that are suggested: their names in the database and what people read.
    zones: Vec<Choice>,
    /// Initial zone, by its name; what was typed in the last post takes precedence.
    #[prop(optional, into)]
    value: Option<String>,
    /// What an empty field stands for. `None` if it may not be empty for long.
    #[prop(optional, into)]
    empty: Option<String>,
    /// Help under the control.
    #[prop(optional, into)]
    help: Option<String>,
    /// True if the field must be filled.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    let carried = filled();
    let error = carried.error(name);
    let value = carried.values.get(name).cloned().or(value).unwrap_or_default();
    // A name that is not suggested, such as a former one, is shown as it is.
    let value = zones.iter().find(|zone| zone.value == value).map_or(value, |zone| zone.label.clone());
    let describedby = described(name, error.is_some(), help.is_some());
    let invalid = error.is_some().then_some("true");
    let settled = empty.is_some();
    let placeholder = empty.unwrap_or_else(|| "Search by city or name".to_owned());
    let list = format!("zones-{name}");
    let options = zones.into_iter().map(|zone| view! { <option value=zone.label></option> }).collect_view();
    view! {
        <FieldFrame name=name label=label help=help error=error required=required settled=settled>
            <input class="control" id=format!("field-{name}") type="text" name=name value=value list=list.clone() required=required placeholder=placeholder maxlength="100" autocomplete="off" spellcheck="false" aria-invalid=invalid aria-describedby=describedby data-zone />
            <datalist id=list>{options}</datalist>
        </FieldFrame>
    }
}

/// Selects what a time zone's field has when it gets the focus: the browser suggests only what fits the text in the
/// field, so typing has to replace it.
pub(crate) fn start() {
    listen("focusin", |event: Event| {
        let field = event.target().and_then(|at| at.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| field.has_attribute("data-zone")) {
            field.select();
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Filled, Form};

    fn drawn(value: &'static str, filled: Filled) -> String {
        let zones = vec![Choice::new("America/New_York", "Eastern Time \u{2013} New York (UTC\u{2212}5)")];
        Owner::new().with(|| view! { <Form action="/x" filled><ZoneField name="/zone" zones value/></Form> }.to_html())
    }

    #[test]
    fn a_zone_is_shown_by_its_label_and_any_other_text_as_it_is() {
        let html = drawn("America/New_York", Filled::default());
        assert_eq!(html.matches("Eastern Time").count(), 2, "in the field and suggested: {html}");
        assert!(html.contains("list=\"zones-/zone\"") && html.contains("<datalist id=\"zones-/zone\""), "{html}");
        assert!(drawn("US/Eastern", Filled::default()).contains("value=\"US/Eastern\""));
        let typed = Filled { values: [("/zone".to_owned(), "<b>".to_owned())].into(), ..Filled::default() };
        let html = drawn("America/New_York", typed);
        assert!(html.contains("value=\"&lt;b&gt;\"") && !html.contains("<b>"), "{html}");
    }
}
