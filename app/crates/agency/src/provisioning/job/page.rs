//! The page of one job: what is happening, how much time is left, what failed, and which buttons help. The server
//! renders it completely. Each region marked `data-live` is updated from the same page when something happens.
//! What the viewer has selected (step, tab, filter, attempt) is in the address.

use domain::page::Page;
use domain::permission::Right;
use domain::provisioning::{JobView, LogLevel, Step};
use domain::{JobId, integration};
use kit::frame::{Crumb, Shell};
use kit::labels::provisioning as labels;
use kit::title::PageTitle;
use kit::{Address, Region};
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

use super::diagnose::Diagnosis;
use super::head::Head;
use super::log::LINES;
use super::pane::Pane;
use super::state::State;
use super::steps::Steps;
use super::unreadable;
use super::view::{JobPageContext, Shown};

/// The job page.
#[component]
pub fn JobPage() -> impl IntoView {
    let context = server_context();
    let id = use_params_map().with_untracked(|params| params.get("job")).unwrap_or_default();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let id: JobId = id.parse().map_err(|_| Error::NotFound)?;
        let mut tenant = context.page().await?;
        match store::provisioning::get(&mut tenant.tx, id).await {
            Ok(job) => whole(&context, tenant, job, at).await,
            Err(store::Error::Unreadable(_)) => unreadable::page(&context, tenant, id, at.path).await,
            Err(error) => Err(error.into()),
        }
    })
}

/// The page of a job whose order can be read.
async fn whole(context: &ServerContext, tenant: TenantContext, job: JobView, at: Address) -> Result<AnyView> {
    let (page, shown) = read(context, tenant, job, at).await?;
    let row = &page.job.row;
    let title = format!("#{} {}", row.number, row.client_name);
    let root = format!("/a/{}", page.agency);
    let crumbs = vec![Crumb::link("Jobs", format!("{root}/provisioning")), Crumb::current(title.clone())];
    let frame = frame(context, crumbs);
    let still = labels::runs(row).then(|| view! { <NoScriptNotice at=page.at.href()/> });
    let title = format!("{} · {title}", labels::job(row).1);
    let (steps, both) = (page.clone(), format!("{} integration.changed:*", page.topic()));
    Ok(view! {
        <PageTitle text=title/>
        <Shell frame=frame>
            <Head page=page.clone()/>
            {still}
            // On a phone the required action comes first, then the steps, then the details of the step.
            <div class="grid items-start gap-x-8 gap-y-4 lg:grid-cols-[20rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
                <div class="flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-start-1"><State page=page.clone()/></div>
                <Region key="steps" topics=page.topic() class="lg:col-start-1 lg:row-span-2 lg:row-start-1"><Steps page=steps/></Region>
                <Region key="pane" topics=both class="min-w-0 lg:col-start-2 lg:row-start-2"><Pane page=page shown=shown/></Region>
            </div>
        </Shell>
    }
    .into_any())
}

/// The note for browsers without JavaScript that the page does not update itself.
#[component]
fn NoScriptNotice(at: String) -> impl IntoView {
    view! {
        <p class="unscripted pb-4 text-sm text-fg-2">"This page does not move by itself without JavaScript: "<a class="underline" href=at>"reload it"</a>"."</p>
    }
}

async fn read(
    context: &ServerContext,
    mut tenant: TenantContext,
    job: JobView,
    at: Address,
) -> Result<(JobPageContext, Shown)> {
    let id = job.row.id;
    let step = Step::parse(at.get("step")).unwrap_or_else(|| shown_first(&job));
    let shown = shown(&mut tenant.tx, &job, step, &at).await?;
    let location = match &job.row.location_id {
        Some(location) => {
            let app = &context.state.settings.highlevel_app;
            Some(store::agencies::location_page(&mut tenant.tx, app, None, location).await?)
        }
        None => None,
    };
    let page = JobPageContext {
        location,
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

/// The step shown when the address names none: the job's current step, else the last one that ran.
fn shown_first(job: &JobView) -> Step {
    let last = job.steps.iter().rev().find(|step| step.status.is_some()).map(|step| step.step);
    job.row.current_step.or(last).unwrap_or(Step::CheckPlan)
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
            let query = LogQuery {
                step: (at.get("all") != "1").then_some(step),
                level: Some(at.get("level")).filter(|level| !level.is_empty()).map(LogLevel::parse),
                q: at.get("q").to_owned(),
                cursor: None,
                limit: LINES,
            };
            let Page { mut rows, next, .. } = store::provisioning::log(tx, id, &query).await?;
            rows.reverse();
            Shown::Log(rows, next.is_some())
        }
    })
}
