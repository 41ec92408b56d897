//! The page of one agency: its state, its limits, what it holds, what happened, and what can be done with it.

use domain::AgencyId;
use domain::agency::Agency;
use domain::audit::Repeated;
use domain::identity::Role;
use kit::activity::Activity;
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonLink, Card, ConfirmByName, CopyId, Exact, Filled, Form, KeyValue, KeyValues, PageHeader,
    PostButton, StatusPill, TextField, counted,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::platform::{self, AgencyFacts};
use web::error::Error;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::platform_activity;

use super::page::{pause, pause_verb, state};

/// One agency.
#[component]
pub fn AgencyPage() -> impl IntoView {
    let context = server_context();
    let named = use_params_map().with_untracked(|map| map.get("agency").unwrap_or_default());
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let id: AgencyId = named.parse().map_err(|_| Error::NotFound)?;
        let facts = platform::agency(&mut tx, id).await?;
        let happened = platform_activity::load(&mut tx, Some(id), None).await?;
        tx.commit().await?;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let filled = filled(&context.request, "invite_to_agency");
        let crumbs = vec![Crumb::link("Agencies", "/admin/agencies"), Crumb::current(facts.row.agency.name.clone())];
        let frame = frame(&context, crumbs);
        Ok(view! {
            <PageTitle text=facts.row.agency.name.clone()/>
            <Shell frame=frame><Page facts happened may filled/></Shell>
        })
    })
}

#[component]
fn Page(facts: AgencyFacts, happened: Vec<Repeated>, may: bool, filled: Filled) -> impl IntoView {
    let agency = facts.row.agency.clone();
    let (look, word) = state(&agency);
    let lives = agency.deleted_at.is_none();
    let mark = view! { <StatusPill tone=look>{word}</StatusPill> }.into_any();
    let home = format!("/a/{}", agency.slug);
    let opens = lives.then(|| view! { <ButtonLink href=home>"Open agency"</ButtonLink> });
    let pauses = (may && lives).then(|| {
        let (hidden, verb) = (pause(&agency), pause_verb(&agency));
        view! { <PostButton action="/do/set_agency_status" hidden=hidden>{verb}</PostButton> }
    });
    let restores = (may && !lives).then(|| {
        let hidden = vec![("agency", agency.id.to_string()), ("deleted", "false".to_owned())];
        view! { <PostButton action="/do/set_agency_deleted" hidden=hidden>"Restore"</PostButton> }
    });
    let invites = (may && lives).then(|| view! { <InviteOwner id=agency.id filled/> });
    let deletes = (may && lives).then(|| view! { <Delete agency=agency.clone()/> });
    view! {
        <PageHeader title=agency.name.clone() mark=mark>
            {opens}
            {pauses}
            {restores}
        </PageHeader>
        // Beside the menu the facts need a little more than half, or a date with its time leaves its card.
        <div class="grid items-start gap-4 lg:grid-cols-[11fr_9fr] xl:grid-cols-2">
            <div class="flex min-w-0 flex-col gap-4"><Details facts=facts.clone()/><Limits facts/></div>
            <div class="flex min-w-0 flex-col gap-4"><Activity entries=happened/>{invites}{deletes}</div>
        </div>
    }
}

#[component]
fn Details(facts: AgencyFacts) -> impl IntoView {
    let row = facts.row;
    let businesses = counted(row.businesses, "client", "clients");
    let at = format!("/admin/businesses?agency.is={}", row.agency.id);
    let failed = (facts.failed_jobs > 0).then(|| {
        let words = format!("{} failed", facts.failed_jobs);
        let list = format!("/a/{}/provisioning?view=failed", row.agency.slug);
        view! { ", "<a class="text-bad underline underline-offset-2" href=list>{words}</a> }
    });
    let open = counted(facts.invited, "open invitation", "open invitations");
    let invited = (facts.invited > 0).then(|| format!(", {open}"));
    view! {
        <Card title="Details">
            <KeyValues>
                <KeyValue name="URL name">{row.agency.slug.clone()}</KeyValue>
                <KeyValue name="ID"><CopyId id=row.agency.id.to_string()/></KeyValue>
                <KeyValue name="Added"><Exact at=row.agency.created_at/></KeyValue>
                {row.agency.deleted_at.map(|at| view! { <KeyValue name="Deleted"><Exact at/></KeyValue> })}
                <KeyValue name="HighLevel"><StatusPill tone=tone(row.highlevel) plain=true>{row.highlevel.label()}</StatusPill></KeyValue>
                {row.agency.ghl_agency_id.map(|id| view! { <KeyValue name="HighLevel company"><CopyId id=id/></KeyValue> })}
                <KeyValue name="Clients"><a class="underline underline-offset-2" href=at>{businesses}</a></KeyValue>
                <KeyValue name="People">{counted(row.people, "person", "people")}{invited}</KeyValue>
                <KeyValue name="Last seen">{facts.last_seen_at.map_or_else(|| "Never".into_any(), |at| view! { <Ago at/> }.into_any())}</KeyValue>
                <KeyValue name="Jobs">{format!("{} running, {} in 7 days", row.open_jobs, row.jobs_week)}{failed}</KeyValue>
            </KeyValues>
        </Card>
    }
}

#[component]
fn Limits(facts: AgencyFacts) -> impl IntoView {
    let settings = facts.settings;
    let tagged = if settings.name_marker { "Tagged while a job runs" } else { "Not tagged" };
    view! {
        <Card title="Limits">
            <KeyValues>
                <KeyValue name="Jobs at the same time">{settings.jobs_at_once}</KeyValue>
                <KeyValue name="Automatic retries per step">{settings.max_retries}</KeyValue>
                <KeyValue name="New sub-accounts">{tagged}</KeyValue>
                {(!settings.app_address.is_empty()).then(|| view! { <KeyValue name="HighLevel address">{settings.app_address.clone()}</KeyValue> })}
            </KeyValues>
            <p class="pt-3 text-sm text-fg-2">"The agency sets these in its own settings."</p>
        </Card>
    }
}

#[component]
fn InviteOwner(id: AgencyId, filled: Filled) -> impl IntoView {
    view! {
        <Card title="Invite another owner">
            <Form action="/do/invite_to_agency" filled=filled>
                <input type="hidden" name="agency" value=id.to_string()/>
                <TextField name="owner" label="Email" kind="email" required=true/>
                <div><Button>"Send invitation"</Button></div>
            </Form>
        </Card>
    }
}

#[component]
fn Delete(agency: Agency) -> impl IntoView {
    let hidden = vec![("agency", agency.id.to_string()), ("deleted", "true".to_owned())];
    view! {
        <div id="delete">
            <Card title="Delete agency">
                <p class="pb-3 text-fg-2">"Its people can no longer sign in, its jobs stop and its API tokens are permanently deleted. Nothing changes in HighLevel. You can restore it for 30 days."</p>
                <ConfirmByName action="/do/set_agency_deleted" verb="Delete agency" name=agency.name hidden=hidden>
                    <p>"No one at the agency will have access."</p>
                </ConfirmByName>
            </Card>
        </div>
    }
}
