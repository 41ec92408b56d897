//! Updates a part of the page while somebody types in a form. A form with `data-preview` is sent to the operation
//! named there whenever typing pauses. The answer is a piece of the page, and its `data-live` regions are morphed
//! into the regions on the page. An island may render the answer itself, from typed state (`answer_typed`). While it
//! waits, the form and the region that it names (`data-shows`) are marked (`asking`); else the form is not touched.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use leptos::leptos_dom::helpers::{document, set_timeout};
use leptos::wasm_bindgen::{JsCast as _, JsValue};
use leptos::web_sys::{
    DomParser, Element, Event, FormData, HtmlFormElement, RequestInit, SupportedType, UrlSearchParams,
};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::dom::listen;
use crate::morph::regions;
use crate::{asking, reachable};

/// The operations that show what a form would do and change nothing but the person's own draft of it. They are the only operations that a script
/// may call; the server refuses any other request that no form sends.
pub const PREVIEWS: [&str; 4] = ["/do/check_job", "/do/find", "/do/find_in_business", "/do/find_platform"];

/// The field that asks for the state as JSON instead of the rendered piece.
pub const TYPED: &str = "answer_typed";

/// Renders an answer with typed state; false if it cannot be read.
type Renderer = Box<dyn Fn(&str) -> bool>;

thread_local! {
    /// Number of the last request; the answers of earlier ones are dropped.
    static LATEST: Cell<u32> = const { Cell::new(0) };
    static RENDERERS: RefCell<Vec<(String, Renderer)>> = const { RefCell::new(Vec::new()) };
}

/// Lets an island render the answers of an operation. They are asked for as typed state from now on.
pub fn answer_typed(operation: &str, show: impl Fn(&str) -> bool + 'static) {
    RENDERERS.with_borrow_mut(|all| all.push((operation.to_owned(), Box::new(show))));
}

fn is_typed(operation: &str) -> bool {
    RENDERERS.with_borrow(|all| all.iter().any(|(name, _)| name == operation))
}

/// Lets the island of this operation render an answer. An island that cannot read it is given up.
fn render(operation: &str, answer: &str) {
    RENDERERS.with_borrow_mut(|all| all.retain(|(name, show)| name != operation || show(answer)));
}

/// How long typing must pause before the preview is requested.
const PAUSE: Duration = Duration::from_millis(350);

/// Listens for typing in forms with a preview.
pub fn start() {
    listen("input", move |event: Event| {
        let form = event
            .target()
            .and_then(|at| at.dyn_into::<Element>().ok())
            .and_then(|at| at.closest("form[data-preview]").ok().flatten())
            .and_then(|at| at.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form else { return };
        let mine = next();
        set_timeout(
            move || {
                if LATEST.get() == mine {
                    spawn_local(show(form, mine));
                }
            },
            PAUSE,
        );
    });
}

/// Requests the preview of a form now, for what it holds.
pub fn refresh(form: HtmlFormElement) {
    spawn_local(show(form, next()));
}

fn next() -> u32 {
    LATEST.set(LATEST.get() + 1);
    LATEST.get()
}

/// Requests the preview and shows it, unless something was typed meanwhile. Without an answer the last preview
/// stays, and is requested again once the server answers; posting the form checks everything again.
async fn show(form: HtmlFormElement, mine: u32) {
    let operation = form.get_attribute("data-preview").unwrap_or_default();
    let typed = is_typed(&operation);
    let shown = form.get_attribute("data-shows");
    asking::begin(&form, shown.as_slice());
    let answer = ask(&form, &operation, typed).await;
    if LATEST.get() != mine {
        return;
    }
    asking::settle();
    let Ok(answer) = answer else {
        reachable::ask_again(move || refresh(form));
        return;
    };
    if typed {
        render(&operation, &answer);
    } else if let Ok(fresh) = DomParser::new().and_then(|it| it.parse_from_string(&answer, SupportedType::TextHtml)) {
        regions(&document(), &fresh, &mut Vec::new());
    }
}

/// Requests what the form would do: as typed state, or as a piece of the page.
async fn ask(form: &HtmlFormElement, operation: &str, typed: bool) -> Result<String, JsValue> {
    // Markup that is not ours could name any operation here.
    if !PREVIEWS.contains(&operation) {
        return Err(JsValue::NULL);
    }
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form)?.into())?;
    if typed {
        fields.append(TYPED, "1");
    }
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&fields);
    let answer = reachable::ask(operation, &init).await?;
    if !answer.ok() {
        // These pass. A fault does not, and the server is there.
        if matches!(answer.status(), 429 | 502..=504) {
            reachable::lost();
        }
        return Err(JsValue::NULL);
    }
    Ok(JsFuture::from(answer.json()?).await?.as_string().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{answer_typed, is_typed, render};

    #[test]
    fn an_island_that_cannot_read_an_answer_is_given_up() {
        answer_typed("/do/check_job", |answer| answer == "{}");
        render("/do/check_job", "{}");
        assert!(is_typed("/do/check_job") && !is_typed("/do/find"));
        render("/do/check_job", "another version");
        assert!(!is_typed("/do/check_job"), "from now on the rendered piece is asked for");
    }
}
