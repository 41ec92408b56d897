//! The page "Usage": each client with the messages that it sent in this month, its limits, and what its assistant did and
//! cost.

use domain::BusinessId;
use domain::business::BusinessRow;
use domain::permission::Right;
use domain::usage::{ClientMonth, Level, Month, Today, grouped, percent};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, ButtonLink, ButtonStyle, Column, Empty, PageHeader, Progress, Row, StatusPill, Table, Tone};
use leptos::prelude::*;
use store::tenant::TenantTx;
use web::error::Result;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::limit::{Asked, LimitCard};

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
        let months = store::usage::of_clients(&mut tenant.tx, &ids).await?;
        let asked = if may { asked(&mut tenant.tx, at.get("client")).await? } else { None };
        tenant.commit().await?;
        let typed = filled(&context.request, "set_message_limit");
        let card = asked.map(|asked| view! { <LimitCard agency=agency.clone() asked filled=typed/> });
        let rows = page.rows.into_iter().map(|row| {
            let used = months.iter().find(|one| one.business == row.id);
            let used = used.map(|one| (one.month, one.today)).unwrap_or_default();
            let change = may.then(|| format!("{}#limit", at.with("client", &row.id.to_string()).href()));
            line(&agency, &row, used, change)
        });
        let rows = rows.collect::<Vec<_>>();
        let frame = frame(&context, vec![Crumb::current("Usage")]);
        let meta = view! { "This month, in UTC" };
        let empty = view! { <Empty title="No clients yet" text="What each client sends in a month stands here, with its limit."/> };
        Ok(view! {
            <PageTitle text="Usage"/>
            <Shell frame=frame>
                <PageHeader title="Usage" meta=meta.into_any()/>
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
async fn asked(tx: &mut TenantTx, named: &str) -> Result<Option<Asked>> {
    let Ok(id) = named.parse::<BusinessId>() else { return Ok(None) };
    let known = match store::businesses::get(tx, id).await {
        Err(store::Error::NotFound) => return Ok(None),
        known => known?,
    };
    let used = store::usage::of_clients(tx, &[id]).await?.pop();
    let asked = |ClientMonth { month, today, .. }| Asked { business: id, name: known.name, month, today };
    Ok(used.filter(|_| known.deleted_at.is_none()).map(asked))
}

fn columns() -> Vec<Column> {
    vec![
        Column::sorted("name", "Client").lead(),
        Column::plain("Limit").mark(),
        Column::plain("Messages sent"),
        Column::plain("Answers of the assistant").number().wide_only(),
        Column::plain("Tokens").number().wide_only(),
        Column::plain("Tokens today").wide_only(),
        Column::plain("Cost").number().wide_only(),
        Column::plain(""),
    ]
}

fn line(agency: &str, row: &BusinessRow, (month, today): (Month, Today), change: Option<String>) -> Row {
    let (name, title) = (row.name.clone(), row.name.clone());
    let told = format!("{} of {}", grouped(month.messages, ','), grouped(month.limit, ','));
    let used = u32::from(percent(month.messages, month.limit));
    let label = format!("{told} messages of {name}");
    let change = change.map(|href| {
        let words = view! { "Change limits"<span class="sr-only">" of "{row.name.clone()}</span> };
        view! { <ButtonLink href=href look=ButtonStyle::Quiet>{words}</ButtonLink> }
    });
    Row {
        key: row.id.to_string(),
        href: Some(format!("/a/{agency}/clients/{}", row.id)),
        cells: vec![
            view! { <span class="block max-w-72 truncate font-medium" title=title>{name}</span> }.into_any(),
            pill(worst(month, today)),
            view! { <span class="flex flex-col gap-1 tabular-nums"><span>{told}</span><Progress label=label value=used max=100 tone=tone(month.level())/></span> }
                .into_any(),
            grouped(month.answers, ',').into_any(),
            grouped(month.tokens, ',').into_any(),
            tokens(today, &row.name),
            month.cost().told().into_any(),
            change.into_any(),
        ],
    }
}

/// The level of the limit that is nearer. Without any tokens nobody waits for some.
fn worst(month: Month, today: Today) -> Level {
    let tokens = if today.tokens > 0 { today.level() } else { Level::Free };
    month.level().max(tokens)
}

/// The tokens of today, and how many there may be.
fn tokens(today: Today, name: &str) -> AnyView {
    let told = format!("{} of {}", grouped(today.tokens, ','), grouped(today.limit, ','));
    let used = u32::from(percent(today.tokens, today.limit));
    let label = format!("{told} tokens of {name} today");
    view! { <span class="flex flex-col gap-1 tabular-nums"><span>{told}</span><Progress label=label value=used max=100 tone=tone(today.level())/></span> }
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
