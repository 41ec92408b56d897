//! What do plain lists share? Their views as links, their lines on a card, the links to other pages, and
//! what stands in their place when there is nothing.

use domain::page::Page;
use leptos::prelude::*;

use crate::{Address, Card, Empty, Glyph, Icon};

/// What a list says around its lines.
#[derive(Clone, Copy)]
pub struct ListWords {
    /// Title and text while the list was never anything but empty.
    pub none: (&'static str, &'static str),
    /// Said when a view, a filter or a search hides everything.
    pub none_here: &'static str,
    /// The link to the whole list.
    pub show_all: &'static str,
    /// The link to the first page.
    pub first_page: &'static str,
    /// The link to the next page.
    pub next: &'static str,
}

/// The views of a list as links, in this order. `name` says what each is called.
pub fn view_tabs(
    label: &'static str,
    views: &'static [&'static str],
    at: &Address,
    name: impl Fn(&'static str) -> &'static str,
) -> AnyView {
    let tabs = views.iter().copied().map(|key| {
        let (href, current) = (at.with("view", key).href(), (at.get("view") == key).then_some("page"));
        let name = name(key);
        view! { <a class="view-tab" href=href aria-current=current>{name}</a> }
    });
    let tabs = tabs.collect_view();
    view! { <nav class="-mx-1 flex min-w-0 items-center gap-0.5 overflow-x-auto px-1" aria-label=label>{tabs}</nav> }
        .into_any()
}

/// The lines of a page on a card, with links to the first and the next page. `is_plain` says that nothing narrows the list.
pub fn list_card<T>(
    words: ListWords,
    at: &Address,
    page: Page<T>,
    is_plain: bool,
    line: impl Fn(T) -> AnyView,
) -> AnyView {
    let (shown, next) = (page.rows.len(), page.next);
    if shown == 0 && is_plain {
        let (title, text) = words.none;
        return view! { <Empty title text/> }.into_any();
    }
    if shown == 0 {
        let all = at.cleared().href();
        return view! {
            <section class="empty">
                <p class="text-fg-2">{words.none_here}</p>
                <a class="btn btn-secondary" href=all>{words.show_all}</a>
            </section>
        }
        .into_any();
    }
    let first = (at.at() > 0).then(|| {
        let href = at.with("cursor", "").href();
        view! { <a class="btn btn-secondary" href=href>{words.first_page}</a> }
    });
    let next = next.map(|cursor| {
        let href = at.page(&cursor, at.at() + shown).href();
        view! { <a class="btn btn-secondary" rel="next" href=href>{words.next}<Icon of=Glyph::Right/></a> }
    });
    let lines = page.rows.into_iter().map(line).collect_view();
    view! {
        <Card flush=true><ul>{lines}</ul></Card>
        <div class="flex justify-end gap-2 pt-3 empty:hidden">{first}{next}</div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: ListWords = ListWords {
        none: ("nothing yet", "it comes"),
        none_here: "nothing here",
        show_all: "show all",
        first_page: "first page",
        next: "next page",
    };

    fn html(query: &str, rows: Vec<&'static str>, next: Option<&str>) -> String {
        let at = Address::new("/b/x/list", query);
        let page = Page { rows, next: next.map(str::to_owned), total: None };
        let is_plain = !at.is_filtered();
        let line = |row| view! { <li>{row}</li> }.into_any();
        Owner::new().with(|| list_card(WORDS, &at, page, is_plain, line).to_html())
    }

    #[test]
    fn an_empty_list_says_whether_anything_is_hidden() {
        let (plain, searched) = (html("", vec![], None), html("q=x", vec![], None));
        assert!(plain.contains("nothing yet") && !plain.contains("show all"), "{plain}");
        assert!(searched.contains("nothing here") && searched.contains("show all"), "{searched}");
    }

    #[test]
    fn links_lead_to_the_pages_that_there_are() {
        let (only, first) = (html("", vec!["<b>"], None), html("", vec!["<b>"], Some("c")));
        assert!(only.contains("&lt;b") && !only.contains("<a "), "{only}");
        assert!(first.contains("next page") && first.contains("cursor=c") && !first.contains("first page"), "{first}");
    }

    #[test]
    fn one_view_is_the_current_one() {
        let at = Address::new("/b/x/list", "view=sent");
        let tabs = |at: Address| Owner::new().with(|| view_tabs("views", &["", "sent"], &at, |key| key).to_html());
        for at in [at, Address::new("/b/x/list", "")] {
            assert_eq!(tabs(at).matches("aria-current=\"page\"").count(), 1);
        }
    }
}
