//! One job: what is happening, how long is left, what failed, what to press. Rendered complete on the server; each region marked `data-live`
//! is brought up to date from the same page when something happens. What is looked at (step, tab, filter, try) is in the address.

use domain::page::Page;
use domain::permission::Right;
use domain::provisioning::{CallLine, Hold, JobView, LogLevel, LogLine, Step};
use domain::{JobId, integration};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::provisioning::LogQuery;
use store::tenant::TenantTx;

use super::job_diagnose::Diagnosis;
use super::job_head::Head;
use super::job_pane::Pane;
use super::job_state::State;
use super::job_steps::Steps;
use super::words;
use crate::clock::now;
use crate::error::{Error, Result};
use crate::flash::Flash;
use crate::frame::{Crumb, Shell};
use crate::guard::{ServerContext, server_context};
use crate::page::{filled, loaded};
use crate::page_frame::frame;
use crate::title::PageTitle;
use crate::ui::{Address, Filled};

/// Lines of a log that are shown at once; the rest is in the download.
const LINES: u16 = 2_000;

/// Everything the parts of the page share.
#[derive(Clone)]
pub struct Seen {
    /// The job.
    pub job: JobView,
    /// Slug of the agency, for forms.
    pub agency: String,
    /// Address of the job's page, without a query.
    pub page: String,
    /// Where one is in it.
    pub at: Address,
    /// The step shown in full.
    pub step: Step,
    /// Whether the caller may steer jobs.
    pub may: bool,
    /// Whether the caller reaches the client it made.
    pub opens: bool,
    /// What the last form left behind.
    pub filled: Filled,
    /// Who works on it.
    pub hold: Hold,
    /// This very view as a whole address, to send to somebody.
    pub link: String,
    /// The page of its location in HighLevel, once there is one.
    pub location: Option<String>,
    /// The link for the client that was just made, for this one showing.
    pub client_link: Option<String>,
}

/// What the pane on the right shows.
#[derive(Clone)]
pub enum Shown {
    /// Lines, oldest first, and whether older ones are left out.
    Log(Vec<LogLine>, bool),
    /// What the step was given.
    Input,
    /// What the step found or made.
    Output,
    /// Outbound calls.
    Calls(Vec<CallLine>),
    /// Why it takes so long.
    Diagnosis(Box<Diagnosis>),
    /// Two tries side by side: the step's whole log, oldest line first.
    Compared(Vec<LogLine>),
}

impl Seen {
    /// The page with one parameter changed.
    #[must_use]
    pub fn href(&self, key: &str, value: &str) -> String {
        self.at.with(key, value).href()
    }

    /// Hidden fields of a form that steers this job.
    #[must_use]
    pub fn hidden(&self) -> Vec<(&'static str, String)> {
        vec![("agency", self.agency.clone()), ("id[]", self.job.row.id.to_string())]
    }

    /// Hidden fields of a form that resumes it.
    #[must_use]
    pub fn resuming(&self) -> Vec<(&'static str, String)> {
        vec![("agency", self.agency.clone()), ("id", self.job.row.id.to_string())]
    }

    /// Name of a live region, unless it holds what must stay: a form that came back with errors, a link shown once.
    #[must_use]
    pub fn live(&self, region: &'static str) -> Option<&'static str> {
        (!self.filled.is_bad() && self.client_link.is_none()).then_some(region)
    }
}

/// The job page.
#[component]
pub fn JobPage() -> impl IntoView {
    let context = server_context();
    let id = use_params_map().with_untracked(|params| params.get("job")).unwrap_or_default();
    let at = Address::current();
    loaded(async move {
        let context = context?;
        let (seen, shown) = read(&context, &id, at).await?;
        let row = &seen.job.row;
        let title = format!("#{} {}", row.number, row.client_name);
        let root = format!("/a/{}", seen.agency);
        let crumbs = vec![Crumb::link("Jobs", format!("{root}/provisioning")), Crumb::current(title.clone())];
        let frame = frame(&context, crumbs);
        let still = words::runs(row).then(|| view! { <StandsStill at=seen.at.href()/> });
        let title = format!("{} · {title}", words::job(row).1);
        Ok(view! {
            <PageTitle text=title/>
            <Shell frame=frame>
                <Head seen=seen.clone()/>
                {still}
                // On a phone what has to be done comes first, then the steps, then what is in them.
                <div class="grid items-start gap-x-8 gap-y-4 lg:grid-cols-[20rem_minmax(0,1fr)] lg:grid-rows-[auto_1fr]">
                    <div class="flex min-w-0 flex-col gap-4 lg:col-start-2 lg:row-start-1"><State seen=seen.clone()/></div>
                    <div class="lg:col-start-1 lg:row-span-2 lg:row-start-1" data-live="steps"><Steps seen=seen.clone()/></div>
                    <div class="min-w-0 lg:col-start-2 lg:row-start-2" data-live="pane"><Pane seen=seen shown=shown/></div>
                </div>
            </Shell>
        })
    })
}

/// What is said where no script keeps the page true.
#[component]
fn StandsStill(at: String) -> impl IntoView {
    view! {
        <p class="unscripted pb-4 text-sm text-fg-2">"This page does not move by itself without JavaScript: "<a class="underline" href=at>"reload it"</a>"."</p>
    }
}

async fn read(context: &ServerContext, id: &str, at: Address) -> Result<(Seen, Shown)> {
    let id: JobId = id.parse().map_err(|_| Error::NotFound)?;
    let mut tenant = context.page().await?;
    let job = store::provisioning::get(&mut tenant.tx, id).await?;
    let step = Step::parse(at.get("step")).unwrap_or_else(|| shown_first(&job));
    let shown = shown(&mut tenant.tx, &job, step, &at).await?;
    let location = match &job.row.location_id {
        Some(location) => {
            let app = &context.state.settings.highlevel_app;
            Some(store::agencies::location_page(&mut tenant.tx, app, None, location).await?)
        }
        None => None,
    };
    let seen = Seen {
        location,
        agency: tenant.access.slug.clone(),
        page: at.path.clone(),
        may: tenant.access.allows(Right::Provision),
        opens: job.row.business.is_some_and(|business| tenant.access.reaches(business)),
        filled: filled(&context.request, "resume_job"),
        hold: store::provisioning::hold(&mut tenant.tx, id).await?,
        client_link: Flash::shown_once(context, tenant.caller.user, "make_answer_link").await?,
        link: format!("{}{}", context.state.settings.public_url, at.href()),
        job,
        at,
        step,
    };
    tenant.commit().await?;
    Ok((seen, shown))
}

/// The step looked at when the address names none: the one the job is at, else the last that ran.
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
