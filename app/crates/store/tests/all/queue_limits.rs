//! Are the limits of every queue those of its row, and does a claim treat all queues alike?
#![expect(clippy::disallowed_methods, reason = "rows are changed by somebody else than the product")]

use domain::AgencyId;
use domain::agency::Settings;
use domain::identity::Reach;
use domain::work::{Kind, Queue};
use store::queue::{self, Claimer, QueueLimits, Work};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, agencies, new_id};
use uuid::Uuid;

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

fn limits(queue: Queue, at_once: i32, per_agency: i64, setting: Option<&str>) -> QueueLimits {
    QueueLimits { queue, at_once, per_agency, per_agency_setting: setting.map(str::to_owned) }
}

async fn add(db: &Db, agency: AgencyId, kind: Kind, n: usize) {
    let works: Vec<Work> = (0..n).map(|_| Work::new(kind).subject(new_id::<Uuid>())).collect();
    let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
    queue::add_many(&mut tx, &works).await.unwrap();
    tx.commit().await.unwrap();
}

async fn choose(db: &Db, agency: AgencyId, jobs_at_once: u8) {
    let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
    agencies::set_settings(&mut tx, &Settings { jobs_at_once, ..Settings::default() }).await.unwrap();
    tx.commit().await.unwrap();
}

/// How many items of this queue one claim takes, by its row. They are given back.
async fn taken(worker: &Db, queue: Queue) -> usize {
    let all = queue::limits(worker).await.unwrap();
    let limits = all.iter().find(|limits| limits.queue == queue).unwrap();
    let mut claimer = Claimer { max_items: 100, ..Claimer::of(limits, new_id()) };
    let taken = queue::claim(worker, &mut claimer).await.unwrap().len();
    queue::release(worker, claimer.owner).await.unwrap();
    taken
}

#[tokio::test]
async fn every_queue_has_a_row_and_the_least_patient_work_is_claimed_first() {
    let test = TestDb::new().await;
    let all = queue::limits(&test.db(DbRole::Worker).await).await.unwrap();
    let seeded = [
        limits(Queue::MessagesIn, 16, 4, None),
        limits(Queue::MessagesOut, 16, 4, None),
        limits(Queue::Assistant, 32, 8, None),
        limits(Queue::Background, 8, 3, None),
        limits(Queue::Mail, 4, 2, None),
        limits(Queue::Provisioning, 16, 5, Some("jobs_at_once")),
        limits(Queue::WebhooksOut, 64, 4, None),
        limits(Queue::Media, 6, 3, None),
        limits(Queue::Rehearsals, 8, 2, None),
        limits(Queue::Imports, 4, 1, None),
        limits(Queue::ToolServers, 2, 1, None),
    ];
    assert_eq!(all, seeded);
    assert_eq!(all.len(), Queue::ALL.len(), "a new queue needs a row in a migration");
    let jobs = all.iter().find(|limits| limits.queue == Queue::Provisioning).unwrap();
    assert_eq!(jobs.per_agency, i64::from(Settings::default().jobs_at_once), "what an agency has that chose nothing");
}

#[tokio::test]
async fn rows_are_read_in_order_of_priority_and_those_of_a_newer_program_are_left_to_it() {
    let test = TestDb::new().await;
    let mut expected: Vec<Queue> =
        queue::limits(&test.db(DbRole::Worker).await).await.unwrap().iter().map(|limits| limits.queue).collect();
    expected.retain(|queue| *queue != Queue::Mail);
    expected.insert(0, Queue::Mail);
    test.execute(
        "update queues set priority = 1, at_once = 2, per_agency = 1 where key = 'mail';
         insert into queues (key, at_once, per_agency, priority) values ('of a newer program', 9, 9, 0)",
    )
    .await;
    let all = queue::limits(&test.db(DbRole::Worker).await).await.unwrap();
    let order: Vec<Queue> = all.iter().map(|limits| limits.queue).collect();
    assert_eq!(order, expected);
    assert_eq!(all[0], limits(Queue::Mail, 2, 1, None));
}

#[tokio::test]
async fn whichever_queue_names_a_setting_an_agency_that_chose_a_number_has_that_many() {
    let test = TestDb::new().await;
    let (web, worker) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
    let agency = test.agency().await;
    for queue in Queue::ALL {
        let kind = Kind::ALL.into_iter().find(|kind| kind.queue() == queue).unwrap();
        add(&worker, agency, kind, 12).await;
    }
    let each = async || {
        let mut each = Vec::new();
        for queue in Queue::ALL {
            each.push(taken(&worker, queue).await);
        }
        each
    };
    let all = queue::limits(&worker).await.unwrap();
    let seeded = Queue::ALL.map(|queue| {
        let limits = all.iter().find(|limits| limits.queue == queue).unwrap();
        usize::try_from(limits.per_agency).unwrap()
    });
    let jobs = Queue::ALL.iter().position(|queue| *queue == Queue::Provisioning).unwrap();
    let mut chosen = seeded;
    chosen[jobs] = 7;
    assert_eq!(each().await, seeded, "it chose nothing");
    choose(&web, agency, 7).await;
    assert_eq!(each().await, chosen, "the number is one of jobs");
    test.execute("update queues set per_agency_setting = 'jobs_at_once' where key <> 'provisioning'").await;
    assert_eq!(each().await, [7; Queue::ALL.len()]);
    test.execute("update queues set per_agency_setting = 'app_address'").await;
    assert_eq!(each().await, seeded, "a setting that is no number");
    test.execute("update queues set per_agency_setting = null, per_agency = 4").await;
    assert_eq!(each().await, [4; Queue::ALL.len()]);
}

#[tokio::test]
async fn slow_receivers_of_a_few_agencies_leave_places_for_the_deliveries_of_others() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let all = queue::limits(&worker).await.unwrap();
    let limits = all.iter().find(|limits| limits.queue == Queue::WebhooksOut).unwrap();
    let mut claimer = Claimer::of(limits, new_id());
    let mut slow = Vec::new();
    for _ in 0..5 {
        let agency = test.agency().await;
        add(&worker, agency, Kind::SendWebhook, 40).await;
        slow.push(agency);
    }
    let claimed = queue::claim(&worker, &mut claimer).await.unwrap();
    let held = |agency: &AgencyId| claimed.iter().filter(|work| work.agency == Some(*agency)).count();
    assert_eq!(slow.iter().map(held).collect::<Vec<_>>(), [4; 5], "each has its share and no more");
    let other = test.agency().await;
    add(&worker, other, Kind::SendWebhook, 1).await;
    claimer.max_items = limits.at_once - i32::try_from(claimed.len()).unwrap();
    let next = queue::claim(&worker, &mut claimer).await.unwrap();
    assert_eq!(next.iter().map(|work| work.agency).collect::<Vec<_>>(), [Some(other)], "while the others still wait");
}

#[tokio::test]
async fn hundreds_of_imports_leave_every_place_for_renewals() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    for _ in 0..20 {
        let agency = test.agency().await;
        add(&worker, agency, Kind::ImportLocations, 25).await;
    }
    let agency = test.agency().await;
    add(&worker, agency, Kind::RefreshCredential, 1).await;
    assert_eq!(taken(&worker, Queue::Background).await, 1);
    let all = queue::limits(&worker).await.unwrap();
    let imports = all.iter().find(|limits| limits.queue == Queue::Imports).unwrap();
    let mut claimer = Claimer::of(imports, new_id());
    assert_eq!(queue::claim(&worker, &mut claimer).await.unwrap().len(), 4, "in one process at a time");
}

#[tokio::test]
async fn a_chosen_number_is_one_from_one_to_twenty_or_none() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    add(&worker, agency, Kind::RunJob, 30).await;
    for (chosen, running) in
        [("1", 1), ("20", 20), ("0", 5), ("21", 5), ("999", 5), ("-1", 5), ("2.5", 5), ("\"7\"", 7)]
    {
        let write = format!("update agencies set settings_json = '{{\"jobs_at_once\": {chosen}}}'");
        sqlx::query(sqlx::AssertSqlSafe(write)).execute(test.superuser()).await.unwrap();
        assert_eq!(taken(&worker, Queue::Provisioning).await, running, "{chosen}");
    }
}

/// The previous program knows neither the rows nor the function, and claims from the same tables meanwhile.
#[tokio::test]
async fn a_claim_counts_what_a_program_of_before_has_claimed() {
    let test = TestDb::new().await;
    let worker = test.db(DbRole::Worker).await;
    let agency = test.agency().await;
    add(&worker, agency, Kind::RunJob, 9).await;
    let former = "with taken as (delete from work_ready where id in (select id from work_ready where lane = 'provisioning'
            and (select coalesce(lookup.jobs_at_once(tenant_key), 5)) > 3 limit 3) returning *)
         insert into work_leases (id, lane, tenant_key, priority, ready_at, kind, agency_id, subject_id, payload, attempt, lease_owner, lease_until)
         select id, lane, tenant_key, priority, ready_at, kind, agency_id, subject_id, payload, attempt + 1, gen_random_uuid(), now() + interval '60 seconds' from taken";
    test.execute(former).await;
    assert_eq!(taken(&worker, Queue::Provisioning).await, 2, "five may run, and three do already");
}

#[tokio::test]
async fn pages_and_workers_do_not_change_the_limits() {
    let test = TestDb::new().await;
    for role in ["app_rt", "app_worker"] {
        let mut tx = test.superuser().begin().await.unwrap();
        sqlx::query("select set_config('role', $1, true)").bind(role).execute(&mut *tx).await.unwrap();
        let changed = sqlx::query("update queues set at_once = 1").execute(&mut *tx).await.unwrap();
        let removed = sqlx::query("delete from queues").execute(&mut *tx).await.unwrap();
        assert_eq!((changed.rows_affected(), removed.rows_affected()), (0, 0), "{role}");
        let seen: i64 = sqlx::query_scalar("select count(*) from queues").fetch_one(&mut *tx).await.unwrap();
        let all = i64::try_from(Queue::ALL.len()).unwrap();
        assert_eq!(seen, if role == "app_worker" { all } else { 0 }, "{role}");
        let added = sqlx::query("insert into queues (key, at_once, per_agency) values ('mine', 1, 1)");
        assert!(added.execute(&mut *tx).await.is_err(), "{role}");
    }
}
