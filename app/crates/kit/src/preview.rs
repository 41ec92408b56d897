//! Updates a part of the page while somebody types in a form. A form with `data-preview` is sent to the operation
//! named there whenever typing pauses. The answer is a piece of the page, and its `data-live` regions are morphed
//! into the regions on the page. The form itself is not touched.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{document, set_timeout, window};
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys::{
    Document, DomParser, Element, Event, FormData, HtmlFormElement, RequestInit, Response, SupportedType,
    UrlSearchParams,
};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::dom::listen;
use crate::morph::regions;

/// The operations that show what a form would do and change nothing. They are the only operations that a script
/// may call; the server refuses any other request that no form sends.
pub const PREVIEWS: [&str; 3] = ["/do/check_job", "/do/find", "/do/find_platform"];

/// How long typing must pause before the preview is requested.
const PAUSE: Duration = Duration::from_millis(350);

/// Listens for typing in forms with a preview.
pub fn start() {
    let latest = Rc::new(Cell::new(0_u32));
    listen("input", move |event: Event| {
        let form = event
            .target()
            .and_then(|at| at.dyn_into::<Element>().ok())
            .and_then(|at| at.closest("form[data-preview]").ok().flatten())
            .and_then(|at| at.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form else { return };
        let (mine, latest) = (latest.get() + 1, latest.clone());
        latest.set(mine);
        set_timeout(
            move || {
                if latest.get() == mine {
                    spawn_local(show(form, mine, latest));
                }
            },
            PAUSE,
        );
    });
}

/// Requests the preview and shows it, unless something was typed meanwhile. Without an answer the last preview
/// stays: posting the form checks everything again.
async fn show(form: HtmlFormElement, mine: u32, latest: Rc<Cell<u32>>) {
    if let (Ok(fresh), true) = (ask(&form).await, latest.get() == mine) {
        regions(&document(), &fresh, &mut Vec::new());
    }
}

/// Requests the piece of the page that shows what the form would do.
async fn ask(form: &HtmlFormElement) -> Result<Document, JsValue> {
    let operation = form.get_attribute("data-preview").unwrap_or_default();
    // Markup that is not ours could name any operation here.
    if !PREVIEWS.contains(&operation.as_str()) {
        return Err(JsValue::NULL);
    }
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form)?.into())?;
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&fields);
    let answer: Response = JsFuture::from(window().fetch_with_str_and_init(&operation, &init)).await?.unchecked_into();
    if !answer.ok() {
        return Err(JsValue::NULL);
    }
    let html = JsFuture::from(answer.json()?).await?.as_string().unwrap_or_default();
    DomParser::new()?.parse_from_string(&html, SupportedType::TextHtml)
}
