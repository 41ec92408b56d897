//! What is written when Meta says that a person took back their consent, or asked for the deletion of their data? Meta's
//! signature stands in for an actor; the caller has checked it.

use domain::identity::Reach;
use serde_json::json;
use store::audit::{self, Act};
use store::integrations::{self, Consented};
use store::{Db, DbRole, PlatformTx, Scope, TenantTx};

use crate::Refusal;

/// What connections say whose person took back the consent.
const TAKEN_BACK: &str = "consent taken back";

/// Marks the channels that this person connected: a person has to connect them again. Returns how many are newly marked.
///
/// # Errors
/// When the database fails.
pub async fn deauthorized(db: &Db, person: &str) -> Result<u64, Refusal> {
    let mut ended = 0;
    for one in connected(db, person, "meta.deauthorized", None).await? {
        let mut tx = begin(db, &one).await?;
        ended += u64::from(integrations::needs_reauth(&mut tx, one.integration, TAKEN_BACK).await?);
        tx.commit().await?;
    }
    Ok(ended)
}

/// Forgets the id under which Meta knows this person, which is all that we keep of them. Their channels need a new
/// consent. The audit log keeps the confirmation code. Returns from how many connections it was removed.
///
/// # Errors
/// When the database fails.
pub async fn deletion_asked(db: &Db, person: &str, code: &str) -> Result<u64, Refusal> {
    let mut forgotten = 0;
    for one in connected(db, person, "meta.deletion_asked", Some(code)).await? {
        let mut tx = begin(db, &one).await?;
        integrations::needs_reauth(&mut tx, one.integration, TAKEN_BACK).await?;
        integrations::forget_person(&mut tx, one.integration).await?;
        tx.commit().await?;
        forgotten += 1;
    }
    Ok(forgotten)
}

/// Records what Meta said, and finds the channels that the person connected.
async fn connected(db: &Db, person: &str, action: &'static str, code: Option<&str>) -> Result<Vec<Consented>, Refusal> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let found = integrations::connected_by(&mut tx, person).await?;
    let act = Act::new(action, "consent").payload(json!({ "connections": found.len() }));
    let act = if let Some(code) = code { act.object(code) } else { act };
    audit::record_platform(&mut tx, None, act).await?;
    tx.commit().await?;
    Ok(found)
}

async fn begin(db: &Db, one: &Consented) -> Result<TenantTx, Refusal> {
    let (agency, business) = (one.agency, one.business);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    Ok(TenantTx::begin(&db.acting_as(DbRole::Worker), scope).await?)
}
