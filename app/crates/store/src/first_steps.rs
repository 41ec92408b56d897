//! Reads an agency's progress with its first steps in one statement. Dismissed steps are stored in its settings.

use domain::first_steps::{FirstStep, FirstSteps};
use serde_json::json;

use crate::audit::{self, Act};
use crate::{Result, TenantTx, found};

/// The steps that are done and the steps that were dismissed.
pub async fn of_agency(tx: &mut TenantTx) -> Result<FirstSteps> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select exists (select from integrations where agency_id = $1 and sub_account_id is null and type = 'GOHIGHLEVEL' and parent_platform_id is null) as "connect!",
                  exists (select from snapshots where agency_id = $1 and is_active)
                  or exists (select from snapshot_syncs where agency_id = $1 and synced_at is not null) as "snapshots!",
                  exists (select from provisioning_jobs where agency_id = $1) or exists (select from sub_accounts where agency_id = $1 and deleted_at is null) as "client!",
                  exists (select from provisioning_jobs where agency_id = $1 and status = 'COMPLETED') as "watch!",
                  (select count(*) from user_agency_memberships m join users u on u.id = m.user_id
                   where m.agency_id = $1 and m.deleted_at is null and m.status = 'active' and u.deleted_at is null)
                  + (select count(*) from one_time_tokens where agency_id = $1 and sub_account_id is null and purpose = 'invite' and used_at is null and expires_at > now()) > 1 as "colleague!",
                  coalesce((select settings_json -> 'dismissed_steps' from agencies where id = $1), '[]') as "dismissed!""#,
        agency.0
    )
    .fetch_one(tx.conn())
    .await?;
    let facts = [row.connect, row.snapshots, row.client, row.watch, row.colleague];
    let done = FirstStep::ALL.into_iter().zip(facts).filter(|(_, done)| *done).map(|(step, _)| step).collect();
    let keys: Vec<String> = serde_json::from_value(row.dismissed).unwrap_or_default();
    Ok(FirstSteps { done, dismissed: keys.iter().filter_map(|key| FirstStep::parse(key)).collect() })
}

/// Dismisses a step. Dismissing it twice is the same as once.
pub async fn dismiss(tx: &mut TenantTx, step: FirstStep) -> Result<()> {
    let agency = tx.agency()?;
    let changed = sqlx::query!(
        "update agencies set settings_json = jsonb_set(settings_json, '{dismissed_steps}',
           (coalesce(settings_json -> 'dismissed_steps', '[]') - $2::text) || to_jsonb($2::text)) where id = $1",
        agency.0,
        step.key()
    )
    .execute(tx.conn())
    .await?;
    found(changed.rows_affected())?;
    audit::record(tx, Act::new("agency.step_dismissed", "agency").object(agency).payload(json!({ "step": step.key() })))
        .await
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use domain::identity::Role;

    use super::*;
    use crate::DbRole;
    use crate::fixtures::{agency, audited, begin, connected};
    use crate::testing::TestDb;

    #[tokio::test]
    async fn first_steps_are_per_agency_and_keep_other_settings() {
        let test = TestDb::new().await;
        let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
        connected(&db, other).await;
        test.business(other).await;
        let mut tx = begin(&db, agency(mine)).await;
        assert_eq!(of_agency(&mut tx).await.unwrap(), FirstSteps::default(), "another's facts are not one's own");
        let settings = domain::agency::Settings { max_retries: 7, ..Default::default() };
        crate::agencies::set_settings(&mut tx, &settings).await.unwrap();
        dismiss(&mut tx, FirstStep::Colleague).await.unwrap();
        dismiss(&mut tx, FirstStep::Colleague).await.unwrap();
        tx.commit().await.unwrap();
        connected(&db, mine).await;
        test.business(mine).await;
        // A suspended colleague does not count.
        test.person(Role::AgencyAdmin, Some(mine), None).await;
        test.person(Role::AgencyStaff, Some(mine), None).await;
        test.execute("update user_agency_memberships set status = 'suspended' where reach = 'listed'").await;
        let mut tx = begin(&db, agency(mine)).await;
        let steps = of_agency(&mut tx).await.unwrap();
        assert_eq!(steps.done, [FirstStep::Connect, FirstStep::Client]);
        assert_eq!(steps.dismissed, [FirstStep::Colleague]);
        assert_eq!(crate::agencies::settings(&mut tx).await.unwrap(), settings);
        let mut theirs = begin(&db, agency(other)).await;
        assert_eq!(of_agency(&mut theirs).await.unwrap().dismissed, []);
        assert_eq!(audited(&test, "agency.step_dismissed", mine).await, 2);
    }
}
