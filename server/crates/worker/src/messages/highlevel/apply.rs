//! What follows from an event of HighLevel for the connection that it concerns? That the app was removed ends the connection
//! and tells its people once. That it was installed brings no token, so it only wakes the work that asks HighLevel. Events
//! come in any order, so what is older than the newest install changes nothing.

use domain::integration::Integration;
use domain::work::Kind;
use ghl::webhook::{Event, INSTALL, LOCATION_CREATE, LOCATION_UPDATE, UNINSTALL};
use serde_json::json;
use store::inbound::{self, HighlevelRoute, Outcome};
use store::queue::{self, Work};
use store::{TenantTx, app_installs, imports, integrations};

/// What connections say whose app was removed at HighLevel.
const REMOVED: &str = "app removed at HighLevel";

/// Does what an event says. Other events than those of installs and locations need nothing of us.
pub(super) async fn apply(
    tx: &mut TenantTx,
    app_id: &str,
    route: &HighlevelRoute,
    said: &Event,
) -> store::Result<Outcome> {
    match said.kind.as_str() {
        INSTALL => {
            let connection = integrations::hold(tx, route.integration).await?;
            installed(tx, &connection, said).await
        }
        UNINSTALL => {
            let connection = integrations::hold(tx, route.integration).await?;
            uninstalled(tx, app_id, &connection, said).await
        }
        LOCATION_CREATE | LOCATION_UPDATE => {
            let Some(company) = integrations::company(tx).await? else { return Ok(Outcome::Ignored) };
            read_locations(tx, &company, said).await
        }
        _ => Ok(Outcome::Ignored),
    }
}

/// Whether the event is about the account of this connection, and not about an unknown location of its company.
fn is_about(connection: &Integration, said: &Event) -> bool {
    said.account() == Some(connection.platform_id.as_str())
}

/// The app was installed. A lost location gets a new token from its company, if HighLevel gives one. What is new at a company
/// is read from there.
async fn installed(tx: &mut TenantTx, connection: &Integration, said: &Event) -> store::Result<Outcome> {
    if !connection.is_active {
        return Ok(Outcome::Ignored);
    }
    if connection.parent_platform_id.is_none() {
        integrations::queue_check(tx, connection.id).await?;
        return read_locations(tx, connection, said).await;
    }
    if connection.needs_reauth_at.is_some() {
        let work = Work::new(Kind::RefreshCredential).subject(connection.id.0).payload(json!({ "installed": true }));
        queue::add(tx, &work.once(format!("installed:{}", connection.id))).await?;
    }
    Ok(Outcome::Processed)
}

/// The list of sub-accounts of a company changed. A company of which the event does not speak is left alone.
async fn read_locations(tx: &mut TenantTx, company: &Integration, said: &Event) -> store::Result<Outcome> {
    let is_usable = company.is_active && company.needs_reauth_at.is_none();
    if !is_usable || said.company.as_ref().is_some_and(|named| *named != company.platform_id) {
        return Ok(Outcome::Ignored);
    }
    imports::ask_soon(tx, company.id).await?;
    Ok(Outcome::Processed)
}

/// The app was removed. The connection needs a new consent, unless the app was installed again since.
async fn uninstalled(
    tx: &mut TenantTx,
    app_id: &str,
    connection: &Integration,
    said: &Event,
) -> store::Result<Outcome> {
    if !is_about(connection, said) {
        return Ok(Outcome::Ignored);
    }
    let installed = connection.connected_at.max(inbound::newest_install(tx, &connection.platform_id).await?);
    if installed.is_some_and(|installed| installed >= said.at) {
        return Ok(Outcome::Ignored);
    }
    if integrations::needs_reauth(tx, connection.id, REMOVED).await? {
        tracing::warn!(event = "integration.removed", integration = %connection.id, "the app was removed at HighLevel");
    }
    let place = match connection.parent_platform_id.as_deref() {
        Some(company) => (company, Some(connection.platform_id.as_str())),
        None => (connection.platform_id.as_str(), None),
    };
    app_installs::uninstalled(tx, app_id, place, said.at).await?;
    Ok(Outcome::Processed)
}
