//! The page "Usage": each client with the messages that it sent in a month, its limits, and what its assistant did and
//! cost.

use domain::BusinessId;
use domain::business::BusinessRow;
use domain::permission::Right;
use domain::usage::{ClientMonth, Level, Month, Today, grouped, percent};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Address, ButtonLink, ButtonStyle, Column, Empty, PageHeader, Progress, Row, StatusPill, Table, Tone, counted,
};
use leptos::prelude::*;
use store::tenant::TenantTx;
use web::clock;
use web::error::Result;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::limit::{Asked, LimitCard};
use super::months::{Neighbours, Shown};

/// The list of clients with what they used.
#[component]
pub fn Usage() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let agency = tenant.access.slug.clone();
        let may = tenant.access.allows(Right::ClientsManage);
        let page = store::businesses::list(&mut tenant.tx, &at.query()).await?;
        let ids: Vec<BusinessId> = page.rows.iter().map(|row| row.id).collect();
        let shown = Shown::of(&at, clock::now().date_naive());
        let months = store::usage::of_clients(&mut tenant.tx, &ids, shown.begun).await?;
        let asked = if may { asked(&mut tenant.tx, at.get("client"), shown).await? } else { None };
        tenant.commit().await?;
        let typed = filled(&context.request, "set_message_limit");
        let card = asked.map(|asked| view! { <LimitCard agency=agency.clone() asked filled=typed/> });
        let rows = page.rows.into_iter().map(|row| {
            let used = months.iter().find(|one| one.business == row.id);
            let used = used.map(|one| (one.month, one.today)).unwrap_or_default();
            let change =
                (may && shown.is_present()).then(|| format!("{}#limit", at.with("client", &row.id.to_string()).href()));
            line(&agency, &row, used, shown.is_present(), change)
        });
        let rows = rows.collect::<Vec<_>>();
        let frame = frame(&context, vec![Crumb::current("Usage")]);
        let meta =
            view! { <span>{shown.told()}</span><span>"Months and days begin at midnight Universal Time (UTC)."</span> };
        let neighbours = view! { <Neighbours at=at.clone() shown/> };
        let empty = view! { <Empty title="No clients yet" text="See what each client sends in a month, what its assistant costs and how close it is to its limits."/> };
        Ok(view! {
            <PageTitle text="Usage"/>
            <Shell frame=frame>
                <PageHeader title="Usage" meta=meta.into_any()>{neighbours}</PageHeader>
                {card}
                <Table
                    caption="Clients" noun=("client", "clients")
                    topics="business.changed:* conversation.changed:*"
                    at=at
                    columns=columns()
                    rows=rows
                    next=page.next
                    total=page.total
                    orders=store::businesses::ORDERS
                    search="Search clients"
                    empty=empty.into_any()
                />
            </Shell>
        })
    })
}

/// The client whose limit the address asks for; none if the agency's person does not reach it, or it lies in the trash.
async fn asked(tx: &mut TenantTx, named: &str, shown: Shown) -> Result<Option<Asked>> {
    let Ok(id) = named.parse::<BusinessId>() else { return Ok(None) };
    let known = match store::businesses::get(tx, id).await {
        Err(store::Error::NotFound) => return Ok(None),
        known => known?,
    };
    let used = store::usage::of_clients(tx, &[id], shown.begun).await?.pop();
    let requests = store::usage::request_limit(tx, id).await?;
    let asked = |ClientMonth { month, today, .. }| Asked { business: id, name: known.name, month, today, requests };
    Ok(used.filter(|_| known.deleted_at.is_none()).map(asked))
}

fn columns() -> Vec<Column> {
    vec![
        Column::sorted("name", "Client").lead(),
        Column::plain("Needs a look").mark(),
        Column::plain("Messages sent").named(),
        Column::plain("AI replies").number().wide_only(),
        Column::plain("AI tokens").number().wide_only(),
        Column::plain("AI tokens today").wide_only(),
        Column::plain("Cost").number(),
        Column::plain(""),
    ]
}

/// One client. Limits are those of the present month and of today, so that an earlier month has none.
fn line(
    agency: &str,
    row: &BusinessRow,
    (month, today): (Month, Today),
    is_present: bool,
    change: Option<String>,
) -> Row {
    let (name, title) = (row.name.clone(), row.name.clone());
    let change = change.map(|href| {
        let words = view! { "Change limits"<span class="sr-only">" of "{row.name.clone()}</span> };
        view! { <ButtonLink href=href look=ButtonStyle::Quiet>{words}</ButtonLink> }
    });
    Row {
        key: row.id.to_string(),
        href: Some(format!("/a/{agency}/clients/{}", row.id)),
        cells: vec![
            view! { <span class="block max-w-72 truncate font-medium xl:max-[85rem]:max-w-44" title=title>{name}</span> }.into_any(),
            is_present.then(|| pill(worst(month, today))).into_any(),
            if is_present { messages(month, &row.name) } else { grouped(month.messages, ',').into_any() },
            grouped(month.answers, ',').into_any(),
            grouped(month.tokens, ',').into_any(),
            is_present.then(|| tokens(today, &row.name)).into_any(),
            cost(month).into_any(),
            change.into_any(),
        ],
    }
}

/// The level of the limit that is nearer. Without any tokens nobody waits for some.
fn worst(month: Month, today: Today) -> Level {
    let tokens = if today.tokens > 0 { today.level() } else { Level::Free };
    month.level().max(tokens)
}

/// The messages of this month, and how many there may be.
fn messages(month: Month, name: &str) -> AnyView {
    bar((month.messages, month.limit), month.level(), |told| format!("{told} messages of {name}"))
}

/// The tokens of today, and how many there may be.
fn tokens(today: Today, name: &str) -> AnyView {
    bar((today.tokens, today.limit), today.level(), |told| format!("{told} tokens of {name} today"))
}

/// What the assistant cost. Where its columns have no room, what it did for that stands below.
fn cost(month: Month) -> impl IntoView {
    let replies = counted(month.answers, "AI reply", "AI replies");
    view! { {month.cost().told()}<span class="hidden text-xs text-fg-3 sm:max-xl:block">{replies}</span> }
}

/// What is used of a limit, as words and as a bar.
fn bar((used, limit): (i64, i64), level: Level, label: impl Fn(&str) -> String) -> AnyView {
    let told = format!("{} of {}", grouped(used, ','), grouped(limit, ','));
    let (label, share) = (label(&told), u32::from(percent(used, limit)));
    view! { <span class="flex flex-col gap-1 tabular-nums"><span class="whitespace-nowrap">{told}</span><Progress label=label value=share max=100 tone=tone(level)/></span> }
        .into_any()
}

const fn tone(level: Level) -> Tone {
    match level {
        Level::Free => Tone::Ok,
        Level::Near => Tone::Warn,
        Level::Reached => Tone::Failed,
    }
}

/// What a person has to know at once; nothing while there is enough left.
fn pill(level: Level) -> AnyView {
    let word = match level {
        Level::Free => return ().into_any(),
        Level::Near => "Near its limit",
        Level::Reached => "Limit reached",
    };
    view! { <StatusPill tone=tone(level) plain=true>{word}</StatusPill> }.into_any()
}
