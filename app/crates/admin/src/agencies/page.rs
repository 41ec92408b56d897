//! The platform's list of agencies, and the form that creates a new one.

use domain::agency::AgencyRow;
use domain::identity::Role;
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{
    Address, Ago, Button, ButtonStyle, Card, Column, ConfirmByName, Empty, Filled, Form, PageHeader, PostButton, Row,
    SavedView, StatusPill, Table, TextField, TrashNote,
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
        let columns = vec![
            Column::sorted("name", "Agency"),
            Column::plain("HighLevel"),
            Column::plain("Businesses").number(),
            Column::plain("People").number().wide_only(),
            Column::plain("Jobs, 7 days").number().wide_only(),
            Column::sorted("created", "Since"),
            Column::plain(""),
        ];
        let trash = at.get("view") == "trash";
        let views = [("", "All"), ("paused", "Paused"), ("trash", "Trash")];
        let views = views.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
        let empty = view! { <Empty title="No agencies yet" text="Create the first one with the form and invite its owner."></Empty> };
        let rows = page.rows.into_iter().map(|row| line(row, may)).collect::<Vec<_>>();
        Ok(view! {
            <PageTitle text="Agencies"/>
            <Shell frame=frame>
                <PageHeader title="Agencies"/>
                <div class="grid items-start gap-4 xl:grid-cols-[3fr_1fr]">
                    <div class="min-w-0">
                    {trash.then(|| view! { <TrashNote days=i64::from(store::trash::DAYS)/> })}
                    <Table caption="Agencies" topics="business.changed:* integration.changed:*" at=at views=views columns=columns rows=rows next=page.next total=page.total orders=store::agencies::ORDERS search="Search agencies" empty=empty.into_any()/>
                    </div>
                    {may.then(|| view! { <New filled/> })}
                </div>
            </Shell>
        })
    })
}

fn line(row: AgencyRow, may: bool) -> Row {
    let deleted = row.agency.deleted_at;
    let operation = may.then(|| operation(&row));
    Row {
        key: row.agency.id.to_string(),
        href: deleted.is_none().then(|| format!("/a/{}", row.agency.slug)),
        cells: vec![
            view! { <span class="font-medium">{row.agency.name}</span> }.into_any(),
            view! { <StatusPill tone=tone(row.highlevel) plain=true>{row.highlevel.label()}</StatusPill> }.into_any(),
            row.businesses.to_string().into_any(),
            row.people.to_string().into_any(),
            row.jobs_week.to_string().into_any(),
            view! { <Ago at=row.agency.created_at/> }.into_any(),
            operation.into_any(),
        ],
    }
}

/// The button of a row: deletes the agency, or restores one that is in the trash.
fn operation(row: &AgencyRow) -> AnyView {
    let hidden = |deleted: bool| vec![("agency", row.agency.id.to_string()), ("deleted", deleted.to_string())];
    match row.agency.deleted_at {
        Some(at) => view! {
            <span class="inline-flex items-center gap-3">
                <span class="text-sm text-fg-2">"deleted "<Ago at=at/></span>
                <PostButton action="/do/set_agency_deleted" hidden=hidden(false)>"Restore"</PostButton>
            </span>
        }
        .into_any(),
        None => view! {
            <ConfirmByName action="/do/set_agency_deleted" verb="Delete" name=row.agency.name.clone() hidden=hidden(true) quiet=true>
                <p>"Its people can't sign in any more, its jobs stop and its API tokens end for good. HighLevel is not touched. It can be restored for 30 days."</p>
            </ConfirmByName>
        }
        .into_any(),
    }
}

#[component]
fn New(filled: Filled) -> impl IntoView {
    view! {
        <Card title="New agency">
            <Form action="/do/create_agency" filled=filled>
                <TextField name="name" label="Name" required=true/>
                <TextField name="slug" label="Short name" help="Small letters, digits and dashes; part of its addresses." required=true/>
                <TextField name="owner" label="Owner's email" kind="email" help="They get an invitation." required=true/>
                <div><Button look=ButtonStyle::Primary>"Create agency"</Button></div>
            </Form>
        </Card>
    }
}
