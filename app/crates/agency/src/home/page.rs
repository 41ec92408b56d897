//! An agency's start page: first what needs a person today, most urgent first, then what is running.

use std::sync::Arc;

use domain::first_steps::{FirstStep, FirstSteps};
use domain::integration::{Integration, IntegrationStatus, state};
use domain::page::ListQuery;
use domain::permission::Right;
use domain::provisioning::{ExtraLocation, JobCounts, JobRow, Step};
use domain::work::Provider;
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::labels::provisioning as labels;
use kit::title::PageTitle;
use kit::{Ago, ButtonLink, ButtonStyle, Card, Empty, Glyph, PageHeader, Region, StatusIcon, StatusPill, Tile, Tone};
use leptos::prelude::*;
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use super::first_steps::FirstStepsCard;

/// All data of the page.
struct HomeData {
    base: String,
    slug: String,
    name: String,
    may_provision: bool,
    company: Option<(Integration, IntegrationStatus)>,
    trouble: Option<String>,
    /// Integrations of single locations that have ended or that HighLevel has paused.
    ended: Vec<Integration>,
    extra: Vec<ExtraLocation>,
    counts: JobCounts,
    clients: i64,
    asking: Vec<JobRow>,
    failed: Vec<JobRow>,
    recent: Vec<JobRow>,
    /// The first steps; `None` if no step is left to the caller.
    steps: Option<FirstSteps>,
}

async fn load(context: &ServerContext) -> Result<HomeData> {
    let mut tenant = context.page().await?;
    let query = |view: &str, limit| ListQuery { view: view.to_owned(), limit, ..ListQuery::default() };
    let company = store::integrations::company(&mut tenant.tx).await?;
    let integration_status = state(company.as_ref(), now());
    let data = HomeData {
        base: format!("/a/{}", tenant.access.slug),
        slug: tenant.access.slug.clone(),
        name: tenant.access.name.clone(),
        may_provision: tenant.access.allows(Right::Provision),
        company: company.map(|company| (company, integration_status)),
        trouble: store::api_calls::lately(&mut tenant.tx, Provider::HighLevel).await?.warning(),
        ended: store::integrations::troubled(&mut tenant.tx, 10).await?,
        extra: store::provisioning::extra(&mut tenant.tx, None).await?,
        counts: store::provisioning::counts(&mut tenant.tx).await?,
        clients: store::businesses::counts(&mut tenant.tx).await?.all,
        asking: store::provisioning::list(&mut tenant.tx, &query("needs_input", 10)).await?.rows,
        failed: store::provisioning::list(&mut tenant.tx, &query("failed", 10)).await?.rows,
        recent: store::provisioning::list(&mut tenant.tx, &query("", 6)).await?.rows,
        steps: context.request.steps.clone(),
    };
    tenant.commit().await?;
    Ok(data)
}

/// The agency's start page.
#[component]
pub fn Home() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let data = Arc::new(load(&context).await?);
        let frame = frame(&context, vec![Crumb::current("Home")]);
        let title = data.name.clone();
        let new = format!("{}/provisioning/new", data.base);
        let may = data.may_provision && data.company.is_some();
        let steps = data.steps.clone();
        let steps = steps.map(|steps| view! { <FirstStepsCard steps agency=data.slug.clone()/> });
        let (base, rows) = (data.base.clone(), data.recent.clone());
        let (today, figures) = (data.clone(), data);
        Ok(view! {
            <PageTitle text=title.clone()/>
            <Shell frame=frame>
                <PageHeader title=title>
                    {may.then(|| view! { <ButtonLink href=new look=ButtonStyle::Primary icon=Glyph::Plus>"New client"</ButtonLink> })}
                </PageHeader>
                <div class="flex flex-col gap-4">
                    <Region key="steps" topics="*" class="empty:hidden">{steps}</Region>
                    <Region key="today" topics="*" class="empty:hidden"><NeedsYou data=today/></Region>
                    <Region key="figures" topics="*"><Figures data=figures/></Region>
                    <Region key="recent" topics="provisioning.job:*"><Recent base rows/></Region>
                </div>
            </Shell>
        })
    })
}

/// One thing that a person should look at: what, why and where.
struct Line {
    tone: Tone,
    what: String,
    why: String,
    action: &'static str,
    href: String,
}

/// A location's integration that needs a look, in the words of its card.
fn ended(base: &str, location: &Integration) -> Line {
    let integration_status = state(Some(location), now());
    let name = location.platform_name.as_deref().unwrap_or(&location.platform_id);
    Line {
        tone: tone(integration_status.state),
        what: format!("{name}: {}", integration_status.state.label()),
        why: integration_status.because,
        action: "Open connections",
        href: format!("{base}/connections?view=trouble"),
    }
}

fn lines(data: &HomeData) -> Vec<Line> {
    let connections = format!("{}/connections", data.base);
    let mut lines = Vec::new();
    if let Some((_, integration_status)) =
        data.company.as_ref().filter(|(_, integration_status)| integration_status.state.needs_person())
    {
        lines.push(Line {
            tone: tone(integration_status.state),
            what: format!("HighLevel: {}", integration_status.state.label()),
            why: integration_status.because.clone(),
            action: "Open connections",
            href: connections,
        });
    }
    // While the first steps are shown, connecting is one of them.
    if data.company.is_none() && data.steps.is_none() {
        lines.push(Line {
            tone: Tone::Asks,
            what: "HighLevel is not connected".to_owned(),
            why: "No client can be created until it is.".to_owned(),
            action: "Open connections",
            href: format!("{}/connections", data.base),
        });
    }
    lines.extend(data.trouble.iter().map(|why| Line {
        tone: Tone::Warn,
        what: "HighLevel".to_owned(),
        why: why.clone(),
        action: "See running jobs",
        href: format!("{}/provisioning?view=running", data.base),
    }));
    lines.extend(data.ended.iter().map(|location| ended(&data.base, location)));
    lines.extend(data.extra.iter().map(|extra| Line {
        tone: Tone::Asks,
        what: format!("#{} {}: an extra location", extra.number, extra.client_name),
        why: format!(
            "{} appeared in HighLevel after it had been given up. It may be billed; remove it there.",
            extra.location
        ),
        action: "Open job",
        href: format!("{}/provisioning/{}", data.base, extra.job),
    }));
    let job = |row: &JobRow, tone, why: String, action| Line {
        tone,
        what: format!("#{} {}", row.number, row.client_name),
        why,
        action,
        href: format!("{}/provisioning/{}", data.base, row.id),
    };
    let at = |row: &JobRow| row.current_step.map_or("a step", Step::label);
    lines.extend(
        data.asking.iter().map(|row| job(row, Tone::Asks, format!("{} waits for your answer.", at(row)), "Answer")),
    );
    lines.extend(data.failed.iter().map(|row| {
        let why = row.error.clone().unwrap_or_else(|| format!("It failed at {}.", at(row)));
        job(row, Tone::Failed, why, "Repair")
    }));
    lines
}

#[component]
fn NeedsYou(data: Arc<HomeData>) -> impl IntoView {
    // The first steps already say it to whoever may connect HighLevel.
    let said = data.steps.as_ref().is_some_and(|steps| !steps.settled(FirstStep::Connect));
    if data.company.is_none() && said {
        return ().into_any();
    }
    if data.company.is_none() {
        return view! { <Connect base=data.base.clone()/> }.into_any();
    }
    let lines = lines(&data);
    if lines.is_empty() {
        return view! { <Card title="Needs you"><p class="text-fg-2">"Nothing. Every client is where it should be."</p></Card> }.into_any();
    }
    let lines = lines.into_iter().map(|line| {
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <StatusIcon tone=line.tone/>
                <div class="min-w-0 grow basis-60"><p class="font-medium">{line.what}</p><p class="text-sm text-fg-2">{line.why}</p></div>
                <ButtonLink href=line.href>{line.action}</ButtonLink>
            </li>
        }
    });
    view! { <Card title="Needs you" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}

/// Shown before anything else: connect the agency's own HighLevel account.
#[component]
fn Connect(base: String) -> impl IntoView {
    view! {
        <Card>
            <Empty
                title="Connect HighLevel to begin"
                text="We list your snapshots and create client locations for you. We never change a snapshot, and you can disconnect at any time."
            >
                <ButtonLink href=format!("{base}/connections") look=ButtonStyle::Primary>"Go to connections"</ButtonLink>
            </Empty>
        </Card>
    }
}

#[component]
fn Figures(data: Arc<HomeData>) -> impl IntoView {
    let base = &data.base;
    let jobs = |view: &str| format!("{base}/provisioning?view={view}");
    view! {
        <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
            <Tile name="Clients" value=data.clients.to_string() href=format!("{base}/clients")/>
            <Tile name="Running" value=data.counts.running.to_string() href=jobs("running")/>
            <Tile name="Needs input" value=data.counts.needs_input.to_string() href=jobs("needs_input")/>
            <Tile name="Failed" value=data.counts.failed.to_string() href=jobs("failed")/>
        </div>
    }
}

#[component]
fn Recent(base: String, rows: Vec<JobRow>) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let lines = rows.into_iter().map(move |row| {
        let (tone, word) = labels::job(&row);
        view! {
            <li class="flex items-center gap-3 border-t border-line px-4 py-2.5 first:border-0">
                <a class="min-w-0 grow truncate hover:underline" href=format!("{base}/provisioning/{}", row.id)>
                    {format!("#{} {}", row.number, row.client_name)}
                </a>
                <StatusPill tone=tone plain=true>{word}</StatusPill>
                <span class="w-24 text-end text-sm text-fg-2"><Ago at=row.created_at/></span>
            </li>
        }
    });
    view! { <Card title="Latest jobs" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}
