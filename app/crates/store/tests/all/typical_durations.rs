//! How long jobs usually take is said only once there are five jobs to judge by.
#![expect(clippy::disallowed_methods, reason = "a past job ended at some time")]

use chrono::{Duration, Utc};
use domain::identity::Reach;
use domain::provisioning::Typical;
use domain::{AgencyId, BusinessId};
use store::provisioning::history::{PastEnd, PastJob, add};
use store::tenant::{Scope, TenantTx};
use store::testing::TestDb;
use store::{Db, DbRole};

use crate::orders::order;

async fn past(db: &Db, agency: AgencyId, business: BusinessId, number: i64) {
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(db, scope).await.unwrap();
    let made = store::businesses::get(&mut tx, business).await.unwrap();
    let job = PastJob {
        order: order(&made.name, &format!("owner{number}@bay.test")),
        end: PastEnd::Created(Box::new(made)),
        began: Utc::now() - Duration::days(number),
        took: Duration::seconds(20 + number),
        key: format!("past-{number}"),
    };
    add(&mut tx, &job).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn four_jobs_say_nothing_and_five_do() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Worker).await, test.agency().await);
    for number in 1..=5 {
        past(&db, agency, test.business(agency).await, number).await;
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&db, scope).await.unwrap();
        let one = store::provisioning::typical(&mut tx, false).await.unwrap();
        let (with, without) = store::provisioning::typicals(&mut tx).await.unwrap();
        assert_eq!(one.p50.is_some(), number == 5, "after {number} jobs");
        assert_eq!((with, without), (Typical::default(), one), "after {number} jobs");
    }
}
