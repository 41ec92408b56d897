//! The agency's list of businesses ("Clients" on the page), with their status and HighLevel state.

use domain::business::BusinessRow;
use domain::identity::Reach;
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::labels::business::status;
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{Address, Ago, ButtonLink, ButtonStyle, Column, Empty, Glyph, PageHeader, Row, SavedView, StatusPill, Table};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

const COLUMNS: [Column; 5] = [
    Column::sorted("name", "Client"),
    Column::plain("Status"),
    Column::plain("HighLevel"),
    Column::plain("Contact").wide_only(),
    Column::sorted("created", "Since"),
];

/// The list of businesses.
#[component]
pub fn Clients() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let page = store::businesses::list(&mut tenant.tx, &at.query()).await?;
        let counts = store::businesses::counts(&mut tenant.tx).await?;
        let base = format!("/a/{}", tenant.access.slug);
        let (may, reach) = (tenant.access.allows(Right::Provision), tenant.access.reach);
        tenant.commit().await?;
        let views = vec![
            SavedView { key: "", label: "All", count: Some(counts.all) },
            SavedView { key: "active", label: "Active", count: Some(counts.active) },
            SavedView { key: "paused", label: "Paused", count: Some(counts.paused) },
            SavedView { key: "trash", label: "Trash", count: Some(counts.deleted) },
        ];
        let new = format!("{base}/provisioning/new");
        let first = new.clone();
        // A member who reaches only assigned businesses must not read that the agency has none.
        let none = match reach {
            Reach::All => "Provision the first one from a snapshot: about four minutes, and you can watch every step.",
            Reach::Listed => {
                "None is assigned to you yet. An admin of your agency assigns them on each client's page; those you provision are yours at once."
            }
        };
        let empty = view! {
            <Empty title="No clients yet" text=none>
                {may.then(|| view! { <ButtonLink href=first look=ButtonStyle::Primary>"Create a client"</ButtonLink> })}
            </Empty>
        };
        let rows = page.rows.into_iter().map(|row| line(&base, row)).collect::<Vec<_>>();
        let frame = frame(&context, vec![Crumb::current("Clients")]);
        Ok(view! {
            <PageTitle text="Clients"/>
            <Shell frame=frame>
                <PageHeader title="Clients">
                    {may.then(|| view! { <ButtonLink href=new look=ButtonStyle::Primary icon=Glyph::Plus>"New client"</ButtonLink> })}
                </PageHeader>
                <Table
                    caption="Clients"
                    topics="business.changed:* integration.changed:* provisioning.job:*"
                    at=at
                    columns=COLUMNS.to_vec()
                    rows=rows
                    next=page.next
                    total=page.total
                    orders=store::businesses::ORDERS
                    views=views
                    search="Search clients"
                    empty=empty.into_any()
                />
            </Shell>
        })
    })
}

fn line(base: &str, row: BusinessRow) -> Row {
    let (look, word) = status(if row.deleted_at.is_some() { "deleted" } else { &row.status });
    let contact = row.email.or(row.phone).unwrap_or_else(|| "—".to_owned());
    Row {
        key: row.id.to_string(),
        href: Some(format!("{base}/clients/{}", row.id)),
        cells: vec![
            view! { <span class="font-medium">{row.name}</span> }.into_any(),
            view! { <StatusPill tone=look plain=true>{word}</StatusPill> }.into_any(),
            view! { <StatusPill tone=tone(row.highlevel) plain=true>{row.highlevel.label()}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{contact}</span> }.into_any(),
            view! { <Ago at=row.created_at/> }.into_any(),
        ],
    }
}
