//! The system page: version, schema, mail, the HighLevel app, the queue of background work, and the periodic jobs.

use domain::identity::Role;
use domain::work::Kind;
use kit::frame::{Crumb, Shell};
use kit::time::span;
use kit::title::PageTitle;
use kit::{
    Address, Ago, ButtonStyle, Card, Column, Confirm, Empty, KeyValue, KeyValues, PageHeader, Row, StatusPill, Table,
    Tone,
};
use leptos::prelude::*;
use store::periodic::State;
use store::queue::GivenUp;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;

/// The system page.
#[component]
pub fn System() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        context.platform_page().await?.commit().await?;
        let schema = store::migrate::check_known(&context.state.db).await;
        let depth = store::queue::depth(&context.state.db).await?;
        let given_up = store::queue::given_up(&context.state.db).await?;
        let jobs = store::periodic::list(&context.state.db).await?;
        let may = context.caller()?.platform == Some(Role::SuperAdmin);
        let settings = &context.state.settings;
        let (mail, app) = (settings.mails_leave, settings.highlevel_ready);
        let callback = format!("{}/api/integrations/ghl/callback", settings.public_url);
        let frame = frame(&context, vec![Crumb::current("System")]);
        let schema = if schema.is_ok() { "fits this version" } else { "does not fit: run `slipway migrate`" };
        Ok(view! {
            <PageTitle text="System"/>
            <Shell frame=frame>
                <PageHeader title="System"/>
                <div class="grid items-start gap-4 lg:grid-cols-2">
                    <Card title="This installation">
                        <KeyValues>
                            <KeyValue name="Version">{env!("CARGO_PKG_VERSION")}</KeyValue>
                            <KeyValue name="Schema">{schema}</KeyValue>
                            <KeyValue name="Mail">{if mail { "goes to the mail server" } else { "becomes files; set SMTP_URL" }}</KeyValue>
                            <KeyValue name="HighLevel app">{if app { "configured" } else { "missing; set GHL_CLIENT_ID and GHL_CLIENT_SECRET" }}</KeyValue>
                            <KeyValue name="Redirect address to register">{callback}</KeyValue>
                        </KeyValues>
                    </Card>
                    <Card title="Background work">
                        <KeyValues>
                            <KeyValue name="Ready">{depth.ready}</KeyValue>
                            <KeyValue name="Being done">{depth.leased}</KeyValue>
                            <KeyValue name="Scheduled">{depth.scheduled}</KeyValue>
                            <KeyValue name="Given up">{depth.dead}</KeyValue>
                            <KeyValue name="Oldest waiting">{depth.oldest_ready.map_or_else(|| "none".into_any(), |at| view! { <Ago at=at/> }.into_any())}</KeyValue>
                        </KeyValues>
                    </Card>
                </div>
                {(!given_up.is_empty()).then(|| view! { <GivenUpWork work=given_up may/> })}
                <Periodic jobs=jobs/>
            </Shell>
        })
    })
}

/// Background work that failed for good, by kind: how many items, when the last one was given up, and why.
#[component]
fn GivenUpWork(
    /// The failed work, one entry per kind.
    work: Vec<GivenUp>,
    /// True if the viewer may run it again and discard it.
    may: bool,
) -> impl IntoView {
    let columns = vec![
        Column::plain("Work"),
        Column::plain("Pieces").number(),
        Column::plain("Last given up"),
        Column::plain("Last error"),
        Column::plain(""),
    ];
    let row = |one: GivenUp| Row {
        cells: vec![
            view! { <span class="font-medium">{named(&one.kind)}</span> }.into_any(),
            one.count.to_string().into_any(),
            view! { <Ago at=one.last_at/> }.into_any(),
            view! { <span class="break-words text-fg-2">{one.cause}</span> }.into_any(),
            may.then(|| given_up_actions(&one.kind)).into_any(),
        ],
        key: one.kind,
        href: None,
    };
    let rows = work.into_iter().map(row).collect::<Vec<_>>();
    let empty = view! { <Empty title="Nothing was given up" text="Work that fails for good appears here."></Empty> };
    view! {
        <section class="mt-6">
            <h2 class="pb-1 text-md font-semibold">"Given up"</h2>
            <p class="pb-3 text-sm text-fg-2">"Each was tried several times, and nothing tries it again by itself. It is kept for 90 days."</p>
            <Table caption="Given up" region="given-up" topics="" at=Address::current() columns=columns rows=rows empty=empty.into_any()/>
        </section>
    }
}

/// What a super admin may do with given-up work of one kind.
fn given_up_actions(kind: &str) -> AnyView {
    let hidden = || vec![("kind", kind.to_owned())];
    view! {
        <div class="flex flex-wrap items-center justify-end gap-2">
            <Confirm action="/do/retry_given_up_work" label="Run again" verb="Run this work again" look=ButtonStyle::Quiet operation=ButtonStyle::Primary hidden=hidden()>
                <p>"All given-up work of this kind is tried again, 500 pieces at a time. Mails in it are sent if somebody still needs them."</p>
            </Confirm>
            <Confirm action="/do/discard_given_up_work" label="Discard" verb="Discard this work" look=ButtonStyle::Quiet hidden=hidden()>
                <p>"All given-up work of this kind is deleted and never runs. This can't be undone."</p>
            </Confirm>
        </div>
    }
    .into_any()
}

/// The name of a kind of work as people read it. A kind that only another version knows is shown as it is.
fn named(kind: &str) -> String {
    let name = match Kind::parse(kind) {
        Some(Kind::RunJob) => "Provisioning jobs",
        Some(Kind::ResumeJobs) => "Letting jobs go on after a reconnect",
        Some(Kind::UpdateLocation) => "Updating clients in HighLevel",
        Some(Kind::OffboardBusiness) => "Offboarding archived clients",
        Some(Kind::SweepMarkers) => "Looking for late locations",
        Some(Kind::RefreshCredential) => "Renewing tokens",
        Some(Kind::CheckIntegration) => "Checking connections",
        Some(Kind::SyncSnapshots) => "Reading snapshots",
        Some(Kind::SyncLocations) => "Reading sub-accounts",
        Some(Kind::ImportLocations) => "Importing sub-accounts",
        Some(Kind::CheckTodos) => "Checking to-dos",
        Some(Kind::UninstallApp) => "Removing the app at HighLevel",
        Some(Kind::SendMail) => "Sending mails",
        Some(Kind::QueueWebhooks) => "Queuing webhooks",
        Some(Kind::SendWebhook) => "Sending webhooks",
        Some(Kind::Sweep) => "Periodic work of the version before",
        None => kind,
    };
    name.to_owned()
}

/// The periodic jobs, each with its state, its last success and its last error.
#[component]
fn Periodic(
    /// The jobs.
    jobs: Vec<State>,
) -> impl IntoView {
    let late = jobs.iter().filter(|job| job.overdue).count();
    let sum = match late {
        0 => "Everything that runs by itself is on time.".to_owned(),
        1 => "One job is overdue. Everything else goes on; the log of the workers says more.".to_owned(),
        n => format!("{n} jobs are overdue. If all are, no worker is running: start one with `slipway worker`."),
    };
    let columns = vec![
        Column::plain("Job"),
        Column::plain("State"),
        Column::plain("Last success"),
        Column::plain("Took").number(),
        Column::plain("Rows").number().wide_only(),
        Column::plain("Runs every").wide_only(),
        Column::plain("Last error"),
    ];
    // Overdue jobs come first; the others keep their order.
    let mut jobs = jobs;
    jobs.sort_by_key(|job| !job.overdue);
    let rows = jobs.into_iter().map(line).collect::<Vec<_>>();
    let empty = view! { <Empty title="Nothing ran yet" text="Jobs appear here as soon as a worker runs."></Empty> };
    view! {
        <section class="mt-6">
            <h2 class="pb-1 text-md font-semibold">"Runs by itself"</h2>
            <p class="pb-3 text-sm text-fg-2">{sum}</p>
            <Table caption="Runs by itself" region="periodic" topics="" at=Address::current() columns=columns rows=rows empty=empty.into_any()/>
        </section>
    }
}

fn line(job: State) -> Row {
    let (tone, word) = match (job.overdue, job.failures, job.running) {
        (true, ..) => (Tone::Failed, "Overdue"),
        (_, 1.., _) => (Tone::Retrying, "Failed, trying again"),
        (.., true) => (Tone::Running, "Running"),
        _ if job.succeeded_at.is_none() => (Tone::Waiting, "Not run yet"),
        _ => (Tone::Ok, "On time"),
    };
    let took = job.duration_ms.map_or_else(String::new, |ms| if ms < 1000 { format!("{ms} ms") } else { span(ms) });
    let error = job.last_error.filter(|_| job.failures > 0).unwrap_or_default();
    Row {
        key: job.name,
        href: None,
        cells: vec![
            view! { <span class="font-medium">{job.title}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            job.succeeded_at.map_or_else(|| "never".into_any(), |at| view! { <Ago at=at/> }.into_any()),
            took.into_any(),
            job.rows_done.map(|rows| rows.to_string()).unwrap_or_default().into_any(),
            span((job.every_seconds * 1000.0) as i64).into_any(),
            view! { <span class="break-words text-fg-2">{error}</span> }.into_any(),
        ],
    }
}
