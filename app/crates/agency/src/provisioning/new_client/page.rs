//! The page for a new business: a form on the left, and the plan with the buttons on the right. The form is filled from
//! a draft (`?draft=`), from another job (`?from=`), from a preset (`?preset=`), with an example (`?demo`), or with what
//! was typed when it comes back. Nothing is created before "Create client".

use domain::drafts::Draft;
use domain::page::ListQuery;
use domain::presets::Preset;
use domain::snapshot::Snapshot;
use domain::{DraftId, JobId, PresetId, SnapshotId, integration};
use islands::plan::{LivePlan, Plan, PlanPanel, PlanState};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, Banner, ButtonLink, ButtonStyle, PageHeader, Tone};
use leptos::prelude::*;
use web::error::Result;
use web::guard::{ServerContext, TenantContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::drafts::DraftList;
use super::form::{Order, OrderForm};
use super::plan::plan;
use super::presets::PresetList;
use super::sample::{fitting, sample};
use crate::provisioning::order_form::{Fields, LAST_ZONE, read, write};

/// How many examples are tried to find one that does not look like an existing business or job.
const MOST_EXAMPLES: usize = 50;

/// What the page shows.
struct New {
    form: OrderForm,
    plan: Plan,
    /// Why a job could not create anything now; `None` if it could.
    connection: Option<String>,
    checked: bool,
    like: Option<String>,
    presets: Vec<Preset>,
    /// The preset that the form begins with.
    preset: Option<PresetId>,
    /// The drafts that the page offers. What was just typed needs no offer.
    drafts: Vec<Draft>,
    /// What saving or deleting a preset or a draft has to say.
    notice: Option<String>,
}

/// What the form begins with.
#[derive(Default)]
struct Start {
    fields: Fields,
    /// The draft that it goes on with.
    draft: Option<DraftId>,
    /// The job that it is like.
    like: Option<String>,
}

/// The page for a new business.
#[component]
pub fn NewClientPage() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let new = gather(&context, &at).await?;
        let root = format!("/a/{}", new.form.agency);
        let frame =
            frame(&context, vec![Crumb::link("Jobs", format!("{root}/provisioning")), Crumb::current("New client")]);
        // This page is typed into, so it does not refresh itself.
        let frame = kit::frame::Frame { live: None, notice: None, ..frame };
        let meta = "Creates a sub-account in HighLevel, fills it from a snapshot and invites the owner.";
        let anyway = new.form.fields.contains_key("create_anyway");
        let state = PlanState { base: root.clone(), plan: new.plan.clone(), anyway };
        let panel = view! { <LivePlan/><PlanPanel state/> };
        let example = view! { <ButtonLink href=format!("{root}/provisioning/new?demo=1") look=ButtonStyle::Secondary>"Use sample data"</ButtonLink> };
        Ok(view! {
            <PageTitle text="New client"/>
            <Shell frame=frame>
                <PageHeader title="New client" meta=meta.into_any()>{example}</PageHeader>
                <div class="flex flex-col gap-5">
                    <Notes new=&new root=root/>
                    <Order form=new.form panel=panel.into_any()/>
                </div>
            </Shell>
        })
    })
}

async fn gather(context: &ServerContext, at: &Address) -> Result<New> {
    let mut tenant = context.page().await?;
    let snapshots = store::snapshots::offered(&mut tenant.tx).await?;
    let presets = store::presets::list(&mut tenant.tx).await?;
    let drafts = store::drafts::list(&mut tenant.tx).await?;
    let operation = if context.request.flash_of("save_preset").is_some() { "save_preset" } else { "start_job" };
    let kept = context.request.flash_of(operation).map(|flash| flash.values.clone());
    let preset = at.get("preset").parse::<PresetId>().ok().filter(|id| presets.iter().any(|one| one.id == *id));
    let last = last_place(&mut tenant).await?;
    let came_back = kept.is_some();
    let start = match kept {
        Some(fields) => Start { draft: fields.get("draft").and_then(|id| id.parse().ok()), fields, like: None },
        None => start(&mut tenant, at, preset, &snapshots, last.as_ref()).await?,
    };
    let mut fields = with_snapshot(start.fields, at.get("snapshot"));
    let last_zone = last.map(|(_, zone)| zone).filter(|zone| !zone.is_empty());
    let mut filled = filled(&context.request, operation);
    filled.values.clone_from(&fields);
    // The plan needs to know the zone that the form will send.
    fields.extend(last_zone.clone().map(|zone| (LAST_ZONE.to_owned(), zone)));
    let new = New {
        plan: plan(&mut tenant.tx, &fields).await?,
        connection: integration_status(&mut tenant).await?,
        checked: at.get("checked") == "1" && !filled.is_bad(),
        like: start.like,
        drafts: if came_back { Vec::new() } else { drafts },
        presets,
        preset,
        notice: context.request.flash.as_ref().and_then(|flash| flash.notice.clone()),
        form: OrderForm {
            agency: tenant.access.slug.clone(),
            once: store::new_id::<uuid::Uuid>().to_string(),
            draft: start.draft.unwrap_or_else(store::new_id),
            last_zone,
            fields,
            filled,
            snapshots,
        },
    };
    tenant.commit().await?;
    Ok(new)
}

/// What the form begins with when it is opened: a draft, a job to copy, a preset, an example, or nothing.
async fn start(
    tenant: &mut TenantContext,
    at: &Address,
    preset: Option<PresetId>,
    snapshots: &[Snapshot],
    last: Option<&(String, String)>,
) -> Result<Start> {
    if let Ok(draft) = at.get("draft").parse::<DraftId>()
        && let Some(fields) = store::drafts::fields(&mut tenant.tx, draft).await?
    {
        return Ok(Start { fields, draft: Some(draft), like: None });
    }
    let usual = fresh(last);
    if let Ok(job) = at.get("from").parse::<JobId>() {
        return match store::provisioning::get(&mut tenant.tx, job).await {
            // There is nothing to copy, so the form begins as usual.
            Err(store::Error::Unreadable(_)) => Ok(Start { fields: usual, ..Start::default() }),
            read => {
                let job = read?;
                let like = format!("#{} {}", job.row.number, job.row.client_name);
                Ok(Start { fields: write(&job.order), like: Some(like), draft: None })
            }
        };
    }
    let fields = match preset {
        Some(preset) => of_preset(tenant, preset).await?.unwrap_or(usual),
        None if !at.get("demo").is_empty() => demo(tenant, snapshots).await?,
        None => usual,
    };
    Ok(Start { fields, ..Start::default() })
}

/// The form as a preset begins it; `None` for a preset that a newer version saved in another form.
async fn of_preset(tenant: &mut TenantContext, preset: PresetId) -> Result<Option<Fields>> {
    match store::presets::order(&mut tenant.tx, preset).await {
        Err(store::Error::Unreadable(_)) => Ok(None),
        read => Ok(Some(write(&read?))),
    }
}

/// The form with the snapshot that the address names, unless one is chosen already.
fn with_snapshot(mut fields: Fields, asked: &str) -> Fields {
    if let (Ok(snapshot), false) = (asked.parse::<SnapshotId>(), fields.contains_key("/snapshot_id")) {
        fields.insert("/snapshot_id".to_owned(), snapshot.to_string());
    }
    fields
}

/// The first example that does not look like an existing business or job, with the snapshot of its trade.
async fn demo(tenant: &mut TenantContext, snapshots: &[Snapshot]) -> Result<Fields> {
    for turn in 0..MOST_EXAMPLES {
        let fields = sample(turn, fitting(turn, snapshots));
        if store::provisioning::duplicates(&mut tenant.tx, &read(&fields).order.client).await?.is_empty() {
            return Ok(fields);
        }
    }
    Ok(sample(MOST_EXAMPLES, fitting(MOST_EXAMPLES, snapshots)))
}

/// Country and time zone of the last business, because the next one is usually nearby.
async fn last_place(tenant: &mut TenantContext) -> Result<Option<(String, String)>> {
    let newest = ListQuery { limit: 1, ..ListQuery::default() };
    let Some(last) = store::provisioning::list(&mut tenant.tx, &newest).await?.rows.pop() else { return Ok(None) };
    match store::provisioning::get(&mut tenant.tx, last.id).await {
        Err(store::Error::Unreadable(_)) => Ok(None),
        read => {
            let client = read?.order.client;
            Ok(Some((client.country, client.timezone)))
        }
    }
}

/// The default values of the form. The time zone stays empty, because the address says it.
fn fresh(last: Option<&(String, String)>) -> Fields {
    let mut fields = Fields::from([("/invite_owner".to_owned(), "on".to_owned())]);
    fields.extend(last.map(|(country, _)| ("/client/country".to_owned(), country.clone())));
    fields
}

/// What is wrong with the agency's HighLevel integration, if a person has to fix it; otherwise `None`.
async fn integration_status(tenant: &mut TenantContext) -> Result<Option<String>> {
    let connection = store::integrations::company(&mut tenant.tx).await?;
    let Some(connection) = connection else { return Ok(Some(NOT_CONNECTED.to_owned())) };
    let integration_status = integration::state(Some(&connection), web::clock::now());
    Ok(integration_status.state.needs_person().then_some(integration_status.because))
}

/// What an agency reads that never connected HighLevel, or disconnected it.
const NOT_CONNECTED: &str = "HighLevel is not connected.";

/// Why a job would stop. Other reasons than the missing connection say themselves what to do.
fn blocked(because: &str) -> String {
    let what = if because == NOT_CONNECTED { "Connect it first, or the job" } else { "Until then, the job" };
    format!("{because} {what} will stop at step 1.")
}

/// The notes above the form.
#[component]
fn Notes<'a>(new: &'a New, root: String) -> impl IntoView + use<> {
    let connect = new.connection.clone().map(|because| {
        view! {
            <Banner tone=Tone::Warn text=blocked(&because)>
                <ButtonLink href=format!("{root}/connections")>"Open Connections"</ButtonLink>
            </Banner>
        }
    });
    let checked = new.checked.then(|| match &new.connection {
        None => view! { <Banner tone=Tone::Ok text="Looks good. Nothing has been created yet."/> },
        Some(_) => view! { <Banner tone=Tone::Warn text="The form is complete. Nothing has been created yet. Connect HighLevel before you create the client."/> },
    });
    let like = new.like.clone().map(
        |like| view! { <Banner text=format!("Filled in like job {like}. Change what differs before you create it.")/> },
    );
    let notice = new.notice.clone().map(|text| view! { <Banner tone=Tone::Ok text=text/> });
    let agency = new.form.agency.clone();
    let drafts = view! { <DraftList drafts=new.drafts.clone() agency=agency.clone() current=Some(new.form.draft)/> };
    let presets = view! { <PresetList presets=new.presets.clone() agency current=new.preset/> };
    // Beside each other where there is room: each line above the form moves its buttons down.
    let begin = view! { <div class="flex flex-wrap items-center gap-x-6 gap-y-5 empty:hidden">{drafts}{presets}</div> };
    view! { {connect}{checked}{like}{notice}{begin} }
}
