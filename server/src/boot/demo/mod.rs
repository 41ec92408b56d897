//! Seeds the demo world: an agency with businesses, people to sign in as, weeks of history, working integrations
//! and one job. Seeding twice changes nothing, and seeding again completes an interrupted run: the demo's own job
//! is created last and marks completion. The integration comes from a real consent, code and exchange with the
//! simulator; the tokens of locations are minted from it.

mod assistant;
mod clients;
mod conversations;
mod history;
mod lighthouse;
mod lists;
mod notifications;
mod orders;
mod people;
mod tools;
mod webhooks;
mod whatsapp;

use std::sync::Arc;

use anyhow::{Context, bail};
use domain::agency::{Agency, NewAgency};
use domain::brand::Color;
use domain::business::{Business, Details, NewBusiness};
use domain::clients::Status;
use domain::identity::Reach;
use domain::phone_routes::NewPhoneRoute;
use domain::snapshot::SeenSnapshot;
use domain::{AgencyId, UserId};
use operations::Actor;
use operations::brand::{LogoChange, NewBrand};
use operations::integrations::claim::Arrival;
use operations::integrations::connect::Consent;
use serde_json::json;
use store::provisioning::history::{LAST, known};
use store::tenant::{PlatformTx, Scope, TenantTx};
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;
use web::state::Demo;

use crate::boot::compose::{self, Core};
use crate::boot::config::Config;
use crate::cli::say;
use crate::oauth::token_storage;

/// The demo agency's short name.
pub const AGENCY: &str = "harbor";

/// Its name. It tells an incomplete demo world from an agency that somebody else created with this short name.
const NAME: &str = "Harbor Marketing";

/// The three businesses that the documentation and the sign-ins mention.
const CLIENTS: [(&str, &str, &str, &str, &str, &str); 3] = [
    ("Bright Dental", simulator::demo::BRIGHT_DENTAL, "owner@brightdental.test", "+13055550100", "Miami", "FL"),
    ("Luna Yoga", simulator::demo::LUNA_YOGA, "hello@lunayoga.test", "+15125550142", "Austin", "TX"),
    ("Summit Realty", simulator::demo::SUMMIT_REALTY, "cole@summitrealty.test", "+13035550177", "Denver", "CO"),
];

/// The demo agency's logo.
const LOGO: &[u8] = include_bytes!("harbor.png");

/// Seeds the demo world, or what an interrupted run left out of it. Returns false if it is already complete.
///
/// # Errors
/// In production, when the simulator or the database does not answer, or when another agency has its short name.
pub async fn seed(config: &Config, core: &Core) -> anyhow::Result<bool> {
    // One call at a time: of two concurrent calls, the second one finds the world complete.
    static ONE: Mutex<()> = Mutex::const_new(());
    if config.production() {
        bail!("The demo isn't for production: its passwords are public.");
    }
    let _one = ONE.lock().await;
    let found = begun(core).await?;
    if let Some(agency) = &found {
        if has_job(core, agency.id, LAST).await? {
            say("The demo world is there already.");
            return Ok(false);
        }
        if agency.name != NAME {
            bail!("The agency {} has the short name {AGENCY}, which the demo world needs.", agency.name);
        }
    }
    // Ask for consent first, so that nothing is left half done when the simulator does not answer.
    let code = consent(config).await.context("asking the simulator for consent; is it running?")?;
    let agency = match found {
        Some(agency) => agency.id,
        None => make_agency(core).await?,
    };
    let businesses = make_clients(core, agency).await?;
    let named = &businesses[..CLIENTS.len().min(businesses.len())];
    let people = people::add(core, agency, named).await.context("adding the demo people")?;
    let admin = people::actor(core, agency, people[0]).await?;
    choose_brand(&admin).await.context("choosing the demo brand")?;
    let seen = connect(config, core, agency, &code, &businesses).await.context("connecting the demo agency")?;
    lists::add(core, agency).await.context("describing the demo's snapshots and saving a view")?;
    let failed = history::add(core, agency, &businesses, people).await.context("adding the demo history")?;
    notifications::add(core, agency, people[0], failed).await.context("telling the demo's admin what happened")?;
    point_numbers(core, agency, &admin, &businesses).await.context("adding the demo phone routes")?;
    clients::rest(&admin, &businesses[named.len()..]).await.context("pausing and archiving demo clients")?;
    clients::invite(&admin, named).await.context("inviting people of the demo world")?;
    let dental = named.first().context("the demo world lacks its businesses")?;
    clients::leave_to_owner(core, &admin, dental).await.context("leaving a to-do to the demo's client")?;
    webhooks::add(config, core, agency, &admin).await.context("adding the demo webhooks")?;
    assistant::add(core, dental).await.context("setting the demo's assistant up")?;
    whatsapp::add(config, core, dental).await;
    tools::add(core, dental).await.context("letting an AI agent work for the demo's client")?;
    lighthouse::add(core).await.context("adding the demo's second agency")?;
    orders::asking(core, agency, people[0], &seen).await.context("starting the demo's job that asks")?;
    orders::last(core, agency, people[0]).await.context("starting the demo's own job")?;
    say("The demo world is seeded.");
    Ok(true)
}

/// Returns the agency with the demo's short name, if there is one.
async fn begun(core: &Core) -> anyhow::Result<Option<Agency>> {
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let agency = store::agencies::find_ref(&mut tx, AGENCY).await?;
    tx.commit().await?;
    Ok(agency)
}

/// True if the demo world's job with this key exists.
async fn has_job(core: &Core, agency: AgencyId, key: &str) -> anyhow::Result<bool> {
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let there = known(&mut tx, agency, key).await?;
    tx.commit().await?;
    Ok(there)
}

async fn make_agency(core: &Core) -> anyhow::Result<AgencyId> {
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let new = NewAgency { name: NAME.to_owned(), slug: AGENCY.to_owned() };
    let agency = store::agencies::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(agency)
}

/// Gives the agency a colour, a logo and a reply address of its own.
async fn choose_brand(admin: &Actor) -> anyhow::Result<()> {
    let reply_to = Some("hello@harbor.test".to_owned());
    let brand = NewBrand { accent: Color::parse("#0f766e"), reply_to, logo: LogoChange::Replace(LOGO.to_vec()) };
    Ok(operations::brand::change(admin, brand).await?)
}

/// Creates the named businesses first, then the earlier ones. Existing businesses stay as they are.
async fn make_clients(core: &Core, agency: AgencyId) -> anyhow::Result<Vec<Business>> {
    let text = |value: &str| Some(value.to_owned());
    let mut news = Vec::new();
    for (name, location, email, phone, city, state) in CLIENTS {
        let details = Details { email: text(email), phone: text(phone), ..place(city, state) };
        news.push(NewBusiness { ghl_location_id: text(location), details, ..named(name) });
    }
    for earlier in simulator::demo::EARLIER {
        let details = Details { email: Some(history::email(earlier.name)), ..place(earlier.city, earlier.state) };
        news.push(NewBusiness { ghl_location_id: text(earlier.id), details, ..named(earlier.name) });
    }
    let mut made = Vec::new();
    for new in news {
        let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
        let location = new.ghl_location_id.as_deref().unwrap_or_default();
        let business = match store::businesses::find_location(&mut tx, location).await? {
            Some(business) => business,
            None => store::businesses::add(&mut tx, &new).await?,
        };
        made.push(business);
        tx.commit().await?;
    }
    Ok(made)
}

fn named(name: &str) -> NewBusiness {
    NewBusiness { name: name.to_owned(), ..NewBusiness::default() }
}

fn place(city: &str, state: &str) -> Details {
    Details {
        city: Some(city.to_owned()),
        state: Some(state.to_owned()),
        country: Some("US".to_owned()),
        timezone: Some(simulator::demo::timezone(state).to_owned()),
        ..Details::default()
    }
}

/// Points two numbers at businesses: one with opening hours and an overflow, and one that is always open and gets the calls to
/// numbers without a route. Numbers that have a route already keep it.
async fn point_numbers(core: &Core, agency: AgencyId, admin: &Actor, all: &[Business]) -> anyhow::Result<()> {
    let [dental, _, realty, ..] = all else { bail!("the demo world lacks its businesses") };
    let friends = all.iter().find(|one| one.name == "Oak Park Smiles").unwrap_or(realty);
    let day = json!([{ "from": "08:00", "to": "12:00" }, { "from": "13:00", "to": "17:00" }]);
    let routes = [
        json!({ "number": "+13035550177", "business": realty.id, "label": "Front desk", "timezone": "America/Denver", "is_default": true }),
        json!({
            "number": "+13055550100", "business": dental.id, "label": "Main line", "timezone": "America/New_York",
            "hours": { "mon": day, "tue": day, "wed": day, "thu": day, "fri": [{ "from": "08:00", "to": "14:00" }] },
            "overflow": { "business": friends.id, "hours": { "sat": [{ "from": "09:00", "to": "13:00" }] } },
            "fallback": "default"
        }),
    ];
    for route in routes {
        let new: NewPhoneRoute = serde_json::from_value(route)?;
        let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
        let known = store::phone_routes::find(&mut tx, &new.number).await?;
        tx.commit().await?;
        if known.is_none() {
            operations::phone_routes::add(admin, new).await?;
        }
    }
    Ok(())
}

const fn agency_scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

/// The agency as a person of it sees it.
const fn scope_of(agency: AgencyId, user: UserId) -> Scope {
    Scope::Agency { user: Some(user), agency, reach: Reach::All, listed: Vec::new() }
}

/// Returns the function with which a super admin can seed the demo world; `None` in production.
#[must_use]
pub fn hook(config: &Config, core: &Core, tasks: &TaskTracker) -> Option<Demo> {
    if config.production() {
        return None;
    }
    let (config, core, tasks) = (config.clone(), core.clone(), tasks.clone());
    Some(Arc::new(move || {
        let (config, core) = (config.clone(), core.clone());
        // The task finishes even if the browser disconnects, because half a demo world would block a complete one.
        let work = tasks.spawn(async move { seed(&config, &core).await.map_err(|error| format!("{error:#}")) });
        Box::pin(async move { work.await.unwrap_or_else(|error| Err(error.to_string())) })
    }))
}

/// Gives consent at the simulator, as a person would. The code is valid for one exchange.
async fn consent(config: &Config) -> anyhow::Result<String> {
    let redirect = token_storage::redirect_uri(&config.origin()).map_err(|error| anyhow::anyhow!("{error}"))?;
    let wish =
        serde_json::json!({ "companyId": simulator::demo::HARBOR, "future": true, "redirectUri": redirect.as_str() });
    let address = config.ghl.base.join("/_sim/ghl/authorize")?;
    let headers = [("content-type", "application/json")];
    let reply = simulator::request("POST", address.as_str(), &headers, wish.to_string().as_bytes())
        .await
        .map_err(|error| anyhow::anyhow!(error))?;
    Ok(reply.json()["code"].as_str().context("the simulator gave no code")?.to_owned())
}

/// Exchanges the code, reads the snapshots and mints the tokens of the businesses' locations. Returns the snapshots.
async fn connect(
    config: &Config,
    core: &Core,
    agency: AgencyId,
    code: &str,
    businesses: &[Business],
) -> anyhow::Result<Vec<SeenSnapshot>> {
    let redirect = token_storage::redirect_uri(&config.origin()).map_err(|error| anyhow::anyhow!("{error}"))?;
    let state = compose::state(config, core, None).await?;
    let about = outbound::CallContext { agency: Some(agency.0), ..outbound::CallContext::default() };
    let tokens = ghl::auth::exchange(&core.ghl, &about, code, &redirect, &ghl::auth::Class::Company).await?;
    let access = tokens.access.clone();
    // The company belongs to the agency and the locations to its businesses, so no install stays unclaimed and
    // nobody needs this secret.
    let arrival = Arrival { claim: web::token::Secret::new().hash(), begun_here: true, code: web::token::hash(code) };
    let consent = Consent::of_demo(agency);
    token_storage::adopt(&state, &consent, tokens, arrival).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let call = ghl::Call { token: &access, resource: simulator::demo::HARBOR, about: &about };
    let seen = ghl::snapshots::list(&core.ghl, call, simulator::demo::HARBOR).await?;
    let seen: Vec<_> = seen
        .into_iter()
        .map(|snapshot| SeenSnapshot { ghl_snapshot_id: snapshot.id, name: snapshot.name, kind: None })
        .collect();
    let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
    store::snapshots::sync(&mut tx, &seen).await?;
    tx.commit().await?;
    // What an archived client had stays ended.
    let working = businesses.iter().filter(|business| business.status != Status::Archived.key());
    for location in working.filter_map(|business| business.ghl_location_id.as_deref()) {
        let minted = ghl::auth::location_token(&core.ghl, call, simulator::demo::HARBOR, location).await?;
        token_storage::adopt(&state, &consent, minted, arrival).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    }
    Ok(seen)
}
