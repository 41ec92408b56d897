//! The page of incoming webhooks of a business: each event with its outcome and the conversation that it changed.

use domain::BusinessId;
use domain::messaging::received::Received;
use domain::page::Page;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::plain_list::{ListWords, list_card, view_tabs};
use kit::title::PageTitle;
use kit::{Address, Ago, PageHeader, Region, StatusPill, Tone};
use leptos::prelude::*;
use web::brand::BrandAccent;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

use super::texts::{Texts, texts};
use crate::messages::messages;

/// The views, in the order of the page. Each other than the first is an outcome.
const VIEWS: [&str; 4] = ["", "processed", "quarantined", "duplicate"];

/// What messaging platforms sent to the business.
#[component]
pub fn BusinessIncoming() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let (access, mut tx) = context.business_page().await?;
        let brand = store::agencies::brand(&mut tx).await?;
        let page = store::inbound::list(&mut tx, &at.query()).await?;
        tx.commit().await?;
        let language = context.request.language;
        let words = texts(language);
        let business = access.allows(Right::InboxRead).then_some(access.id);
        let up = Crumb::link(messages(language).connections, format!("/b/{}/integrations", access.id));
        let tabs = view_tabs(words.views, &VIEWS, &at, words.outcome);
        let frame = frame(&context, vec![up, Crumb::current(words.title)]);
        Ok(view! {
            <PageTitle text=words.title/>
            <Shell frame=frame>
                <BrandAccent brand/>
                <PageHeader title=words.title/>
                <div class="flex max-w-3xl flex-col gap-4">
                    <p class="text-fg-2">{words.help}</p>
                    {tabs}
                    <List words at page business/>
                </div>
            </Shell>
        })
    })
}

/// The events, with links to their conversations if the business is named.
#[component]
fn List(words: &'static Texts, at: Address, page: Page<Received>, business: Option<BusinessId>) -> impl IntoView {
    let said = ListWords {
        none: words.none,
        none_here: words.none_here,
        show_all: words.show_all,
        first_page: words.first_page,
        next: words.next,
    };
    let body =
        list_card(said, &at, page, !at.is_filtered(), |one: Received| view! { <Line words one business/> }.into_any());
    view! { <Region key="incoming" topics="">{body}</Region> }
}

#[component]
fn Line(words: &'static Texts, one: Received, business: Option<BusinessId>) -> impl IntoView {
    let tone = match one.outcome.as_str() {
        "processed" => Tone::Ok,
        "quarantined" => Tone::Failed,
        "duplicate" | "ignored" => Tone::Cancelled,
        _ => Tone::Waiting,
    };
    let conversation = business.zip(one.conversation).map(|(business, id)| {
        let href = format!("/b/{business}/inbox/{id}");
        view! { <a class="text-sm underline underline-offset-2" href=href>{words.open}</a> }
    });
    view! {
        <li class="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line px-4 py-3 first:border-0">
            <span class="min-w-0 grow basis-40 font-medium">{(words.kind)(&one.kind)}</span>
            {conversation}
            <StatusPill tone=tone plain=true>{(words.outcome)(&one.outcome)}</StatusPill>
            <span class="text-sm text-fg-3"><Ago at=one.at/></span>
        </li>
    }
}
