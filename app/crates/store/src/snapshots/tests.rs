//! Tests that a snapshot in HighLevel's list is offered, that one no longer in it is kept, and that one that a
//! person switched off stays off.

use domain::page::ListQuery;

use super::*;
use crate::fixtures::{agency, begin};
use crate::testing::TestDb;
use crate::{DbRole, Error};

fn seen(lines: &[(&str, &str)]) -> Vec<SeenSnapshot> {
    let one = |(id, name): &(&str, &str)| SeenSnapshot {
        ghl_snapshot_id: (*id).into(),
        name: (*name).into(),
        kind: Some("own".into()),
    };
    lines.iter().map(one).collect()
}

fn query(view: &str, q: &str) -> ListQuery {
    ListQuery { view: view.into(), q: q.into(), ..ListQuery::default() }
}

#[tokio::test]
async fn a_sync_adds_changes_and_withdraws() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Worker).await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    let synced =
        sync(&mut tx, &seen(&[("s1", "Dental Pro"), ("s2", "Yoga"), ("s3", ""), ("s1", "Dental Pro")])).await.unwrap();
    assert_eq!(synced, Synced { added: 3, changed: 0, gone: 0 });
    let same = sync(&mut tx, &seen(&[("s1", "Dental Pro"), ("s2", "Yoga"), ("s3", "")])).await.unwrap();
    assert_eq!(same, Synced::default());
    let off = list(&mut tx, &query("", "yoga")).await.unwrap().rows[0].id;
    set_active(&mut tx, off, false).await.unwrap();
    let synced = sync(&mut tx, &seen(&[("s1", "Dental Plus"), ("s2", "Yoga")])).await.unwrap();
    assert_eq!(synced, Synced { added: 0, changed: 1, gone: 1 });
    assert_eq!(
        offered(&mut tx).await.unwrap().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        ["Dental Plus"]
    );
    let synced = sync(&mut tx, &seen(&[("s1", "Dental Plus"), ("s2", "Yoga"), ("s3", "Back")])).await.unwrap();
    assert_eq!(synced, Synced { added: 0, changed: 1, gone: 0 });
    assert_eq!(
        offered(&mut tx).await.unwrap().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        ["Back", "Dental Plus"]
    );
    assert_eq!(list(&mut tx, &query("", "")).await.unwrap().total, Some(3), "nothing is ever deleted");
    assert_eq!(list(&mut tx, &query("inactive", "")).await.unwrap().rows[0].id, off);
}

#[tokio::test]
async fn niche_and_text_find_them_and_strangers_see_none() {
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Web).await, test.agency().await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    sync(&mut tx, &seen(&[("s1", "Dental Pro"), ("s2", "Yoga")])).await.unwrap();
    let id = list(&mut tx, &query("", "s1")).await.unwrap().rows[0].id;
    describe(&mut tx, id, Some("dental"), Some("Recall campaign")).await.unwrap();
    assert_eq!(niches(&mut tx).await.unwrap(), ["dental"]);
    for found in [query("niche:dental", ""), query("", "RECALL"), query("active", "dental")] {
        assert_eq!(list(&mut tx, &found).await.unwrap().rows.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    }
    tx.commit().await.unwrap();
    let mut tx = begin(&db, agency(other)).await;
    assert!(matches!(get(&mut tx, id).await, Err(Error::NotFound)));
    assert!(matches!(set_active(&mut tx, id, false).await, Err(Error::NotFound)));
    assert_eq!(
        sync(&mut tx, &seen(&[("s1", "Dental Pro")])).await.unwrap().added,
        1,
        "the same id in another company is another row"
    );
}

#[tokio::test]
async fn the_example_of_the_data_model_is_one_agency_with_one_snapshot_on_offer() {
    let test = TestDb::new().await;
    test.execute("insert into agencies (id, name, slug) values ('f47ac10b-58cc-4372-a567-0e02b2c3d479', 'Test Agency', 'test-agency')").await;
    test.execute(
        "insert into snapshots (id, agency_id, ghl_snapshot_id, name, niche, is_active)
         values ('550e8400-e29b-41d4-a716-446655440000', 'f47ac10b-58cc-4372-a567-0e02b2c3d479', 'snapshot-001', 'Real Estate Startup', 'Real Estate', true)",
    )
    .await;
    let (db, other) = (test.db(DbRole::Web).await, test.agency().await);
    let mine: domain::AgencyId = "f47ac10b-58cc-4372-a567-0e02b2c3d479".parse().unwrap();
    let id: SnapshotId = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
    let mut tx = begin(&db, agency(mine)).await;
    let found = get(&mut tx, id).await.unwrap();
    assert_eq!((found.ghl_snapshot_id.as_str(), found.name.as_str()), ("snapshot-001", "Real Estate Startup"));
    assert_eq!(offered(&mut tx).await.unwrap().iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
    assert_eq!(list(&mut tx, &query("niche:Real Estate", "")).await.unwrap().total, Some(1));
    let mut tx = begin(&db, agency(other)).await;
    assert!(matches!(get(&mut tx, id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn the_page_is_told_how_far_the_list_was_read_and_the_log_why_not() {
    use domain::snapshot::sync::{Link, SyncFailure, SyncState};
    let test = TestDb::new().await;
    let (db, mine, other) = (test.db(DbRole::Worker).await, test.agency().await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    let state = async |tx: &mut TenantTx| syncs::facts(tx).await.unwrap().state(Link::Connected);
    assert_eq!(state(&mut tx).await, SyncState::Never);
    syncs::asked(&mut tx).await.unwrap();
    assert!(matches!(state(&mut tx).await, SyncState::Syncing(_)));
    for _ in 0..3 {
        syncs::failed(&mut tx, SyncFailure::Unavailable, Some("Internal Server Error")).await.unwrap();
    }
    let SyncState::Failed(SyncFailure::Unavailable, Some(_), detail) = state(&mut tx).await else {
        panic!("it failed");
    };
    assert_eq!(detail.as_deref(), Some("Internal Server Error"));
    syncs::failed(&mut tx, SyncFailure::Scope, None).await.unwrap();
    assert!(matches!(state(&mut tx).await, SyncState::Failed(SyncFailure::Scope, Some(_), None)));
    sync(&mut tx, &[]).await.unwrap();
    assert!(matches!(state(&mut tx).await, SyncState::NoneThere(_)));
    assert_eq!(
        crate::first_steps::of_agency(&mut tx).await.unwrap().done,
        [domain::first_steps::FirstStep::Snapshots],
        "an agency without snapshots is not stuck"
    );
    sync(&mut tx, &seen(&[("s1", "Dental Pro")])).await.unwrap();
    assert!(matches!(state(&mut tx).await, SyncState::Synced(_)));
    tx.commit().await.unwrap();
    assert_eq!(crate::fixtures::audited(&test, "snapshots.sync_failed", mine).await, 2, "one row for each cause");
    let mut tx = begin(&db, agency(other)).await;
    assert_eq!(syncs::facts(&mut tx).await.unwrap(), domain::snapshot::sync::SyncFacts::default());
}

#[tokio::test]
async fn the_use_of_a_snapshot_is_counted_over_its_own_jobs() {
    let test = TestDb::new().await;
    let (db, mine) = (test.db(DbRole::Web).await, test.agency().await);
    let mut tx = begin(&db, agency(mine)).await;
    sync(&mut tx, &seen(&[("s1", "Dental Pro"), ("s2", "Yoga")])).await.unwrap();
    let rows = list(&mut tx, &query("", "")).await.unwrap().rows;
    let (used, unused) = (rows[0].id, rows[1].id);
    tx.commit().await.unwrap();
    test.execute(
        "alter table provisioning_jobs disable trigger user;
         insert into provisioning_jobs (number, agency_id, client_data_json, snapshot_id, status, created_at, started_at, finished_at)
         select row_number() over (), s.agency_id, '{}', s.id, j.status::provisioning_job_status, now() - interval '1 hour', now(), now() + j.took
         from snapshots s cross join (values ('COMPLETED', interval '2 minutes'), ('COMPLETED', '4 minutes'), ('COMPLETED', '9 minutes'),
           ('FAILED', '1 minute'), ('PENDING', null)) j (status, took) where s.name = 'Dental Pro';
         alter table provisioning_jobs enable trigger user",
    )
    .await;
    let mut tx = begin(&db, agency(mine)).await;
    let found = usage(&mut tx, &[used, unused]).await.unwrap();
    assert!(!found.contains_key(&unused));
    let found = found[&used];
    assert_eq!((found.succeeded, found.ended, found.median_seconds), (3, 4, Some(240.0)));
}
