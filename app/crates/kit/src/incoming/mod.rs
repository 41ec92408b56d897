//! Shows what messaging platforms sent: the list of events, and one event with what became of it. It never shows the words
//! of a customer.

mod event;

use domain::messaging::received::{KINDS, MOST_SEARCHED, Received, kind_words};
use domain::page::Page;
use leptos::prelude::*;

pub use self::event::IncomingEvent;
use crate::{
    Address, Ago, Column, Empty, FilterChip, Menu, MenuLink, Row, SavedView, StatusPill, Table, Tone, grouped,
};

/// Parameter of the address that opens one event.
pub const EVENT: &str = "event";

/// The outcomes that have a tab, with what they are called.
const VIEWS: [(&str, &str); 7] = [
    ("", "All"),
    ("quarantined", "Failed"),
    ("unroutable", "Unroutable"),
    ("waiting", "Waiting"),
    ("processed", "Processed"),
    ("duplicate", "Duplicate"),
    ("ignored", "Ignored"),
];

/// The events, newest first.
#[component]
pub fn IncomingEvents(
    /// Address of the list.
    at: Address,
    /// The events.
    page: Page<Received>,
) -> impl IntoView {
    // The list is the same, whichever event is open.
    let list = at.with(EVENT, "");
    let empty = view! { <Empty title="Nothing yet" text="Events from messaging platforms appear here for 30 days."/> };
    let views = VIEWS.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
    let kinds = KINDS.map(|(key, words)| {
        view! { <MenuLink href=list.with("kind.is", key).href()>{words}</MenuLink> }
    });
    let kinds = kinds.into_iter().collect_view();
    let tools = view! { <Menu label="Kind">{kinds}</Menu> };
    let columns = vec![
        Column::plain("Event").lead(),
        Column::plain("Outcome").mark(),
        Column::plain("Client"),
        Column::plain("Account").wide_only(),
        Column::plain("Failures").number().wide_only(),
        Column::plain("When"),
    ];
    let bounded = (page.next.is_some() || !list.get("q").is_empty()).then(|| {
        let most = grouped(MOST_SEARCHED);
        view! { <p class="pt-2 text-sm text-fg-2">{format!("Search covers the newest {most} events. Choose a type or a client to go further back.")}</p> }
    });
    let filters = chips(&list, &page.rows);
    let rows = page.rows.into_iter().map(|one| line(&list, one)).collect::<Vec<_>>();
    view! {
        <Table caption="Incoming webhooks" noun=("event", "events") topics="" at=list columns=columns rows=rows next=page.next total=page.total views=views filters=filters search="Search accounts and keys" tools=tools.into_any() empty=empty.into_any()/>
        {bounded}
    }
}

/// The filters by a client and by a kind: the address knows them by an id and a key.
fn chips(list: &Address, rows: &[Received]) -> Vec<FilterChip> {
    let chip =
        |key: &str, label: String| (!list.get(key).is_empty()).then(|| FilterChip { key: key.to_owned(), label });
    let client = rows.first().and_then(|one| one.business_name.as_deref()).unwrap_or("another one");
    let kind = kind_words(list.get("kind.is"));
    let chips = [chip("client.is", format!("Client is {client}")), chip("kind.is", format!("Kind is {kind}"))];
    chips.into_iter().flatten().collect()
}

fn line(list: &Address, one: Received) -> Row {
    let (tone, word) = outcome(&one.outcome);
    let client = one.business.zip(one.business_name.clone()).map(|(id, name)| {
        let (only, title) = (list.with("client.is", &id.to_string()).href(), name.clone());
        view! { <a class="block max-w-48 truncate text-fg-2 hover:underline xl:max-w-72" href=only title=title>{name}</a> }
    });
    Row {
        key: one.id.to_string(),
        href: Some(format!("{}#event", list.with(EVENT, &one.id.to_string()).href())),
        cells: vec![
            view! { <span class="font-medium">{kind_words(&one.kind).to_owned()}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            client.into_any(),
            view! { <span class="font-mono text-xs break-all">{one.account}</span> }.into_any(),
            one.attempts.to_string().into_any(),
            view! { <Ago at=one.at/> }.into_any(),
        ],
    }
}

/// Tone and word of an outcome.
fn outcome(key: &str) -> (Tone, &'static str) {
    match key {
        "processed" => (Tone::Ok, "Processed"),
        "duplicate" => (Tone::Cancelled, "Duplicate"),
        "ignored" => (Tone::Cancelled, "Ignored"),
        "unroutable" => (Tone::Warn, "Unroutable"),
        "quarantined" => (Tone::Failed, "Failed"),
        _ => (Tone::Waiting, "Waiting"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_that_has_a_tab_is_called_as_its_tab() {
        for (key, label) in VIEWS.into_iter().filter(|(key, _)| !key.is_empty()) {
            assert_eq!(outcome(key).1, label, "{key}");
        }
    }
}
