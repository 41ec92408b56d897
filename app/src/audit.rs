//! Who did what, when and to what: the agency's log, and the platform's.

use domain::audit::Entry;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::around::frame;
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::page::loaded;
use crate::ui::{Address, Ago, Column, Empty, PageHeader, Row, StatusPill, Table, Tone};

/// An agency's log.
#[component]
pub fn AgencyAudit() -> impl IntoView {
    let here = here();
    let at = Address::current();
    loaded(async move {
        let here = here?;
        let mut cx = here.page().await?;
        let page = store::audit::list(&mut cx.tx, &at.query()).await?;
        cx.commit().await?;
        let frame = frame(&here, vec![Crumb::here("Audit log")]);
        Ok(view! { <Title text="Audit log"/><Shell frame=frame><Log at page/></Shell> })
    })
}

/// The platform's log: every agency and the platform itself.
#[component]
pub fn PlatformAudit() -> impl IntoView {
    let here = here();
    let at = Address::current();
    loaded(async move {
        let here = here?;
        let mut tx = here.platform_page().await?;
        let page = store::audit::list_platform(&mut tx, None, &at.query()).await?;
        tx.commit().await?;
        let frame = frame(&here, vec![Crumb::here("Audit log")]);
        Ok(view! { <Title text="Audit log"/><Shell frame=frame><Log at page/></Shell> })
    })
}

#[component]
fn Log(at: Address, page: domain::page::Page<Entry>) -> impl IntoView {
    let empty = view! { <Empty title="Nothing yet" text="Every sensitive action will appear here and cannot be edited."></Empty> };
    let columns = vec![
        Column::plain("When"),
        Column::plain("Who"),
        Column::plain("What").lead(),
        Column::plain("Result").mark(),
        Column::plain("Why").wide_only(),
        Column::plain("Request").wide_only(),
    ];
    let rows = page.rows.into_iter().map(line).collect::<Vec<_>>();
    view! {
        <PageHeader title="Audit log"/>
        <Table caption="Audit log" at=at columns=columns rows=rows next=page.next total=page.total search="Search actions" empty=empty.into_any()/>
    }
}

fn line(entry: Entry) -> Row {
    let who = entry.actor_name.unwrap_or_else(|| match entry.actor_kind.as_str() {
        "worker" => "Background work".to_owned(),
        "system" => "The system".to_owned(),
        "provider" => "HighLevel".to_owned(),
        "token" => "An API token".to_owned(),
        _ => "Somebody".to_owned(),
    });
    let (tone, word) = match entry.result.as_str() {
        "ok" => (Tone::Ok, "Done"),
        "denied" => (Tone::Warn, "Denied"),
        _ => (Tone::Failed, "Failed"),
    };
    let request =
        entry.request_id.map(|id| id.chars().rev().take(8).collect::<Vec<_>>().into_iter().rev().collect::<String>());
    Row {
        key: entry.id.to_string(),
        href: None,
        cells: vec![
            view! { <Ago at=entry.at/> }.into_any(),
            view! { <span>{who}</span> }.into_any(),
            view! { <span>{in_words(&entry.action)}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{entry.reason.unwrap_or_default()}</span> }.into_any(),
            view! { <span class="font-mono text-xs text-fg-3">{request.unwrap_or_default()}</span> }.into_any(),
        ],
    }
}

/// `integration.needs_reauth` as a person reads it: "integration: needs reauth".
fn in_words(action: &str) -> String {
    action.replacen('.', ": ", 1).replace('_', " ")
}
