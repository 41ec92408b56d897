//! The agency's own connection and what its page says because of it, read in one way for the page and for its island.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use domain::credential::Slot;
use domain::integration;
use domain::work::Provider;
use islands::connection::{Connection, ConnectionState};
use kit::time::now;
use store::tenant::TenantTx;
use web::error::Result;

/// What the page says above the card.
pub struct Notices {
    /// Why calls to HighLevel have failed lately.
    pub trouble: Option<String>,
    /// Number of the businesses' locations that belong to another company than the agency's integration.
    pub elsewhere: i64,
    /// Number of sub-accounts in HighLevel that are not here yet.
    pub left: i64,
    /// Number of jobs that wait until HighLevel is connected again.
    pub waiting: i64,
}

/// Reads the agency's connection, and the notices.
///
/// # Errors
/// When the database refuses.
pub async fn read(tx: &mut TenantTx) -> Result<(ConnectionState, Notices)> {
    let connection = connection(tx).await?;
    let active = connection.as_ref().map(|own| &own.integration).filter(|own| own.is_active);
    let notices = Notices {
        elsewhere: match active {
            Some(own) => store::integrations::count_in_other_companies(tx, &own.platform_id).await?,
            None => 0,
        },
        left: if active.is_some() { store::imports::state(tx).await?.left } else { 0 },
        waiting: store::provisioning::ask_to_reconnect(tx, &[]).await?.count,
        trouble: store::api_calls::lately(tx, Provider::HighLevel).await?.warning(),
    };
    let forms = forms(connection.as_ref(), &notices);
    Ok((ConnectionState { at: now(), connection, forms }, notices))
}

/// What the island of the page fetches.
///
/// # Errors
/// When the database refuses.
pub async fn connection_state(tx: &mut TenantTx) -> Result<ConnectionState> {
    Ok(read(tx).await?.0)
}

async fn connection(tx: &mut TenantTx) -> Result<Option<Connection>> {
    let Some(integration) = store::integrations::company(tx).await? else { return Ok(None) };
    let strip = store::integrations::strip(tx, integration.id).await?;
    let all = store::credentials::list(tx, integration.id).await?;
    Ok(Some(Connection { integration, strip, backup: all.into_iter().find(|one| one.slot == Slot::Backup) }))
}

fn forms(connection: Option<&Connection>, notices: &Notices) -> String {
    let mut hasher = DefaultHasher::new();
    (&notices.trouble, notices.elsewhere, notices.left, notices.waiting).hash(&mut hasher);
    if let Some(own) = connection {
        let state = integration::state(Some(&own.integration), now()).state;
        (own.integration.id, state.label(), own.backup.is_some()).hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}
