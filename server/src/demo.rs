//! What does the demo world hold: an agency with three clients, people to sign in as, weeks of history, a live connection.
//! Seeding twice changes nothing. The connection is a real consent, code and exchange, given on the simulator's own page.

mod history;
mod people;

use std::sync::Arc;

use anyhow::{Context, bail};
use app::state::Demo;
use domain::AgencyId;
use domain::agency::NewAgency;
use domain::business::{Details, NewBusiness};
use domain::identity::Reach;
use domain::snapshot::SeenSnapshot;
use store::tenant::{PlatformTx, Scope, TenantTx};
use tokio_util::task::TaskTracker;

use crate::cli::say;
use crate::compose::{self, Core};
use crate::config::Config;
use crate::connecting;

/// The demo agency's short name.
pub const AGENCY: &str = "harbor";

/// One client of the demo agency.
struct Client {
    name: &'static str,
    slug: &'static str,
    location: &'static str,
    email: &'static str,
    phone: &'static str,
    city: &'static str,
    state: &'static str,
    timezone: &'static str,
}

const CLIENTS: [Client; 3] = [
    Client {
        name: "Bright Dental",
        slug: "bright-dental",
        location: simulator::demo::BRIGHT_DENTAL,
        email: "owner@brightdental.test",
        phone: "+13055550100",
        city: "Miami",
        state: "FL",
        timezone: "America/New_York",
    },
    Client {
        name: "Luna Yoga",
        slug: "luna-yoga",
        location: simulator::demo::LUNA_YOGA,
        email: "hello@lunayoga.test",
        phone: "+15125550142",
        city: "Austin",
        state: "TX",
        timezone: "America/Chicago",
    },
    Client {
        name: "Summit Realty",
        slug: "summit-realty",
        location: simulator::demo::SUMMIT_REALTY,
        email: "office@summitrealty.test",
        phone: "+13035550177",
        city: "Denver",
        state: "CO",
        timezone: "America/Denver",
    },
];

/// Fills in the demo world.
///
/// # Errors
/// In production, or when the simulator or the database does not answer.
pub async fn seed(config: &Config, core: &Core) -> anyhow::Result<()> {
    if config.production() {
        bail!("The demo world is not for production: its passwords are public.");
    }
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let known = store::agencies::find_ref(&mut tx, AGENCY).await?;
    tx.commit().await?;
    if known.is_some() {
        say("The demo world is there already.");
        return Ok(());
    }
    // First of all, so that nothing is left half made when the simulator does not answer.
    let code = consent(config).await.context("asking the simulator for consent; is it running?")?;
    let agency = make_agency(core).await?;
    let businesses = make_clients(core, agency).await?;
    people::add(core, agency, &businesses).await.context("adding the demo people")?;
    connect(config, core, agency, &code).await.context("connecting the demo agency")?;
    history::add(core, agency).await.context("adding the demo history")?;
    say("The demo world is seeded.");
    Ok(())
}

async fn make_agency(core: &Core) -> anyhow::Result<AgencyId> {
    let mut tx = PlatformTx::begin(&core.db, None).await?;
    let new = NewAgency { name: "Harbor Marketing".to_owned(), slug: AGENCY.to_owned() };
    let agency = store::agencies::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(agency)
}

async fn make_clients(core: &Core, agency: AgencyId) -> anyhow::Result<Vec<domain::business::Business>> {
    let mut made = Vec::new();
    for client in &CLIENTS {
        let text = |value: &str| Some(value.to_owned());
        let new = NewBusiness {
            name: client.name.to_owned(),
            slug: client.slug.to_owned(),
            ghl_location_id: text(client.location),
            details: Details {
                email: text(client.email),
                phone: text(client.phone),
                city: text(client.city),
                state: text(client.state),
                country: text("US"),
                timezone: text(client.timezone),
                ..Details::default()
            },
        };
        let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
        made.push(store::businesses::add(&mut tx, &new).await?);
        tx.commit().await?;
    }
    Ok(made)
}

const fn agency_scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() }
}

/// The demo world as something a super admin may ask for; not in production.
#[must_use]
pub fn hook(config: &Config, core: &Core, tasks: &TaskTracker) -> Option<Demo> {
    if config.production() {
        return None;
    }
    let (config, core, tasks) = (config.clone(), core.clone(), tasks.clone());
    Some(Arc::new(move || {
        let (config, core) = (config.clone(), core.clone());
        // It ends even when the browser is gone: half a demo world would be in the way of a whole one.
        let work = tasks.spawn(async move { seed(&config, &core).await.map_err(|error| format!("{error:#}")) });
        Box::pin(async move { work.await.unwrap_or_else(|error| Err(error.to_string())) })
    }))
}

/// Gives consent on the simulator, as a person would have it done; the code is good for one exchange.
async fn consent(config: &Config) -> anyhow::Result<String> {
    let redirect = connecting::redirect_uri(&config.origin()).map_err(|error| anyhow::anyhow!("{error}"))?;
    let wish =
        serde_json::json!({ "companyId": simulator::demo::HARBOR, "future": true, "redirectUri": redirect.as_str() });
    let address = config.ghl.base.join("/_sim/ghl/authorize")?;
    let headers = [("content-type", "application/json")];
    let reply = simulator::request("POST", address.as_str(), &headers, wish.to_string().as_bytes())
        .await
        .map_err(|error| anyhow::anyhow!(error))?;
    Ok(reply.json()["code"].as_str().context("the simulator gave no code")?.to_owned())
}

/// Exchanges the code and reads the snapshots.
async fn connect(config: &Config, core: &Core, agency: AgencyId, code: &str) -> anyhow::Result<()> {
    let redirect = connecting::redirect_uri(&config.origin()).map_err(|error| anyhow::anyhow!("{error}"))?;
    let state = compose::state(config, core, None).await?;
    let about = outbound::About { agency: Some(agency.0), ..outbound::About::default() };
    let tokens = ghl::auth::exchange(&core.ghl, &about, code, &redirect, &ghl::auth::Class::Company).await?;
    let access = tokens.access.clone();
    connecting::adopt(&state, None, agency, tokens).await.map_err(|error| anyhow::anyhow!("{error}"))?;
    let call = ghl::Call { token: &access, resource: simulator::demo::HARBOR, about: &about };
    let seen = ghl::snapshots::list(&core.ghl, call, simulator::demo::HARBOR).await?;
    let seen: Vec<_> = seen
        .into_iter()
        .map(|snapshot| SeenSnapshot { ghl_snapshot_id: snapshot.id, name: snapshot.name, kind: None })
        .collect();
    let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
    store::snapshots::sync(&mut tx, &seen).await?;
    tx.commit().await?;
    Ok(())
}
