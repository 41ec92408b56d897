//! The platform's list of businesses. It shows metadata only, never a business's own content.

use domain::business::BusinessRow;
use domain::identity::Role;
use kit::frame::{Crumb, Shell};
use kit::labels::business::status;
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonStyle, Column, Empty, PageHeader, PostButton, Row, SavedView, StatusPill, Table, Tone,
    TrashNote,
};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// The list of businesses.
#[component]
pub fn Businesses() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let page = store::businesses::list_platform(&mut tx, None, &at.query()).await?;
        tx.commit().await?;
        let frame = frame(&context, vec![Crumb::current("Businesses")]);
        let trash = at.get("view") == "trash";
        let columns = vec![
            Column::sorted("name", "Business"),
            Column::plain("Status"),
            Column::plain("Agency"),
            Column::plain("HighLevel").wide_only(),
            if trash { Column::plain("Deleted").named() } else { Column::sorted("created", "Added").named() },
            Column::plain(""),
        ];
        let views =
            [("", "All"), ("active", "Active"), ("paused", "Paused"), ("archived", "Archived"), ("trash", "Trash")];
        let views = views.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let empty = view! { <Empty title="No businesses yet" text="They appear here as agencies provision their clients."></Empty> };
        let rows = page.rows.into_iter().map(|row| line(row, may)).collect::<Vec<_>>();
        Ok(view! {
            <PageTitle text="Businesses"/>
            <Shell frame=frame>
                <PageHeader title="Businesses"/>
                {trash.then(|| view! { <TrashNote days=i64::from(store::trash::DAYS)/> })}
                <Table caption="Businesses" noun=("business", "businesses") topics="business.changed:* integration.changed:*" at=at views=views columns=columns rows=rows next=page.next total=page.total orders=store::businesses::ORDERS search="Search businesses" empty=empty.into_any()/>
            </Shell>
        })
    })
}

fn line(row: BusinessRow, may: bool) -> Row {
    let (look, word) = state(&row);
    let operation = operation(&row, may, ButtonStyle::Quiet);
    let since = row.deleted_at.unwrap_or(row.created_at);
    let agency = format!("/admin/agencies/{}", row.agency);
    Row {
        key: row.id.to_string(),
        href: Some(format!("/admin/businesses/{}", row.id)),
        cells: vec![
            view! { <span class="font-medium">{row.name}</span> }.into_any(),
            view! { <StatusPill tone=look plain=true>{word}</StatusPill> }.into_any(),
            view! { <a class="text-fg-2 hover:underline" href=agency>{row.agency_name.unwrap_or_default()}</a> }
                .into_any(),
            view! { <StatusPill tone=tone(row.highlevel) plain=true>{row.highlevel.label()}</StatusPill> }.into_any(),
            view! { <Ago at=since/> }.into_any(),
            operation,
        ],
    }
}

/// Tone and word of a business's state.
pub(super) fn state(row: &BusinessRow) -> (Tone, &'static str) {
    status(if row.deleted_at.is_some() { "deleted" } else { &row.status })
}

/// The button that pauses a business, resumes a paused one or restores one from the trash. Its agency brings an archived
/// one back.
pub(super) fn operation(row: &BusinessRow, may: bool, look: ButtonStyle) -> AnyView {
    let mut hidden = vec![("business", row.id.to_string()), ("agency", row.agency.to_string())];
    let (action, verb) = match (row.deleted_at, row.status.as_str()) {
        (Some(_), _) => ("/do/restore_business", "Restore"),
        (None, "paused") => ("/do/set_business_status", "Resume"),
        (None, _) => ("/do/set_business_status", "Pause"),
    };
    if row.deleted_at.is_none() {
        hidden.push(("status", if verb == "Resume" { "active" } else { "paused" }.to_owned()));
    }
    let may = may && (row.deleted_at.is_some() || row.status != "archived");
    may.then(|| view! { <PostButton action=action look=look hidden=hidden>{verb}</PostButton> }).into_any()
}
