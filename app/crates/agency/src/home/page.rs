//! An agency's start page: first what needs a person today, most urgent first, then what is running.

use std::sync::Arc;

use domain::JobId;
use domain::access::AgencyAccess;
use domain::first_steps::{FirstStep, FirstSteps};
use domain::integration::{Integration, IntegrationStatus, state};
use domain::page::ListQuery;
use domain::permission::Right;
use domain::provisioning::{ExtraLocation, JobRow, Step};
use domain::todos::Todo;
use domain::work::Provider;
use islands::home::{Figures, FiguresState, LiveFiguresFrom};
use kit::frame::{Crumb, Shell};
use kit::labels::integration::tone;
use kit::labels::provisioning as labels;
use kit::region::is_navigation;
use kit::title::PageTitle;
use kit::{
    Ago, Banner, ButtonLink, ButtonStyle, Card, Chip, Empty, Glyph, PageHeader, Region, StatusIcon, StatusPill, Tone,
    counted,
};
use leptos::prelude::*;
use store::tenant::TenantTx;
use web::clock::now;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::load_page;
use web::page_frame::frame;

use super::figures::figures;
use super::first_steps::FirstStepsCard;

/// To-dos that the page names one by one.
const MOST_TODOS: u16 = 5;

/// All data of the page.
struct HomeData {
    base: String,
    /// Addresses below `base` that the caller's role does not open.
    closed: Vec<&'static str>,
    slug: String,
    name: String,
    may_provision: bool,
    company: Option<(Integration, IntegrationStatus)>,
    trouble: Option<String>,
    /// Integrations of single locations that have ended or that HighLevel has paused.
    ended: Vec<Integration>,
    extra: Vec<ExtraLocation>,
    figures: FiguresState,
    /// Where HighLevel is connected again; `None` if that is not what repairs it, or the caller may not.
    connect: Option<String>,
    /// Number of jobs that wait until HighLevel is connected again. They are not among those that ask.
    waiting: i64,
    asking: Vec<JobRow>,
    failed: Vec<JobRow>,
    recent: Vec<JobRow>,
    /// Open to-dos, newest first, and how many there are.
    todos: (Vec<Todo>, i64),
    /// Number of sub-accounts in HighLevel that the caller may import.
    unimported: i64,
    /// The first steps; `None` if no step is left to the caller.
    steps: Option<FirstSteps>,
}

async fn load(context: &ServerContext) -> Result<HomeData> {
    let mut tenant = context.page().await?;
    let query = |view: &str, limit| ListQuery { view: view.to_owned(), limit, ..ListQuery::default() };
    let company = store::integrations::company(&mut tenant.tx).await?;
    let integration_status = state(company.as_ref(), now());
    let todos = match tenant.access.allows(Right::TodosRead) {
        true => open_todos(&mut tenant.tx).await?,
        false => (Vec::new(), 0),
    };
    let may_import = company.is_some() && tenant.access.allows(Right::ClientsImport);
    let unimported = if may_import { store::imports::state(&mut tenant.tx).await?.left } else { 0 };
    let slug = tenant.access.slug.clone();
    let (figures, recent) = figures(&mut tenant.tx, &slug).await?;
    let mut asking = store::provisioning::list(&mut tenant.tx, &query("needs_input", 10)).await?.rows;
    let waiting = match integration_status.state.needs_person() {
        true => fold_waiting(&mut tenant.tx, &mut asking).await?,
        false => 0,
    };
    let may_connect = tenant.access.allows(Right::ConnectionsManage) && context.state.settings.highlevel_ready;
    let repaired = company.as_ref().is_some_and(|own| own.is_repaired_by_consent(integration_status.state));
    let data = HomeData {
        connect: (may_connect && repaired)
            .then(|| format!("/api/integrations/ghl/connect?agency={}", tenant.access.id)),
        waiting,
        unimported,
        todos,
        base: format!("/a/{slug}"),
        closed: closed_to(&tenant.access),
        slug: slug.clone(),
        name: tenant.access.name.clone(),
        may_provision: tenant.access.allows(Right::Provision),
        company: company.map(|company| (company, integration_status)),
        trouble: store::api_calls::lately(&mut tenant.tx, Provider::HighLevel).await?.warning(),
        ended: store::integrations::troubled(&mut tenant.tx, 10).await?,
        extra: store::provisioning::extra(&mut tenant.tx, None).await?,
        figures,
        asking,
        failed: store::provisioning::list(&mut tenant.tx, &query("failed", 10)).await?.rows,
        recent,
        steps: context.request.steps.clone(),
    };
    tenant.commit().await?;
    Ok(data)
}

/// The first open to-dos, those of the caller before those of others, and how many are open.
async fn open_todos(tx: &mut TenantTx) -> Result<(Vec<Todo>, i64)> {
    let query = |view: &str| ListQuery { view: view.to_owned(), limit: MOST_TODOS, ..ListQuery::default() };
    let mut rows = store::todos::list(tx, &query("mine")).await?.rows;
    let own: Vec<_> = rows.iter().map(|row| row.id).collect();
    let all = store::todos::list(tx, &query("")).await?.rows;
    rows.extend(all.into_iter().filter(|row| !own.contains(&row.id)));
    rows.truncate(usize::from(MOST_TODOS));
    Ok((rows, store::todos::counts(tx).await?.open))
}

/// Takes the jobs that wait until HighLevel is connected again out of those that ask, and returns how many there are.
async fn fold_waiting(tx: &mut TenantTx, asking: &mut Vec<JobRow>) -> Result<i64> {
    let named: Vec<JobId> = asking.iter().map(|row| row.id).collect();
    let waiting = store::provisioning::ask_to_reconnect(tx, &named).await?;
    asking.retain(|row| !waiting.named.contains(&row.id));
    Ok(waiting.count)
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
        // Later it would nag an agency that keeps some of its sub-accounts out on purpose; the list of clients has a link.
        let unimported = (data.unimported > 0 && data.steps.is_some()).then(|| {
            let what = counted(data.unimported, "sub-account", "sub-accounts");
            let text = format!("{what} in HighLevel not in Slipway yet.");
            let href = format!("{}/clients/import", data.base);
            view! { <Banner text=text><ButtonLink href=href>"Import"</ButtonLink></Banner> }
        });
        let (base, rows) = (data.base.clone(), data.recent.clone());
        let (today, figures) = (data.clone(), data.figures.clone());
        let (source, start) = (format!("{}/figures", figures.base), figures.clone());
        Ok(view! {
            <PageTitle text=title.clone()/>
            <Shell frame=frame>
                {is_navigation().then(|| view! { <LiveFiguresFrom source start/> })}
                <PageHeader title=title>
                    {may.then(|| view! { <ButtonLink href=new look=ButtonStyle::Primary icon=Glyph::Plus key="c">"New client"</ButtonLink> })}
                </PageHeader>
                <div class="flex flex-col gap-4">
                    <Region key="steps" topics="*" class="flex flex-col gap-4 empty:hidden">{steps}{unimported}</Region>
                    <Region key="today" topics="*" class="empty:hidden"><NeedsYou data=today/></Region>
                    <Figures state=figures/>
                    <Region key="recent" topics="provisioning.job:* todos.changed:*"><Recent base rows/></Region>
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

/// The agency's own integration, if it needs a person, with how many jobs wait for it.
fn company_line(data: &HomeData) -> Option<Line> {
    let (_, IntegrationStatus { state, because }) = data.company.as_ref()?;
    let (action, href) = match &data.connect {
        Some(href) => ("Reconnect HighLevel", href.clone()),
        None => ("Open connections", format!("{}/connections", data.base)),
    };
    state.needs_person().then(|| Line {
        tone: tone(*state),
        what: format!("HighLevel: {}", state.label()),
        why: match data.waiting {
            0 => because.clone(),
            jobs => format!("{because} {} for this.", counted(jobs, "job waits", "jobs wait")),
        },
        action,
        href,
    })
}

fn lines(data: &HomeData) -> Vec<Line> {
    let mut lines: Vec<Line> = company_line(data).into_iter().collect();
    // While the first steps are shown, connecting is one of them.
    if data.company.is_none() && data.steps.is_none() {
        lines.push(Line {
            tone: Tone::Asks,
            what: "HighLevel is not connected".to_owned(),
            why: "You can't create clients until it is.".to_owned(),
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
        what: format!("#{} {}: an extra sub-account", extra.number, extra.client_name),
        why: format!(
            "{} appeared in HighLevel after the job had moved on. It may be billed, so delete it there.",
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
        job(row, Tone::Failed, why, "Retry")
    }));
    lines.extend(left_to_do(data));
    // Nothing is listed that the caller cannot open.
    lines.retain(|line| {
        let below = line.href.strip_prefix(&data.base).unwrap_or_default();
        !data.closed.iter().any(|closed| below.starts_with(closed))
    });
    lines
}

/// The parts of the agency to which the list of what needs attention leads and that this role does not open.
fn closed_to(access: &AgencyAccess) -> Vec<&'static str> {
    let parts = [
        ("/connections", Right::ConnectionsRead),
        ("/provisioning", Right::ProvisionRead),
        ("/to-dos", Right::TodosRead),
    ];
    parts.into_iter().filter(|(_, right)| !access.allows(*right)).map(|(part, _)| part).collect()
}

/// The open to-dos, each with its client, and how many more there are.
fn left_to_do(data: &HomeData) -> Vec<Line> {
    let (rows, open) = &data.todos;
    let list = format!("{}/to-dos", data.base);
    let mut lines: Vec<Line> = rows.iter().map(|todo| todo_line(&data.base, &list, todo)).collect();
    let more = open.saturating_sub(i64::try_from(rows.len()).unwrap_or(i64::MAX));
    if more > 0 {
        let what = counted(more, "more to-do", "more to-dos");
        let why = "What jobs left for your team to do.".to_owned();
        lines.push(Line { tone: Tone::Asks, what, why, action: "See all to-dos", href: list });
    }
    lines
}

fn todo_line(base: &str, list: &str, todo: &Todo) -> Line {
    let who = todo.assigned_to_name.as_ref().map(|name| format!(" \u{b7} {name}")).unwrap_or_default();
    let href = todo.job.map_or_else(|| list.to_owned(), |job| format!("{base}/provisioning/{job}"));
    Line {
        tone: Tone::Asks,
        what: todo.what.clone(),
        why: format!("{}{who}", todo.client_name),
        action: "Open to-do",
        href,
    }
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
        return view! { <Card title="Needs attention"><p class="text-fg-2">"All clear."</p></Card> }.into_any();
    }
    // The last line of the to-dos stands for those that are not named.
    let more = data.todos.1.saturating_sub(i64::try_from(data.todos.0.len()).unwrap_or(i64::MAX));
    let count = i64::try_from(lines.len()).unwrap_or(i64::MAX) + (more - 1).max(0);
    let count = view! { <Chip>{count.to_string()}</Chip> }.into_any();
    // What repairs the connection comes first, and much else may be settled by it.
    let repairs = data.connect.is_some();
    let lines = lines.into_iter().enumerate().map(move |(at, line)| {
        let look = if repairs && at == 0 { ButtonStyle::Primary } else { ButtonStyle::Secondary };
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <StatusIcon tone=line.tone/>
                <div class="min-w-0 grow basis-40"><p class="font-medium">{line.what}</p><p class="text-sm text-fg-2">{line.why}</p></div>
                <ButtonLink href=line.href look=look>{line.action}</ButtonLink>
            </li>
        }
    });
    view! { <Card title="Needs attention" aside=count flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}

/// Shown before anything else: connect the agency's own HighLevel account.
#[component]
fn Connect(base: String) -> impl IntoView {
    view! {
        <Card>
            <Empty
                title="Connect HighLevel to begin"
                text="We list your snapshots and create client sub-accounts for you. We never change a snapshot, and you can disconnect at any time."
            >
                <ButtonLink href=format!("{base}/connections") look=ButtonStyle::Primary>"Go to connections"</ButtonLink>
            </Empty>
        </Card>
    }
}

#[component]
fn Recent(base: String, rows: Vec<JobRow>) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let all = format!("{base}/provisioning");
    let all =
        view! { <a class="inline-flex min-h-6 items-center text-sm text-fg-2 hover:text-fg" href=all>"All jobs"</a> };
    let lines = rows.into_iter().map(move |row| {
        let (tone, word) = labels::job(&row);
        view! {
            <li class="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2.5 first:border-0">
                <a class="min-w-0 grow basis-40 truncate hover:underline" href=format!("{base}/provisioning/{}", row.id)>
                    {format!("#{} {}", row.number, row.client_name)}
                </a>
                <StatusPill tone=tone plain=true>{word}</StatusPill>
                <span class="basis-full text-sm text-fg-2 sm:w-24 sm:basis-auto sm:text-end"><Ago at=row.created_at/></span>
            </li>
        }
    });
    view! { <Card title="Latest jobs" aside=all.into_any() flush=true><ul>{lines.collect_view()}</ul></Card> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use domain::identity::{AgencyRole, CustomRole, Reach, Role};

    use super::*;

    #[test]
    fn a_role_is_shown_only_what_it_opens() {
        let of = |role: AgencyRole| {
            closed_to(&AgencyAccess {
                id: domain::AgencyId(uuid::Uuid::nil()),
                slug: String::new(),
                name: String::new(),
                role,
                reach: Reach::All,
                listed: Vec::new(),
            })
        };
        assert!(of(AgencyRole::BuiltIn(Role::AgencyStaff)).is_empty(), "staff open all of it");
        let id = domain::RoleId(uuid::Uuid::nil());
        let looks = CustomRole { id, name: "Looks".to_owned(), actions: vec![Right::TodosRead] };
        assert_eq!(of(AgencyRole::Custom(looks)), ["/connections", "/provisioning"]);
    }
}
