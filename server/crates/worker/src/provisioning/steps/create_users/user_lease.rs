//! Changes the locations of a HighLevel person without losing another job's change. HighLevel replaces the whole list,
//! so the job leases the person while it reads the list and sends it back.

use std::time::Duration;

use ghl::users::{self, User, UserChange};
use store::provisioning as rows;

use super::{name, of};
use crate::provisioning::ghl_access::GhlAccess;
use crate::provisioning::planned_write::PlannedWrite;
use crate::provisioning::run::Run;
use crate::provisioning::step::Stop;
use crate::retry;
use crate::time_scale::secs;

/// Lease of a person: longer than reading and writing that person may take.
const LEASE: Duration = secs(100);

/// Leases a person and reads them again; no other job changes them until [`release`]. `None` if HighLevel no
/// longer knows them.
pub async fn lease_user(run: &Run, ghl_access: &GhlAccess, user: &User) -> Result<Option<User>, Stop> {
    let mut tx = run.tx().await?;
    let taken = rows::hold_person(&mut tx, &run.job.fence, &user.id, run.worker.time_scale.guard(LEASE)).await?;
    run.commit(tx).await?;
    if let Some(left) = taken {
        let reason = format!("Another job is changing the sub-accounts of {} right now.", name(user));
        return Err(Stop::wait(reason, retry::around(run.worker.time_scale.real(left).min(secs(5)))));
    }
    let now = of(run, ghl_access, user.email.as_deref().unwrap_or_default()).await?;
    Ok(now.into_iter().find(|found| found.id == user.id))
}

/// Releases everybody whom the job leases.
pub async fn release(run: &Run) -> Result<(), Stop> {
    let mut tx = run.tx().await?;
    rows::release_people(&mut tx, &run.job.fence).await?;
    run.commit(tx).await
}

/// Sends a person's whole list of locations. The inner error is a refusal by HighLevel.
pub async fn put(
    run: &mut Run,
    ghl_access: &GhlAccess,
    planned: PlannedWrite,
    id: &str,
    locations: Vec<String>,
) -> Result<Result<(), ghl::Error>, Stop> {
    let mut tx = run.tx().await?;
    let kept = rows::keep_person(&mut tx, &run.job.fence, id, run.worker.time_scale.guard(LEASE)).await?;
    run.commit(tx).await?;
    if !kept {
        return Err(Stop::wait("Another job changed a user's sub-accounts meanwhile; reading them again.", secs(1)));
    }
    let change =
        UserChange { company_id: ghl_access.resource.clone(), location_ids: Some(locations), ..UserChange::default() };
    let (ghl_access, id) = (ghl_access.clone(), id.to_owned());
    let call = async move { users::update(&ghl_access.ghl, ghl_access.call(), &id, &change).await };
    match run.send(planned, |user: &User| user.id.clone(), call).await? {
        Ok(sent) => run.confirm(&sent).await.map(Ok),
        Err(error) => Ok(Err(error)),
    }
}
