//! Remembers in the browser which pages of an area its person opened last, and shows them when Find opens. The list
//! belongs to one person: it is emptied when they sign out, and when another person is signed in. It holds addresses
//! inside the area and the titles of their pages, and a title is only ever shown as text.

use leptos::leptos_dom::helpers::{document, window};
use leptos::wasm_bindgen::JsCast as _;
use leptos::web_sys::{Element, Event, HtmlFormElement, HtmlInputElement, Storage};

use crate::dom::listen;
use crate::{clock, preview};

/// Beginning of the keys in the browser's local storage; the root of the area follows.
const KEY: &str = "recent ";
/// Pages that are remembered, and pages that are shown.
const KEPT: usize = 9;
const SHOWN: usize = 6;

/// Pages below a business that are called by a customer's name. They are not remembered: a customer who is erased here would
/// still be named in browsers.
const OF_CUSTOMERS: [&str; 3] = ["/contacts/", "/inbox/", "/assistant/answers/"];

/// The heading of a page to come back to. One that only says why a page cannot be shown is none.
const HEADING: &str = "main:not(:has([data-passing])) h1";

/// A page: its address without a query, and its title.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Page {
    href: String,
    title: String,
}

/// Reads the stored list of this person. Lines that are not a page of the area are left out.
fn read(stored: &str, person: &str, root: &str) -> Vec<Page> {
    let mut lines = stored.lines();
    if lines.next() != Some(person) {
        return Vec::new();
    }
    let pages = lines.filter_map(|line| {
        let (href, title) = line.split_once('\t')?;
        Some(Page { href: href.to_owned(), title: title.to_owned() })
    });
    pages.filter(|page| is_inside(&page.href, root)).take(KEPT).collect()
}

/// The text to store.
fn written(pages: &[Page], person: &str) -> String {
    let lines = pages.iter().map(|page| format!("\n{}\t{}", page.href, page.title));
    format!("{person}{}", lines.collect::<String>())
}

/// The list after a page was opened: it comes first.
fn opened(mut pages: Vec<Page>, page: Page) -> Vec<Page> {
    pages.retain(|one| one.href != page.href);
    pages.insert(0, page);
    pages.truncate(KEPT);
    pages
}

/// True if this is the address of a page below the root of the area.
fn is_inside(href: &str, root: &str) -> bool {
    href.strip_prefix(root).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

/// True if this is the page of a customer of the business with this root.
fn is_of_customer(href: &str, root: &str) -> bool {
    let below = href.strip_prefix(root).filter(|_| root.starts_with("/b/"));
    below.is_some_and(|below| OF_CUSTOMERS.iter().any(|page| below.starts_with(page)))
}

fn store() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Remembers the open page, and empties the lists at sign-out.
pub fn start() {
    let Some((_, root, person)) = place() else {
        if window().location().pathname().is_ok_and(|path| path.starts_with("/login")) {
            forget();
        }
        return;
    };
    remember(&root, &person);
    listen("submit", |event: Event| {
        let form = event.target().and_then(|at| at.dyn_into::<Element>().ok());
        if form.and_then(|form| form.get_attribute("action")).is_some_and(|to| to.starts_with("/do/sign_out")) {
            forget();
        }
    });
    listen("input", |event: Event| {
        let field = event.target().and_then(|at| at.dyn_into::<HtmlInputElement>().ok());
        if let Some(field) = field.filter(|field| field.has_attribute("data-find")) {
            show(&field.value());
        }
    });
}

/// Shows Find as it opens: nothing typed, the pages opened last, and what can be done.
pub fn open() {
    let form = document().query_selector("#find form[data-preview]").ok().flatten();
    if let Some(form) = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok()) {
        form.reset();
        show("");
        preview::refresh(form);
    }
}

/// The list in the dialog, the root of the area and the person.
fn place() -> Option<(Element, String, String)> {
    let list = document().query_selector("[data-recent]").ok()??;
    let (root, person) = (list.get_attribute("data-recent")?, list.get_attribute("data-of")?);
    Some((list, root, person))
}

fn stored(root: &str, person: &str) -> Vec<Page> {
    let text = store().and_then(|store| store.get_item(&format!("{KEY}{root}")).ok().flatten());
    text.map(|text| read(&text, person, root)).unwrap_or_default()
}

fn remember(root: &str, person: &str) {
    let Ok(href) = window().location().pathname() else { return };
    let heading = document().query_selector(HEADING).ok().flatten().and_then(|it| it.text_content());
    let title = heading.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if title.is_empty() || !is_inside(&href, root) || is_of_customer(&href, root) || href.ends_with("/find") {
        return;
    }
    let pages = opened(stored(root, person), Page { href, title: title.chars().take(120).collect() });
    if let Some(store) = store() {
        drop(store.set_item(&format!("{KEY}{root}"), &written(&pages, person)));
    }
}

/// Removes the lists of every area.
fn forget() {
    let Some(store) = store() else { return };
    let keys = (0..store.length().unwrap_or(0)).filter_map(|at| store.key(at).ok().flatten());
    for key in keys.filter(|key| key.starts_with(KEY)).collect::<Vec<_>>() {
        drop(store.remove_item(&key));
    }
}

/// Shows the remembered pages in the dialog, except the open one. While something is typed they are hidden.
fn show(typed: &str) {
    let Some((list, root, person)) = place() else { return };
    let here = window().location().pathname().unwrap_or_default();
    let pages: Vec<Page> = stored(&root, &person).into_iter().filter(|page| page.href != here).take(SHOWN).collect();
    let mut left = pages.iter();
    clock::for_each(&document(), "[data-recent] [data-recent-page]", |line| match left.next() {
        Some(page) => {
            fill(line, page);
            drop(line.remove_attribute("hidden"));
        }
        None => drop(line.set_attribute("hidden", "")),
    });
    let hidden = pages.is_empty() || !typed.trim().is_empty();
    drop(if hidden { list.set_attribute("hidden", "") } else { list.remove_attribute("hidden") });
}

fn fill(line: &Element, page: &Page) {
    if let Ok(Some(link)) = line.query_selector("a") {
        drop(link.set_attribute("href", &page.href));
    }
    if let Ok(Some(name)) = line.query_selector("[data-name]") {
        clock::set_text(&name, &page.title);
    }
}

/// Number of lines that the dialog has for remembered pages.
pub const LINES: usize = SHOWN;

#[cfg(test)]
mod tests {
    use super::*;

    fn page(href: &str, title: &str) -> Page {
        Page { href: href.to_owned(), title: title.to_owned() }
    }

    #[test]
    fn the_list_of_one_person_is_read_and_that_of_another_is_not() {
        let pages = vec![page("/a/harbor/clients/1", "Bright Dental"), page("/a/harbor/team", "Team")];
        let text = written(&pages, "maya@harbor.test");
        assert_eq!(read(&text, "maya@harbor.test", "/a/harbor"), pages);
        assert!(read(&text, "noah@harbor.test", "/a/harbor").is_empty());
        assert!(read("", "maya@harbor.test", "/a/harbor").is_empty());
    }

    #[test]
    fn only_pages_below_the_root_are_shown() {
        for href in ["//evil.example/", "javascript:alert(1)", "/a/harbor", "/a/harbor/", "/a/harbor2/team", "/b/x/y"] {
            let text = written(&[page(href, "x")], "maya");
            assert!(read(&text, "maya", "/a/harbor").is_empty(), "{href}");
        }
    }

    #[test]
    fn the_page_of_a_customer_is_not_remembered() {
        for (href, root, is_of_customer_there) in [
            ("/b/x/contacts/1", "/b/x", true),
            ("/b/x/contacts/1/merge", "/b/x", true),
            ("/b/x/inbox/1", "/b/x", true),
            ("/b/x/contacts", "/b/x", false),
            ("/b/x/assistant/knowledge/1", "/b/x", false),
            ("/a/x/inbox/1", "/a/x", false),
        ] {
            assert_eq!(is_of_customer(href, root), is_of_customer_there, "{href}");
        }
    }

    #[test]
    fn the_last_opened_page_comes_first_and_once() {
        let mut pages = Vec::new();
        for at in 0..20 {
            pages = opened(pages, page(&format!("/a/x/{at}"), "t"));
        }
        assert_eq!((pages.len(), pages[0].href.as_str()), (KEPT, "/a/x/19"));
        let again = opened(pages, page("/a/x/15", "t"));
        assert_eq!(again.iter().filter(|one| one.href == "/a/x/15").count(), 1);
        assert_eq!(again[0].href, "/a/x/15");
    }
}
