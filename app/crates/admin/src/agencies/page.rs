//! The platform's list of agencies, and the form that creates a new one.

use domain::agency::{Agency, AgencyRow};
use domain::identity::Role;
use kit::frame::{Crumb, Shell};
use kit::labels::business::status;
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::url_name::UrlName;
use kit::{
    Address, Ago, Button, ButtonStyle, Card, Column, Empty, Filled, Form, Menu, MenuLink, MenuPost, PageHeader,
    PostButton, Row, SavedView, StatusPill, Table, TextField, Tone, TrashNote, grouped,
};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

/// The list of agencies.
#[component]
pub fn Agencies() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let page = store::agencies::list(&mut tx, &at.query()).await?;
        tx.commit().await?;
        let filled = filled(&context.request, "create_agency");
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let frame = frame(&context, vec![Crumb::current("Agencies")]);
        let trash = at.get("view") == "trash";
        let columns = vec![
            Column::sorted("name", "Agency"),
            Column::plain("Status"),
            Column::plain("HighLevel").wide_only(),
            Column::plain("Businesses").number(),
            Column::plain("People").number().wide_only(),
            Column::plain("Jobs, 7 days").number().wide_only(),
            if trash { Column::plain("Deleted").named() } else { Column::sorted("created", "Added").named() },
            Column::plain(""),
        ];
        let views = [("", "All"), ("paused", "Paused"), ("trash", "Trash")];
        let views = views.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
        let empty = view! { <Empty title="No agencies yet" text="Create the first one and invite its owner."></Empty> };
        let rows = page.rows.into_iter().map(|row| line(row, may)).collect::<Vec<_>>();
        Ok(view! {
            <PageTitle text="Agencies"/>
            <Shell frame=frame>
                <PageHeader title="Agencies"/>
                <div class="grid items-start gap-4 xl:grid-cols-[3fr_1fr]">
                    <div class="min-w-0">
                    {trash.then(|| view! { <TrashNote days=i64::from(store::trash::DAYS)/> })}
                    <Table caption="Agencies" noun=("agency", "agencies") topics="business.changed:* integration.changed:*" at=at views=views columns=columns rows=rows next=page.next total=page.total orders=store::agencies::ORDERS search="Search agencies" empty=empty.into_any()/>
                    </div>
                    {may.then(|| view! { <New filled/> })}
                </div>
            </Shell>
        })
    })
}

fn line(row: AgencyRow, may: bool) -> Row {
    let (state, word) = state(&row.agency);
    let deleted = row.agency.deleted_at;
    let operation = operation(&row, may);
    Row {
        key: row.agency.id.to_string(),
        href: Some(format!("/admin/agencies/{}", row.agency.id)),
        cells: vec![
            view! { <span class="font-medium">{row.agency.name}</span> }.into_any(),
            view! { <StatusPill tone=state plain=true>{word}</StatusPill> }.into_any(),
            view! { <StatusPill tone=tone(row.highlevel) plain=true>{row.highlevel.label()}</StatusPill> }.into_any(),
            grouped(row.businesses).into_any(),
            grouped(row.people).into_any(),
            grouped(row.jobs_week).into_any(),
            view! { <Ago at=deleted.unwrap_or(row.agency.created_at)/> }.into_any(),
            operation,
        ],
    }
}

/// Tone and word of an agency's state.
pub(super) fn state(agency: &Agency) -> (Tone, &'static str) {
    status(if agency.deleted_at.is_some() { "deleted" } else { &agency.status })
}

/// What can be done with an agency: a menu, or for one in the trash the button that restores it.
fn operation(row: &AgencyRow, may: bool) -> AnyView {
    let id = row.agency.id;
    if row.agency.deleted_at.is_some() {
        let hidden = vec![("agency", id.to_string()), ("deleted", "false".to_owned())];
        return may
            .then(|| view! { <PostButton action="/do/set_agency_deleted" hidden=hidden>"Restore"</PostButton> })
            .into_any();
    }
    let pauses = may.then(|| {
        let (hidden, verb) = (pause(&row.agency), pause_verb(&row.agency));
        view! { <MenuPost action="/do/set_agency_status" hidden=hidden>{verb}</MenuPost> }
    });
    let deletes = may.then(|| {
        view! { <MenuLink href=format!("/admin/agencies/{id}#delete")>"Delete\u{2026}"</MenuLink> }
    });
    let (label, home) = (format!("Actions for {}", row.agency.name), format!("/a/{}", row.agency.slug));
    view! {
        <Menu label=label dots=true>
            <MenuLink href=home>"Open"</MenuLink>
            {pauses}
            {deletes}
        </Menu>
    }
    .into_any()
}

/// The hidden fields of the form that pauses an agency, or resumes a paused one.
pub(super) fn pause(agency: &Agency) -> Vec<(&'static str, String)> {
    let status = if agency.status == "paused" { "active" } else { "paused" };
    vec![("agency", agency.id.to_string()), ("status", status.to_owned())]
}

/// The button of that form.
pub(super) fn pause_verb(agency: &Agency) -> &'static str {
    if agency.status == "paused" { "Resume" } else { "Pause" }
}

#[component]
fn New(filled: Filled) -> impl IntoView {
    view! {
        <Card title="New agency">
            <Form action="/do/create_agency" filled=filled>
                <TextField name="name" label="Name" required=true/>
                <TextField name="slug" label="URL name" help="Part of its URLs, such as /a/harbor-marketing. Leave empty to use the name."/>
                <UrlName from="name" to="slug"/>
                <TextField name="owner" label="Owner's email" kind="email" help="They'll get an invitation." required=true/>
                <div><Button look=ButtonStyle::Primary>"Create agency"</Button></div>
            </Form>
        </Card>
    }
}
