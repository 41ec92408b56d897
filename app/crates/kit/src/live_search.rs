//! Searches a list while somebody types. A form with `data-live-search` may name the region with the rows; shortly after the
//! last letter the address of the page changes, without a new entry in the history, and that region is fetched and
//! morphed in place. The field keeps its focus, and a line along the form shows that it waits (`asking`). Without scripts Enter
//! sends the form.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::leptos_dom::helpers::{document, set_timeout, window};
use leptos::wasm_bindgen::JsCast as _;
use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::{Element, Event, FormData, HtmlFormElement, HtmlInputElement, UrlSearchParams};
use wasm_bindgen_futures::spawn_local;

use crate::dom::listen;
use crate::morph::regions;
use crate::refresh::{RefreshError, fetch_page};
use crate::{asking, clock, reachable};

/// How long typing must pause before the list is fetched.
const PAUSE: Duration = Duration::from_millis(200);

/// Parameters that say where in a list a page begins. A search begins at the first row.
const POSITION: [&str; 2] = ["cursor", "at"];

/// The first region that follows a toolbar.
const BESIDE: &str = "[data-toolbar] ~ [data-live], [data-toolbar] ~ * [data-live]";

/// The links of a toolbar that keep the search: the views, the download, and the crosses of the filters.
const FOLLOWING: &str = "a.view-tab, a[href*='.csv'], [aria-label=Filters] a[aria-label]";

/// Listens for typing in the search forms of lists.
pub fn start() {
    let latest = Rc::new(Cell::new(0_u32));
    listen("input", move |event: Event| {
        let form = event
            .target()
            .and_then(|at| at.dyn_into::<Element>().ok())
            .and_then(|at| at.closest("form[data-live-search]").ok().flatten())
            .and_then(|at| at.dyn_into::<HtmlFormElement>().ok());
        let Some(form) = form else { return };
        let (mine, latest) = (latest.get() + 1, latest.clone());
        latest.set(mine);
        set_timeout(move || begin(form, mine, latest), PAUSE);
    });
}

/// Begins to search, unless something was typed meanwhile.
fn begin(form: HtmlFormElement, mine: u32, latest: Rc<Cell<u32>>) {
    if latest.get() == mine {
        spawn_local(search(form, mine, latest));
    }
}

/// Shows the list for what the form holds, unless something was typed meanwhile. Without an answer the rows stay, the page says
/// so, and the list is asked for again once the server answers.
async fn search(form: HtmlFormElement, mine: u32, latest: Rc<Cell<u32>>) {
    let shown = regions_of(&form);
    let Ok(query) = query_of(&form) else { return };
    let path = window().location().pathname().unwrap_or_default();
    let address = if query.is_empty() { path.clone() } else { format!("{path}?{query}") };
    let Ok(history) = window().history() else { return };
    if history.replace_state_with_url(&JsValue::NULL, "", Some(&address)).is_err() {
        return;
    }
    follow(&form, &path);
    asking::begin(&form, &shown);
    let answer = fetch_page(&shown).await;
    if latest.get() != mine {
        return;
    }
    asking::settle();
    match answer {
        Ok(fresh) => {
            regions(&document(), &fresh, &mut Vec::new());
            clock::localise(&document());
            clock::tick(&document());
        }
        // The server asks for a sign-in, which leads back to the list, or refuses the list, and its page says why. It answers, so
        // to ask again would bring the same.
        Err(RefreshError::SignedOut | RefreshError::Refused) => drop(form.submit()),
        Err(RefreshError::Busy | RefreshError::Unreachable) => {
            reachable::lost();
            reachable::ask_again(move || begin(form, mine, latest));
        }
    }
}

/// The regions that a search changes: the rows, in the region that the form names or else the first one beside the
/// toolbar, and whatever in the toolbar is a region. One that is named twice is asked for once all the same.
fn regions_of(form: &HtmlFormElement) -> Vec<String> {
    let key = |element: Element| element.get_attribute("data-live");
    let mut found = Vec::new();
    found.extend(form.get_attribute("data-live-search").filter(|name| !name.is_empty()));
    let Ok(Some(toolbar)) = form.closest("[data-toolbar]") else { return found };
    if let Ok(inside) = toolbar.query_selector_all("[data-live]") {
        found.extend((0..inside.length()).filter_map(|at| key(inside.item(at)?.dyn_into().ok()?)));
    }
    let beside = toolbar.parent_element().and_then(|around| around.query_selector(BESIDE).ok().flatten());
    found.extend(beside.and_then(key));
    found
}

/// The query that the form would be sent with, without empty parameters.
fn query_of(form: &HtmlFormElement) -> Result<String, JsValue> {
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form)?.into())?;
    let all = String::from(fields.to_string());
    let kept = all.split('&').filter(|pair| !pair.is_empty() && !pair.ends_with('='));
    Ok(kept.collect::<Vec<_>>().join("&"))
}

/// Gives the links beside the search the same words, and shows the cross that clears the field.
fn follow(form: &HtmlFormElement, path: &str) {
    let words = form.query_selector("input[name=q]").ok().flatten().and_then(|input| value(&input));
    let words = words.unwrap_or_default();
    if let Ok(Some(clear)) = form.query_selector("[data-clear]") {
        drop(if words.is_empty() { clear.set_attribute("hidden", "") } else { clear.remove_attribute("hidden") });
    }
    let Ok(Some(around)) = form.closest("[data-toolbar]") else { return };
    let Ok(links) = around.query_selector_all(FOLLOWING) else { return };
    let links = (0..links.length()).filter_map(|at| links.item(at)?.dyn_into::<Element>().ok());
    for link in links {
        let href = link.get_attribute("href").unwrap_or_default();
        if let Some(next) = with_words(&href, path, &words) {
            drop(link.set_attribute("href", &next));
        }
    }
}

fn value(input: &Element) -> Option<String> {
    Some(input.dyn_ref::<HtmlInputElement>()?.value())
}

/// The address of a link to the same page, with these words searched. `None` for a link to another page.
fn with_words(href: &str, path: &str, words: &str) -> Option<String> {
    let (page, query) = href.split_once('?').unwrap_or((href, ""));
    // The list itself, or its download.
    if page != path && page.strip_suffix(".csv") != Some(path) {
        return None;
    }
    let dropped = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        name.is_empty() || name == "q" || POSITION.contains(&name)
    };
    let mut kept: Vec<String> = query.split('&').filter(|pair| !dropped(pair)).map(str::to_owned).collect();
    if !words.trim().is_empty() {
        kept.push(format!("q={}", encoded(words.trim())));
    }
    let query = kept.join("&");
    Some(if query.is_empty() { page.to_owned() } else { format!("{page}?{query}") })
}

/// A text as a value of a query, as forms write it. By hand, because the code of a library would be loaded with every page.
fn encoded(text: &str) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |at: u8| DIGITS.get(usize::from(at)).copied().unwrap_or_default();
    let mut value = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => value.push('+'),
            b'*' | b'-' | b'.' | b'_' => value.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => value.push(char::from(byte)),
            _ => value.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::{encoded, with_words};

    #[test]
    fn words_are_written_as_a_form_writes_them() {
        let ascii: String = (0_u8..128).map(char::from).collect();
        for words in [ascii.as_str(), "Éclair & co", "日本 100%+", "a=b&c#d?e/f", "\u{1f9b7}", ""] {
            let expected: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
            assert_eq!(encoded(words), expected, "{words:?}");
        }
    }

    #[test]
    fn links_to_the_same_list_take_the_words_along() {
        let next = |href, words| with_words(href, "/a/x/clients", words);
        assert_eq!(next("/a/x/clients", "bay d").as_deref(), Some("/a/x/clients?q=bay+d"));
        assert_eq!(
            next("/a/x/clients?view=paused&q=old&cursor=c&at=50", "bay").as_deref(),
            Some("/a/x/clients?view=paused&q=bay")
        );
        assert_eq!(next("/a/x/clients?q=old", " ").as_deref(), Some("/a/x/clients"));
        assert_eq!(
            next("/a/x/clients?city.is=S%C3%A3o+Paulo&", "").as_deref(),
            Some("/a/x/clients?city.is=S%C3%A3o+Paulo")
        );
        assert_eq!(next("/a/x/clients.csv", "bay").as_deref(), Some("/a/x/clients.csv?q=bay"));
        assert_eq!(next("/a/x/clients/import", "bay"), None, "another page");
    }
}
