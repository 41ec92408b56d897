//! Writes sampled audit entries for events that change nothing: reads by platform staff, refusals and
//! throttled attempts.
//! Each person and object gets at most one entry per period or session, so repeated requests cannot fill the log.

use std::time::Duration;

use domain::audit::{Actor, Outcome};
use domain::identity::Reach;
use domain::{AgencyId, UserId};

use super::{Act, current, record, record_platform};
use crate::throttle::{self, Key};
use crate::{Db, PlatformTx, Result, Scope, TenantTx};

/// Refusals of the same person at the same endpoint give one row a minute.
const MINUTE: Duration = Duration::from_secs(60);
/// Views by the same person in the same session give one row: no session of people who run the platform lasts longer.
const SESSION: Duration = Duration::from_secs(12 * 3600);

/// Writes the audit row of an event that changes nothing else, in a separate transaction.
pub async fn note(db: &Db, scope: Scope, act: Act) -> Result<()> {
    let mut tx = TenantTx::begin(db, scope).await?;
    record(&mut tx, act).await?;
    tx.commit().await
}

/// Records that somebody was denied access: the person if known, otherwise the caller that the request's context
/// names. `agency` is the agency in which it happened, if the caller belongs to it. `endpoint` is the page, route
/// or operation.
pub async fn denied(db: &Db, who: Option<UserId>, agency: Option<AgencyId>, endpoint: &str, why: &str) -> Result<()> {
    let scope = match agency {
        Some(agency) => Scope::Agency { user: who, agency, reach: Reach::All, listed: Vec::new() },
        None => who.map_or(Scope::Open, Scope::Person),
    };
    let asks = who.map(|user| user.0).or(current().token).map(|id| id.to_string()).unwrap_or_default();
    let act = Act::new("access.denied", "endpoint").object(endpoint).ended(Outcome::Denied, why);
    sampled(db, scope, &format!("{asks}|{endpoint}"), act).await
}

/// Records that a request was refused because of its content and not because of its sender, or that it had to
/// wait. It writes at most one row a minute for each action and endpoint, whoever sends the requests.
pub async fn refused(db: &Db, action: &'static str, endpoint: &str, why: &str) -> Result<()> {
    let act = Act::new(action, "endpoint").object(endpoint).ended(Outcome::Denied, why).by(Actor::System, None);
    sampled(db, Scope::Open, &format!("{action}|{endpoint}"), act).await
}

async fn sampled(db: &Db, scope: Scope, what: &str, act: Act) -> Result<()> {
    let mut tx = TenantTx::begin(db, scope).await?;
    if throttle::first_in_period(tx.conn(), Key::of("audit", what), MINUTE).await? {
        record(&mut tx, act).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Records that a person works with platform access, once per session.
pub(crate) async fn entered(db: &Db, user: UserId) -> Result<()> {
    look(db, user, None, Act::new("platform.entered", "platform")).await
}

/// Records that platform staff viewed an agency, once per session and agency.
pub async fn looked(db: &Db, user: UserId, agency: AgencyId) -> Result<()> {
    look(db, user, Some(agency), Act::new("agency.viewed", "agency").object(agency)).await
}

async fn look(db: &Db, user: UserId, agency: Option<AgencyId>, act: Act) -> Result<()> {
    let session = current().session_ref.unwrap_or_default();
    let what = format!("{user}|{}|{session}", agency.map(|id| id.to_string()).unwrap_or_default());
    let mut tx = PlatformTx::quiet(db, Some(user)).await?;
    if throttle::first_in_period(tx.conn(), Key::of("look", what), SESSION).await? {
        record_platform(&mut tx, agency, act).await?;
        tx.commit().await?;
    }
    Ok(())
}
