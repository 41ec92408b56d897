//! The page of one job: what is happening, how much time is left, what failed, and which buttons help. The server
//! renders it completely. In the browser the monitor's island keeps its parts current (`islands::job`); the regions with
//! forms are updated from the same page. What the viewer has selected (step, tab, filter, attempt) is in the address.

use domain::permission::Right;
use domain::provisioning::{JobView, QuestionKind, Step};
use domain::{JobId, integration};
use islands::job::{self, JobMonitorFrom, JobStart, JobState, JobSteps, LINES};
use kit::Address;
use kit::frame::{Crumb, Shell};
use kit::labels::provisioning as labels;
use kit::region::{is_asked, is_navigation};
use kit::title::PageTitle;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::provisioning::LogQuery;
use store::tenant::TenantTx;
use web::clock::now;
use web::error::{Error, Result};
use web::guard::{ServerContext, TenantContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::shown_once::shown_once;
use web::todos;

use super::by_hand::{ByHand, MOST_OFFERED};
use super::diagnose::Diagnosis;
use super::head::Head;
use super::pane::Pane;
use super::state::State;
use super::view::{JobPageContext, Shown};
use super::{monitor, unreadable};

/// The job page.
#[component]
pub fn JobPage() -> impl IntoView {
    let context = server_context();
    let id = use_params_map().with_untracked(|params| params.get("job")).unwrap_or_default();
    let at = Address::current();
    // A refresh of other regions need not read the log, which may be long.
    let log = is_asked("log");
    load_page(async move {
        let context = context?;
        let id: JobId = id.parse().map_err(|_| Error::NotFound)?;
        let mut tenant = context.page().await?;
        match store::provisioning::get(&mut tenant.tx, id).await {
            Ok(job) => whole(&context, tenant, job, at, log).await,
            Err(store::Error::Unreadable(_)) => unreadable::page(&context, tenant, id, at.path).await,
            Err(error) => Err(error.into()),
        }
    })
}

/// The page of a job whose order can be read.
async fn whole(
    context: &ServerContext,
    tenant: TenantContext,
    job: JobView,
    at: Address,
    log: bool,
) -> Result<AnyView> {
    let (page, shown) = read(context, tenant, job, at, log).await?;
    let row = &page.job.row;
    let title = format!("#{} {}", row.number, row.client_name);
    let root = format!("/a/{}", page.agency);
    let crumbs = vec![Crumb::link("Jobs", format!("{root}/provisioning")), Crumb::current(title.clone())];
    let frame = frame(context, crumbs);
    let still = labels::runs(row).then(|| view! { <NoScriptNotice at=page.at.href()/> });
    let state = JobState { flight: page.flight.clone(), ..monitor::state(&page.job, page.hold, &page.at) };
    let title = job::title(&state);
    let start = JobStart {
        place: page.place(),
        version: monitor::version(&state),
        line: match &shown {
            Shown::Log(lines, _) => lines.last().map(|line| line.id),
            _ => None,
        },
        state: state.clone(),
    };
    let (head, steps) = (state.clone(), state.clone());
    let (here, topics) = (page.at.clone(), page.topic());
    Ok(view! {
        <PageTitle text=title/>
        <Shell frame=frame>
            {is_navigation().then(|| view! { <JobMonitorFrom start/> })}
            <Head page=page.clone() state=head/>
            {still}
            // On a phone the required action comes first, then the steps, then the details of the step.
            <div class="grid items-start gap-x-8 gap-y-4 lg:gap-y-0 lg:grid-cols-[20rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
                <div class="flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-start-1 lg:has-[>:not(:empty)]:pb-4"><State page=page.clone()/></div>
                <JobSteps state=steps at=now() here topics/>
                <div class="min-w-0 lg:col-start-2 lg:row-start-2"><Pane page state shown/></div>
            </div>
        </Shell>
    }
    .into_any())
}

/// The note for browsers without JavaScript that the page does not update itself.
#[component]
fn NoScriptNotice(at: String) -> impl IntoView {
    view! {
        <p class="unscripted pb-4 text-sm text-fg-2">"This page doesn't update by itself without JavaScript: "<a class="underline" href=at>"reload it"</a>"."</p>
    }
}

async fn read(
    context: &ServerContext,
    mut tenant: TenantContext,
    job: JobView,
    at: Address,
    log: bool,
) -> Result<(JobPageContext, Shown)> {
    let id = job.row.id;
    let step = monitor::selected(&job, &at);
    let shown = match log || !monitor::shows_log(&at) {
        true => shown(&mut tenant.tx, &job, step, &at).await?,
        false => Shown::Log(Vec::new(), false),
    };
    let location = match &job.row.location_id {
        Some(location) => {
            let app = &context.state.settings.highlevel_app;
            Some(store::agencies::location_page(&mut tenant.tx, app, None, location).await?)
        }
        None => None,
    };
    let todos = store::todos::of_job(&mut tenant.tx, id).await?;
    let todos = todos::shown(context, &mut tenant, todos).await?;
    let asks = job.question.as_ref().map(|question| question.kind);
    let page = JobPageContext {
        location,
        todos,
        by_hand: by_hand(context, &mut tenant, asks).await?,
        connect: connect(context, &tenant, asks),
        flight: store::provisioning::call_in_flight(&mut tenant.tx, id).await?,
        agency: tenant.access.slug.clone(),
        path: at.path.clone(),
        may: tenant.access.allows(Right::Provision),
        opens: job.row.business.is_some_and(|business| tenant.access.reaches(business)),
        filled: filled(&context.request, "resume_job"),
        hold: store::provisioning::hold(&mut tenant.tx, id).await?,
        client_link: shown_once(context, tenant.caller.user, "make_answer_link").await?,
        link: format!("{}{}", context.state.settings.public_url, at.href()),
        job,
        at,
        step,
    };
    tenant.commit().await?;
    Ok((page, shown))
}

/// What answers a question about the agency's plan.
async fn by_hand(
    context: &ServerContext,
    tenant: &mut TenantContext,
    asks: Option<QuestionKind>,
) -> Result<Option<ByHand>> {
    if asks != Some(QuestionKind::DoByHand) || !tenant.access.allows(Right::Provision) {
        return Ok(None);
    }
    let app = &context.state.settings.highlevel_app;
    Ok(Some(ByHand {
        highlevel: store::agencies::highlevel_address(&mut tenant.tx, app).await?,
        offered: store::imports::offered(&mut tenant.tx, MOST_OFFERED).await?,
        may_read: tenant.access.allows(Right::ClientsImport),
    }))
}

/// Where HighLevel is connected again, if the job waits for that and the caller may do it.
fn connect(context: &ServerContext, tenant: &TenantContext, asks: Option<QuestionKind>) -> Option<String> {
    let may = tenant.access.allows(Right::ConnectionsManage) && context.state.settings.highlevel_ready;
    (asks == Some(QuestionKind::Reconnect) && may)
        .then(|| format!("/api/integrations/ghl/connect?agency={}", tenant.access.id))
}

async fn shown(tx: &mut TenantTx, job: &JobView, step: Step, at: &Address) -> Result<Shown> {
    let id = job.row.id;
    Ok(match at.get("tab") {
        _ if !at.get("with").is_empty() => {
            let query = LogQuery { step: Some(step), limit: LINES, ..LogQuery::default() };
            let mut rows = store::provisioning::log(tx, id, &query).await?.rows;
            rows.reverse();
            Shown::Compared(rows)
        }
        "diagnose" => Shown::Diagnosis(Box::new(Diagnosis {
            last: store::provisioning::calls(tx, id).await?.pop(),
            connection: integration::state(store::integrations::company(tx).await?.as_ref(), now()),
        })),
        "input" => Shown::Input,
        "output" => Shown::Output,
        "calls" => Shown::Calls(store::provisioning::calls(tx, id).await?),
        _ => {
            let (lines, more) = monitor::log(tx, id, step, at).await?;
            Shown::Log(lines, more)
        }
    })
}
