//! Does the audit log show what happened, show it only to those it concerns, and reveal that somebody changed it?

use domain::audit::{Actor, Outcome};
use domain::identity::{Reach, Role};
use domain::page::ListQuery;
use domain::{AgencyId, UserId};
use store::audit::{self, Act};
use store::testing::TestDb;
use store::vault::{Keyring, Vault};
use store::{Db, DbRole, Scope, TenantTx};

mod former;
mod growth;
mod mutations;

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn scope(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

async fn write(db: &Db, agency: AgencyId, n: usize) {
    for i in 0..n {
        let mut tx = TenantTx::begin(db, scope(agency)).await.unwrap();
        audit::record(&mut tx, Act::new("thing.done", "thing").object(i).payload(serde_json::json!({ "n": i })))
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }
}

async fn faults(db: &Db, vault: &Vault) -> Vec<String> {
    audit::verify(db, vault).await.unwrap().into_iter().flat_map(|report| report.faults).collect()
}

#[tokio::test]
async fn each_agency_reads_its_own_rows_newest_first() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (one, two) = (test.agency().await, test.agency().await);
    let user = test.person(Role::AgencyOwner, Some(one), None).await;
    write(&db, one, 3).await;
    write(&db, two, 1).await;
    let mut tx =
        TenantTx::begin(&db, Scope::Agency { user: Some(user), agency: one, reach: Reach::All, listed: vec![] })
            .await
            .unwrap();
    let act = Act::new("thing.refused", "thing").ended(Outcome::Denied, "no right");
    audit::within(
        audit::Context { request_id: Some("r1".into()), ip: Some([127, 0, 0, 1].into()), ..audit::Context::default() },
        audit::record(&mut tx, act),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    let mut tx = TenantTx::begin(&db, scope(one)).await.unwrap();
    let query = ListQuery { limit: 2, ..ListQuery::default() };
    let page = audit::list(&mut tx, &query).await.unwrap();
    assert_eq!(page.rows[0].action, "thing.refused");
    assert_eq!(page.rows[0].actor_name.as_deref(), Some("Agency owner"));
    assert_eq!(page.rows[0].request_id.as_deref(), Some("r1"));
    let rest = audit::list(&mut tx, &ListQuery { cursor: page.next.clone(), ..query }).await.unwrap();
    assert_eq!((page.rows.len(), rest.rows.len(), rest.next), (2, 2, None));
    let denied = audit::list(&mut tx, &ListQuery { view: "denied".into(), ..ListQuery::default() }).await.unwrap();
    assert_eq!(denied.rows.len(), 1);
}

#[tokio::test]
async fn everybody_who_may_act_in_an_agency_is_named_in_its_log_and_nobody_else() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (one, two) = (test.agency().await, test.agency().await);
    let (own, others) = (test.business(one).await, test.business(two).await);
    let names = async |agency: AgencyId, people: &[UserId]| {
        let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
        for person in people {
            audit::record(&mut tx, Act::new("thing.seen", "thing").by(Actor::Person, Some(person.0))).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut tx = TenantTx::begin(&db, scope(agency)).await.unwrap();
        let rows = audit::list(&mut tx, &ListQuery::default()).await.unwrap().rows;
        people
            .iter()
            .map(|person| rows.iter().find(|row| row.actor_id == Some(person.0)).and_then(|row| row.actor_name.clone()))
            .collect::<Vec<_>>()
    };
    let member = test.person(Role::AgencyStaff, Some(one), None).await;
    let client = test.person(Role::BusinessOwner, Some(one), Some(own)).await;
    let platform = test.person(Role::SuperAdmin, None, None).await;
    let stranger = test.person(Role::BusinessOwner, Some(two), Some(others)).await;
    let known = |role: Role| Some(role.label().to_owned());
    assert_eq!(
        names(one, &[member, client, platform, stranger]).await,
        [known(Role::AgencyStaff), known(Role::BusinessOwner), known(Role::SuperAdmin), None]
    );
    assert_eq!(names(two, &[client]).await, [None]);
}

#[tokio::test]
async fn every_way_of_changing_the_log_is_found() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Worker).await;
    let vault = Vault::start(&db, Keyring::parse(&KEY.to_owned().into()).unwrap()).await.unwrap();
    let (one, two) = (test.agency().await, test.agency().await);
    write(&db, one, 5).await;
    write(&db, two, 2).await;
    let waiting: i64 = audit::verify(&db, &vault).await.unwrap().iter().map(|report| report.waiting).sum();
    assert_eq!(waiting, 7);
    assert_eq!(audit::link_pending(&db).await.unwrap(), 7);
    assert_eq!(audit::link_pending(&db).await.unwrap(), 0);
    assert_eq!(audit::checkpoint(&db, &vault).await.unwrap().len(), 2);
    assert_eq!(faults(&db, &vault).await, Vec::<String>::new());

    let changes = [
        ("edited", "update audit_events set payload = '{\"n\": 99}' where object_id = '2'"),
        ("edited in a lesser column", "update audit_events set reason = 'because' where object_id = '1'"),
        ("deleted", "delete from audit_events where object_id = '3'"),
        ("cut off", "delete from audit_links where seq = (select max(seq) from audit_links)"),
        ("cut out", "delete from audit_links where seq = 1"),
        (
            "reordered",
            "update audit_links set seq = -seq; update audit_links set seq = case seq when -1 then 2 when -2 then 1 else -seq end",
        ),
        ("forged head", "update audit_checkpoints set signature = decode('00', 'hex')"),
        ("hash written anew", "update audit_links set hash = sha256(hash)"),
    ];
    for (name, sql) in changes {
        test.execute("create table keep_e as table audit_events; create table keep_l as table audit_links; create table keep_c as table audit_checkpoints").await;
        test.execute(sql).await;
        assert!(!faults(&db, &vault).await.is_empty(), "{name}");
        test.execute(
            "truncate audit_events, audit_links, audit_checkpoints; alter table audit_events disable trigger user;
             insert into audit_events select * from keep_e; insert into audit_links select * from keep_l; insert into audit_checkpoints select * from keep_c;
             alter table audit_events enable trigger user; drop table keep_e, keep_l, keep_c",
        )
        .await;
        assert_eq!(faults(&db, &vault).await, Vec::<String>::new(), "restored after {name}");
    }
}

#[tokio::test]
async fn nobody_changes_a_row_through_the_product() {
    let test = TestDb::new().await;
    let web = test.db(DbRole::Web).await;
    write(&web, test.agency().await, 1).await;
    let grants = sqlx::query_scalar!(
        r#"select count(*) as "n!" from information_schema.role_table_grants
           where table_name = 'audit_events' and grantee like 'app\_%' and grantee <> 'app_owner' and privilege_type in ('UPDATE', 'TRUNCATE')"#
    )
    .fetch_one(test.superuser())
    .await
    .unwrap();
    assert_eq!(grants, 0);
}
