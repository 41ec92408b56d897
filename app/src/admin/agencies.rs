//! Every agency of the platform, and making a new one.

use domain::agency::AgencyRow;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::around::frame;
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::integrations::tone;
use crate::page::{filled, loaded};
use crate::ui::{
    Address, Ago, Button, Card, Column, Empty, Filled, Form, Look, PageHeader, Row, StatusPill, Table, TextField,
};

/// The list of agencies.
#[component]
pub fn Agencies() -> impl IntoView {
    let here = here();
    let at = Address::current();
    loaded(async move {
        let here = here?;
        let mut tx = here.platform_page().await?;
        let page = store::agencies::list(&mut tx, &at.query()).await?;
        tx.commit().await?;
        let filled = filled(&here.visit, "create_agency");
        let frame = frame(&here, vec![Crumb::here("Agencies")]);
        let columns = vec![
            Column::sorted("name", "Agency"),
            Column::plain("HighLevel"),
            Column::plain("Businesses").number(),
            Column::plain("People").number().wide_only(),
            Column::plain("Jobs, 7 days").number().wide_only(),
            Column::sorted("created", "Since"),
        ];
        let empty = view! { <Empty title="No agencies yet" text="Create the first one with the form and invite its owner."></Empty> };
        let rows = page.rows.into_iter().map(line).collect::<Vec<_>>();
        Ok(view! {
            <Title text="Agencies"/>
            <Shell frame=frame>
                <PageHeader title="Agencies"/>
                <div class="grid items-start gap-4 xl:grid-cols-[3fr_1fr]">
                    <Table caption="Agencies" at=at columns=columns rows=rows next=page.next total=page.total order="name" search="Search agencies" empty=empty.into_any()/>
                    <New filled/>
                </div>
            </Shell>
        })
    })
}

fn line(row: AgencyRow) -> Row {
    Row {
        key: row.agency.id.to_string(),
        href: Some(format!("/a/{}", row.agency.slug)),
        cells: vec![
            view! { <span class="font-medium">{row.agency.name}</span> }.into_any(),
            view! { <StatusPill tone=tone(row.highlevel) plain=true>{row.highlevel.label()}</StatusPill> }.into_any(),
            row.businesses.to_string().into_any(),
            row.people.to_string().into_any(),
            row.jobs_week.to_string().into_any(),
            view! { <Ago at=row.agency.created_at/> }.into_any(),
        ],
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
                <div><Button look=Look::Primary>"Create agency"</Button></div>
            </Form>
        </Card>
    }
}
