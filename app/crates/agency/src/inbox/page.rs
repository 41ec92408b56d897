//! The page of the agency's inbox: who waits at which client, on which channel, and for how long an answer is free.

use chrono::{DateTime, Utc};
use domain::messaging::view::ConversationLine;
use domain::messaging::window::Window;
use domain::messaging::{ConversationStatus, Direction, Owner};
use domain::page::{COUNTED_IN_VIEW, Page};
use kit::frame::{Crumb, Shell};
use kit::labels::messaging::glyph;
use kit::time::span;
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonLink, Chip, Column, Elapsed, Empty, FilterChip, Icon, PageHeader, Row, SavedView, SavedViews,
    StatusIcon, StatusPill, Table, Tone, ViewsOfList, WindowRing,
};
use leptos::prelude::*;
use store::messaging::list::{self, InboxCounts, LIST, ORDERS};
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;
use web::saved_views::saved_views;

/// What the page shows.
struct Shown {
    at: Address,
    page: Page<ConversationLine>,
    counts: InboxCounts,
    saved: ViewsOfList,
    base: String,
}

/// The conversations of all clients.
#[component]
pub fn AgencyInbox() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let shown = read(&context, at).await?;
        let frame = frame(&context, vec![Crumb::current("Inbox")]);
        Ok(view! {
            <PageTitle text="Inbox"/>
            <Shell frame=frame>
                <PageHeader title="Inbox"></PageHeader>
                <List shown=shown/>
            </Shell>
        })
    })
}

async fn read(context: &ServerContext, at: Address) -> Result<Shown> {
    let mut tenant = context.page().await?;
    let me = Some(tenant.caller.user);
    let mut page = list::list(&mut tenant.tx, &at.query(), me).await?;
    let counts = list::counts(&mut tenant.tx, me).await?;
    // The number beside a view is that of its rows as far as it is exact.
    page.total = page.total.or_else(|| counts.of_view(at.get("view")).filter(|count| *count <= COUNTED_IN_VIEW));
    let shown = Shown {
        page,
        counts,
        saved: saved_views(&mut tenant, &LIST).await?,
        base: format!("/a/{}", tenant.access.slug),
        at,
    };
    tenant.commit().await?;
    Ok(shown)
}

/// The list of conversations.
#[component]
fn List(shown: Shown) -> impl IntoView {
    let Shown { at, page, counts, saved, base } = shown;
    let view = |key, label, count| SavedView { key, label, count };
    let views = vec![
        view("", "Open", Some(counts.open)),
        view("waiting", "Waiting", Some(counts.waiting)),
        view("unread", "Unread", Some(counts.unread)),
        view("mine", "Mine", Some(counts.mine)),
        view("unassigned", "Unassigned", Some(counts.unassigned)),
        view("closed", "Closed", None),
        view("all", "All", None),
    ];
    let columns = vec![
        Column::plain("Contact").lead(),
        Column::plain("Client"),
        Column::plain("Channel").wide_only(),
        Column::sorted("waiting", "Waiting"),
        Column::sorted("window", "Reply window"),
        Column::plain("Assigned to").wide_only(),
        Column::sorted("newest", "Last message"),
    ];
    let client = at.get("client").to_owned();
    let name = page.rows.first().filter(|_| !client.is_empty()).map(|line| line.business_name.clone());
    let filters: Vec<FilterChip> = name
        .map(|name| FilterChip { key: "client".to_owned(), label: format!("Client is {name}") })
        .into_iter()
        .collect();
    let tools = view! { <SavedViews at=at.clone() saved/> }.into_any();
    let now = now();
    let rows: Vec<Row> = page.rows.into_iter().map(|line| row(line, now)).collect();
    let empty = view! {
        <Empty title="No conversations yet" text="When a client connects WhatsApp, Instagram or Messenger, its conversations with customers appear here.">
            <ButtonLink href=format!("{base}/clients")>"Open clients"</ButtonLink>
        </Empty>
    };
    view! { <Table caption="Conversations" noun=("conversation", "conversations") topics="conversation.changed:* channel.changed:*" at=at columns=columns rows=rows next=page.next total=page.total orders=ORDERS views=views filters=filters tools=tools search="Search conversations" empty=empty.into_any()/> }
}

fn row(line: ConversationLine, now: DateTime<Utc>) -> Row {
    let href = format!("/b/{}/inbox/{}", line.business, line.id);
    let open = line.status == ConversationStatus::Open;
    let waiting =
        line.waiting_since.filter(|_| open).map(|since| view! { <span class="text-warn"><Elapsed since/></span> });
    let assigned = line.assigned_name.clone().unwrap_or_else(|| "\u{2014}".to_owned());
    let (kind, at, client) = (line.kind, line.last_message_at, line.business_name.clone());
    let channel = view! { <span class="with-icon"><Icon of=glyph(kind)/>{kind.name()}</span> };
    let window = open.then(|| view! { <Left window=line.window(now) now/> });
    Row {
        key: line.id.to_string(),
        href: Some(href),
        cells: vec![
            view! { <Contact line/> }.into_any(),
            view! { <Chip>{client}</Chip> }.into_any(),
            channel.into_any(),
            waiting.into_any(),
            window.into_any(),
            view! { <span class="whitespace-nowrap text-fg-2">{assigned}</span> }.into_any(),
            view! { <Ago at/> }.into_any(),
        ],
    }
}

/// Who a conversation is with, what was said last, and whether somebody has to look.
#[component]
fn Contact(line: ConversationLine) -> impl IntoView {
    let name =
        if line.contact_name.is_empty() { "Unknown".to_owned() } else { domain::phone::shown(&line.contact_name) };
    let weight = (line.unread > 0).then_some("font-semibold");
    let unread = (line.unread > 0).then(|| {
        let words = kit::counted(i64::from(line.unread), "unread message", "unread messages");
        view! { <span class="inbox-unread" aria-hidden="true">{line.unread}</span><span class="sr-only">{words}</span> }
    });
    let asks = (line.owner == Owner::WaitingHuman)
        .then(|| view! { <StatusPill tone=Tone::Asks plain=true>"Needs a person"</StatusPill> });
    let by_us = (line.last_direction == Some(Direction::Out)).then_some("Us: ");
    let failed = line.last_failed.then(|| {
        view! { <span class="inbox-fact me-1.5 align-bottom text-bad"><StatusIcon tone=Tone::Failed size=12/>"Not delivered"</span> }
    });
    view! {
        <span class="inbox-who">
            <span><span class=weight>{name}</span>{unread}{asks}</span>
            <span>{failed}{by_us}{line.preview}</span>
        </span>
    }
}

/// For how long an answer is free.
#[component]
fn Left(window: Window, now: DateTime<Utc>) -> impl IntoView {
    let words = match window {
        Window::Always => return ().into_any(),
        Window::Free { until } | Window::Late { until } => span((until - now).num_minutes().max(0) * 60_000),
        Window::Template => "Template only".to_owned(),
        Window::Closed => "Closed".to_owned(),
    };
    let hint = words.clone();
    view! { <span class="with-icon"><WindowRing window now words=hint/><span aria-hidden="true">{words}</span></span> }
        .into_any()
}
