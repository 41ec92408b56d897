//! Fills the field for a URL name while its object's name is typed, until somebody types a URL name. Without scripts the
//! field stays empty, and the server makes the URL name.

use domain::agency::url_name;
use leptos::leptos_dom::helpers::document;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Element, Event, HtmlInputElement};

use crate::dom::listen;

/// Says, inside a form, that the field `to` follows the field `from`.
#[component]
pub fn UrlName(
    /// Name of the field that is typed.
    from: &'static str,
    /// Name of the field that follows it.
    to: &'static str,
) -> impl IntoView {
    view! { <span hidden data-url-name=to data-of=from></span> }
}

/// Listens for typing in the first field.
pub fn start() {
    listen("input", |event: Event| {
        let Some(typed) = event.target().and_then(|at| at.dyn_into::<HtmlInputElement>().ok()) else { return };
        let Some(form) = typed.form() else { return };
        let Ok(Some(rule)) = form.query_selector("[data-url-name]") else { return };
        if rule.get_attribute("data-of") == Some(typed.name()) {
            follow(&rule, &typed.value());
        }
    });
}

/// Fills the second field, unless it holds something that was not derived.
fn follow(rule: &Element, name: &str) {
    let id = format!("field-{}", rule.get_attribute("data-url-name").unwrap_or_default());
    let Some(field) = document().get_element_by_id(&id).and_then(|at| at.dyn_into::<HtmlInputElement>().ok()) else {
        return;
    };
    let derived = rule.get_attribute("data-derived").unwrap_or_default();
    if field.value() != derived {
        return;
    }
    let decomposed = js_sys::JsString::from(name).normalize("NFKD");
    let next = url_name(&String::from(decomposed));
    field.set_value(&next);
    drop(rule.set_attribute("data-derived", &next));
}
