//! The list of conversations at the side: views with their numbers, a search, the order, and a page of lines.

use domain::ConversationId;
use domain::language::Language;
use kit::{Address, ButtonLink, ButtonStyle, Empty, Glyph, Icon, Menu, MenuLink, Region, SearchField};
use leptos::prelude::*;
use store::messaging::list::{InboxCounts, ORDERS};
use web::clock::now;

use super::line::Line;
use super::read::{Listed, Place};
use super::snippet_picker::SNIPPET;
use super::template_picker::TEMPLATE;
use super::texts::{Texts, texts};

/// The views, in the order of the page.
const VIEWS: [&str; 8] = ["", "mine", "unassigned", "waiting", "unread", "snoozed", "closed", "all"];

/// What the list follows.
const TOPICS: &str = "conversation.changed:* channel.changed:*";

/// Parameters of the address that belong to the opened conversation and not to the list.
const OF_THREAD: [&str; 4] = ["before", "reply", SNIPPET, TEMPLATE];

/// The list. A refresh that does not ask for it gets nothing.
#[component]
pub(super) fn ListPane(
    language: Language,
    at: Address,
    place: Place,
    list: Option<Listed>,
    counts: Option<InboxCounts>,
    current: Option<ConversationId>,
) -> impl IntoView {
    let words = texts(language);
    let at = OF_THREAD.iter().fold(at, |at, name| if at.get(name).is_empty() { at } else { at.with(name, "") });
    let heading = match current {
        Some(_) => view! { <h2 class="grow whitespace-nowrap text-md font-semibold">{words.inbox}</h2> }.into_any(),
        None => view! { <h1 class="grow whitespace-nowrap text-md font-semibold">{words.inbox}</h1> }.into_any(),
    };
    let order = at.query().order(ORDERS);
    let orders =
        ORDERS.iter().map(|key| view! { <MenuLink href=at.with("sort", key).href()>{(words.order)(key)}</MenuLink> });
    let orders = orders.collect_view();
    let lines = list.map(|list| view! { <Lines words at=at.clone() place list current/> });
    view! {
        <section class="inbox-list" aria-label=words.list>
            <div class="flex flex-col gap-2 border-b border-line p-3" data-toolbar>
                <div class="flex flex-wrap items-center gap-2">
                    {heading}
                    <div class="ms-auto"><Menu label=(words.order)(order) look=ButtonStyle::Quiet>{orders}</Menu></div>
                </div>
                <SearchField at=at.clone() label=words.search region="list"/>
                <Region key="views" topics=TOPICS><Views words at counts/></Region>
            </div>
            <Region key="list" topics=TOPICS class="inbox-lines">{lines}</Region>
        </section>
    }
}

/// The views as links, with the numbers of those that are counted. The numbers follow what changes.
#[component]
fn Views(words: &'static Texts, at: Address, counts: Option<InboxCounts>) -> impl IntoView {
    let now = at.get("view").to_owned();
    let tabs = VIEWS.into_iter().map(|key| {
        let count = counts.and_then(|counts| counts.of_view(key));
        let count = count.map(|count| view! { <span class="text-2xs text-fg-3 tabular-nums">{kit::view_count(count)}</span> });
        let current = (key == now).then_some("page");
        view! { <a class="view-tab" href=at.with("view", key).href() aria-current=current>{(words.view)(key)}{count}</a> }
    });
    let tabs = tabs.collect_view();
    view! { <nav class="inbox-views" aria-label=words.views>{tabs}</nav> }
}

/// A page of lines, or what stands in their place.
#[component]
fn Lines(
    words: &'static Texts,
    at: Address,
    place: Place,
    list: Listed,
    current: Option<ConversationId>,
) -> impl IntoView {
    let (shown, now) = (list.page.rows.len(), now());
    if shown == 0 {
        return view! { <Nothing words at place has_channel=list.has_channel/> }.into_any();
    }
    let first = (at.at() > 0)
        .then(|| view! { <a class="btn btn-secondary" href=at.with("cursor", "").href()>{words.first_page}</a> });
    let next = list.page.next.map(|cursor| {
        view! { <a class="btn btn-secondary" rel="next" href=at.page(&cursor, at.at() + shown).href()>{words.next}<Icon of=Glyph::Right/></a> }
    });
    let lines = list.page.rows.into_iter().map(|line| {
        let (href, current) = (address(&place, &at, line.id), current == Some(line.id));
        view! { <Line words line href current now/> }
    });
    let lines = lines.collect_view();
    view! {
        <ul>{lines}</ul>
        <div class="flex justify-end gap-2 p-3 empty:hidden">{first}{next}</div>
    }
    .into_any()
}

/// The address of a conversation beside the same list.
fn address(place: &Place, at: &Address, conversation: ConversationId) -> String {
    let list = at.href();
    let query = list.split_once('?').map_or("", |(_, query)| query);
    Address::new(format!("{}/{conversation}", place.root()), query).href()
}

/// What stands in place of lines: how to begin, that all is done, or that a search hides everything.
#[component]
fn Nothing(words: &'static Texts, at: Address, place: Place, has_channel: bool) -> impl IntoView {
    let is_plain = at.get("q").is_empty() && at.get("view").is_empty();
    if is_plain && !has_channel {
        let (title, text) = words.no_channel;
        let first = if place.connects {
            let href = format!("/b/{}/integrations", place.business);
            view! { <ButtonLink href look=ButtonStyle::Primary icon=Glyph::Plug>{words.connect}</ButtonLink> }
                .into_any()
        } else {
            view! { <p class="text-sm text-fg-3">{words.ask_owner}</p> }.into_any()
        };
        return view! { <div class="p-3"><Empty title text>{first}</Empty></div> }.into_any();
    }
    if is_plain {
        let all = view! { <a class="btn btn-secondary" href=at.with("view", "all").href()>{(words.view)("all")}</a> };
        return view! { <div class="p-3"><Empty title=words.all_clear text=words.no_message.1>{all}</Empty></div> }
            .into_any();
    }
    // A search looks in one view only; what it misses mostly lies in another.
    let everywhere = (!at.get("q").is_empty() && at.get("view") != "all").then(|| {
        view! { <a class="btn btn-secondary" href=at.with("view", "all").href()>{words.search_all}</a> }
    });
    let open = Address::new(at.path, "").href();
    view! {
        <div class="flex flex-col items-center gap-3 p-8 text-center">
            <p class="text-fg-2">{words.nothing_found}</p>
            {everywhere}
            <a class="btn btn-secondary" href=open>{words.show_open}</a>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_keeps_the_list_that_it_stands_in() {
        let place = Place {
            business: domain::BusinessId(uuid::Uuid::from_u128(1)),
            user: domain::UserId(uuid::Uuid::from_u128(2)),
            replies: true,
            connects: true,
            erases: false,
        };
        let id = ConversationId(uuid::Uuid::from_u128(3));
        let at = Address::new(place.root(), "view=mine&q=a%26b");
        assert_eq!(address(&place, &at, id), format!("{}/{id}?view=mine&q=a%26b", place.root()));
        assert_eq!(address(&place, &Address::new(place.root(), ""), id), format!("{}/{id}", place.root()));
    }

    #[test]
    fn a_list_does_not_follow_what_changes_inside_a_conversation() {
        let id = ConversationId(uuid::Uuid::from_u128(3));
        assert!(domain::topics::concerns(TOPICS, &format!("conversation.changed:{id}")));
        assert!(!domain::topics::concerns(TOPICS, &format!("message.changed:{id}")));
    }

    #[test]
    fn every_counted_view_exists() {
        let counts = InboxCounts { open: 5, unread: 4, waiting: 3, mine: 2, unassigned: 1 };
        let shown: Vec<_> = VIEWS.iter().filter_map(|view| counts.of_view(view)).collect();
        assert_eq!(shown, [5, 2, 1, 3, 4]);
    }
}
