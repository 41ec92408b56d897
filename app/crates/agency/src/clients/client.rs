//! The page of one client: what it is, how it was set up, who works for it, what happened, and what can be done with it.

use domain::BusinessId;
use domain::access::AgencyAccess;
use domain::audit::Repeated;
use domain::business::Business;
use domain::clients::{LocationUpdate, Status};
use domain::integration::Integration;
use domain::permission::Right;
use domain::provisioning::{JobRow, JobView};
use kit::activity::Activity;
use kit::frame::{Crumb, Shell};
use kit::labels::business::status;
use kit::title::PageTitle;
use kit::todo_list::TodoCard;
use kit::{Address, Ago, Banner, ButtonLink, ButtonStyle, PageHeader, PostButton, Region, StatusPill, Tone};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::tenant::TenantTx;
use web::error::{Error, Result};
use web::guard::{ServerContext, agency_business_scope, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::todos::ShownTodos;

use super::activity;
use super::acts::{ActCard, ActsMenu, asked};
use super::approvals::{self, Approvals};
use super::cards::{Connection, Details, Jobs, Setup};
use super::people::{self, People};

/// What the page shows.
struct Facts {
    agency: String,
    may_manage: bool,
    /// Whether the reader may open the connections.
    may_connect: bool,
    business: Business,
    status: Status,
    update: Option<LocationUpdate>,
    connection: Option<Integration>,
    jobs: Vec<JobRow>,
    /// The job that set the client up.
    setup: Option<JobView>,
    /// Address of the location's page in HighLevel.
    location_page: Option<String>,
    people: people::Facts,
    activity: Vec<Repeated>,
    /// How many calls of AI agents wait for approval.
    approvals: i64,
    /// What is left to do for the client.
    todos: ShownTodos,
}

impl Facts {
    fn base(&self) -> String {
        format!("/a/{}", self.agency)
    }

    fn list_of_todos(&self) -> String {
        format!("/a/{}/to-dos?client={}", self.agency, self.business.id)
    }

    fn page(&self) -> String {
        format!("/a/{}/clients/{}", self.agency, self.business.id)
    }

    fn hidden(&self) -> Vec<(&'static str, String)> {
        vec![("agency", self.agency.clone()), ("business", self.business.id.to_string())]
    }
}

async fn load(context: &ServerContext, named: &str) -> Result<Facts> {
    let mut tenant = context.page().await?;
    let business = find(&mut tenant.tx, named).await?;
    let (place, user) = (tenant.access.clone(), tenant.caller.user);
    if !place.reaches(business.id) {
        return Err(Error::NotFound);
    }
    let jobs = store::provisioning::of_business(&mut tenant.tx, business.id, 20).await?;
    let setup = match jobs.last() {
        Some(first) => job(&mut tenant.tx, first).await?,
        None => None,
    };
    let left = match place.allows(Right::TodosRead) {
        true => store::todos::of_business(&mut tenant.tx, business.id).await?,
        false => Vec::new(),
    };
    let todos = web::todos::shown(context, &mut tenant, left).await?;
    tenant.commit().await?;
    let mut tx = TenantTx::begin(&context.state.db, agency_business_scope(Some(user), &place, business.id)).await?;
    let facts = in_business(context, &mut tx, &place, (business, jobs, setup)).await?;
    tx.commit().await?;
    Ok(Facts { people: facts.people.with_link(context).await?, todos, ..facts })
}

/// What is read in a transaction of the client.
async fn in_business(
    context: &ServerContext,
    tx: &mut TenantTx,
    place: &AgencyAccess,
    (business, jobs, setup): (Business, Vec<JobRow>, Option<JobView>),
) -> Result<Facts> {
    let connection = match &business.ghl_location_id {
        Some(location) => store::integrations::location(tx, location).await?,
        None => None,
    };
    let location_page = match &connection {
        Some(Integration { platform_id: id, parent_platform_id: company, .. }) => {
            let app = &context.state.settings.highlevel_app;
            Some(store::agencies::location_page(tx, app, company.as_deref(), id).await?)
        }
        None => None,
    };
    let people = people::load(context, tx, place, business.details.email.clone()).await?;
    Ok(Facts {
        agency: place.slug.clone(),
        may_manage: place.allows(Right::ClientsManage),
        may_connect: place.allows(Right::ConnectionsRead),
        status: Status::parse(&business.status).unwrap_or(Status::Active),
        update: store::businesses::last_update(tx, business.id).await?,
        activity: activity::load(tx, business.id).await?,
        approvals: approvals::waiting(tx, place).await?,
        business,
        connection,
        jobs,
        setup,
        location_page,
        people,
        todos: ShownTodos::default(),
    })
}

/// The client of this id or short name. One that lies in the trash has no short name any more.
async fn find(tx: &mut TenantTx, named: &str) -> Result<Business> {
    if let Some(business) = store::businesses::find_ref(tx, named).await? {
        return Ok(business);
    }
    let id: BusinessId = named.parse().map_err(|_| Error::NotFound)?;
    Ok(store::businesses::get(tx, id).await?)
}

/// All that is known of a job. `None` if its order cannot be read any more.
async fn job(tx: &mut TenantTx, row: &JobRow) -> Result<Option<JobView>> {
    match store::provisioning::get(tx, row.id).await {
        Ok(job) => Ok(Some(job)),
        Err(store::Error::NotFound | store::Error::Unreadable(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The page of one client.
#[component]
pub fn Client() -> impl IntoView {
    let context = server_context();
    let named = use_params_map().read_untracked().get("business").unwrap_or_default();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut facts = load(&context, &named).await?;
        let (left, list) = (std::mem::take(&mut facts.todos), facts.list_of_todos());
        let name = facts.business.name.clone();
        let crumbs = vec![Crumb::link("Clients", format!("{}/clients", facts.base())), Crumb::current(name.clone())];
        let frame = frame(&context, crumbs);
        let act = asked(at.get("act"), facts.status).filter(|_| facts.may_manage).map(|act| {
            let refused = ["pause_client", "archive_client", "remove_client"]
                .iter()
                .find_map(|operation| filled(&context.request, operation).message);
            view! { <ActCard act name=name.clone() page=facts.page() hidden=facts.hidden() refused/> }
        });
        let note = view! { <Note business=facts.business.clone() status=facts.status may=facts.may_manage hidden=facts.hidden()/> };
        let (business, waiting) = (facts.business.id, facts.approvals);
        let head = head(&facts);
        Ok(view! {
            <PageTitle text=name/>
            <Shell frame=frame>
                <Region key="head" topics="business.changed:* integration.changed:*">{head}</Region>
                {act}
                <Region key="client" topics="business.changed:* integration.changed:* invite.changed:* provisioning.job:* todos.changed:* tool_approval.changed:*" class="flex flex-col gap-4">
                    {note}
                    <Approvals business waiting/>
                    <TodoCard items=left.lines forms=left.forms href=list/>
                    <Cards facts=facts/>
                </Region>
            </Shell>
        })
    })
}

/// The head of the page: name, state, the way to HighLevel, and the menu.
fn head(facts: &Facts) -> impl IntoView + use<> {
    let business = &facts.business;
    let (look, word) = status(&business.status);
    let mark = view! { <StatusPill tone=look>{word}</StatusPill> }.into_any();
    let city =
        business.details.city.clone().map(|city| view! { <span>{city}</span><span aria-hidden="true">"\u{b7}"</span> });
    let meta =
        view! { {city}<span>"Client since "{business.created_at.format("%b %-d, %Y").to_string()}</span> }.into_any();
    let trashed = facts.status == Status::Deleted;
    let open = facts.location_page.clone().filter(|_| !trashed).map(|page| {
        view! { <ButtonLink href=page look=ButtonStyle::Primary>"Open HighLevel"</ButtonLink> }
    });
    let restore = (trashed && facts.may_manage).then(|| {
        view! { <PostButton action="/do/restore_client" look=ButtonStyle::Primary hidden=facts.hidden()>"Restore"</PostButton> }
    });
    let menu = (facts.may_manage && !trashed).then(|| {
        view! { <ActsMenu page=facts.page() status=facts.status hidden=facts.hidden()/> }
    });
    view! {
        <PageHeader title=business.name.clone() mark=mark meta=meta>
            {open}
            {restore}
            {menu}
        </PageHeader>
    }
}

/// What a client that does not work has lost, and how it comes back.
#[component]
fn Note(business: Business, status: Status, may: bool, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    match status {
        Status::Trial | Status::Active => ().into_any(),
        Status::Paused => {
            let text = "Paused. The client's people can't open their page, calls to its numbers go to your default client, and its API tokens are refused.";
            let resume =
                may.then(|| view! { <PostButton action="/do/resume_client" hidden=hidden>"Resume"</PostButton> });
            view! { <Banner tone=Tone::Warn text=text>{resume}</Banner> }.into_any()
        }
        Status::Archived => view! { <Archived business may hidden/> }.into_any(),
        Status::Deleted => {
            let left = business.deleted_at.map(|at| {
                let days = i64::from(store::trash::DAYS) - (web::clock::now() - at).num_days();
                format!(" It will be permanently deleted in {} days.", days.max(0))
            });
            let text = format!("This client is in the trash.{}", left.unwrap_or_default());
            view! { <Banner tone=Tone::Cancelled text=text/> }.into_any()
        }
    }
}

/// How far an archived client is offboarded.
#[component]
fn Archived(business: Business, may: bool, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let ended = business.offboarding.unwrap_or_default();
    let since = business.archived_at.map(|at| view! { <p class="pt-1 text-sm text-fg-3">"Archived "<Ago at/></p> });
    let banner = match (business.offboarded_at, ended.error) {
        (None, Some(error)) => {
            let retry =
                may.then(|| view! { <PostButton action="/do/retry_offboarding" hidden=hidden>"Retry"</PostButton> });
            view! { <Banner tone=Tone::Failed text=error>{retry}</Banner> }.into_any()
        }
        (None, None) => {
            let text = "Archived. Its people no longer have access. We are turning off its phone routes and deleting our access to its sub-account.";
            view! { <Banner tone=Tone::Running text=text/> }.into_any()
        }
        (Some(_), _) => {
            let some = |number: u64, one: &str, more: &str, what: &str| {
                let number = i64::try_from(number).unwrap_or(i64::MAX);
                if number == 0 { String::new() } else { format!(", {} {what}", kit::counted(number, one, more)) }
            };
            let routes = some(ended.routes, "phone route", "phone routes", "switched off");
            let keys = some(ended.keys, "key", "keys", "to its sub-account deleted");
            let text = format!(
                "Archived. Its people have no access{routes}{keys}. The sub-account in HighLevel stays as it is."
            );
            let back = may
                .then(|| view! { <PostButton action="/do/reactivate_client" hidden=hidden>"Bring back"</PostButton> });
            view! { <Banner tone=Tone::Cancelled text=text>{back}</Banner> }.into_any()
        }
    };
    view! { <div>{banner}{since}</div> }
}

/// The cards, in two columns that do not share their rows.
#[component]
fn Cards(facts: Facts) -> impl IntoView {
    let (base, hidden) = (facts.base(), facts.hidden());
    let edits = facts.may_manage && !matches!(facts.status, Status::Archived | Status::Deleted);
    let edit = edits.then(|| format!("{}/edit", facts.page()));
    let connections = facts.may_connect.then(|| format!("{base}/connections"));
    let Facts { business, status, update, connection, jobs, setup, people, activity, .. } = facts;
    let people = (status != Status::Deleted).then(|| view! { <People facts=people/> });
    view! {
        <div class="grid items-start gap-4 lg:grid-cols-2">
            <div class="flex min-w-0 flex-col gap-4">
                <Details business update edit hidden/>
                <Setup base=base.clone() job=setup/>
                <Jobs base jobs/>
            </div>
            <div class="flex min-w-0 flex-col gap-4">
                <Connection connection connections/>
                {people}
                <Activity entries=activity/>
            </div>
        </div>
    }
}
