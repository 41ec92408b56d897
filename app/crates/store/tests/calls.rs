//! Is every call to a provider stored with the tenant that it belongs to?
#![cfg(feature = "testing")]
#![expect(clippy::disallowed_methods, reason = "a call happened at some time")]

use chrono::Utc;
use domain::identity::Reach;
use domain::page::ListQuery;
use domain::{AgencyId, BusinessId};
use store::api_calls::{self, NewCall};
use store::testing::TestDb;
use store::{DbRole, Scope, TenantTx};

fn call(agency: AgencyId, business: Option<BusinessId>, outcome: &str) -> NewCall {
    NewCall {
        at: Utc::now(),
        agency,
        business,
        integration: None,
        job: None,
        provider: "ghl".into(),
        method: "POST".into(),
        endpoint: "/locations/".repeat(40),
        status: Some(201),
        outcome: outcome.into(),
        ms: 12,
        request_id: None,
        quota_left: Some(99),
        trace: None,
    }
}

#[tokio::test]
async fn a_batch_of_many_tenants_lands_with_each() {
    let test = TestDb::new().await;
    let db = test.db(DbRole::Web).await;
    let (one, two) = (test.agency().await, test.agency().await);
    let business = test.business(one).await;
    let batch =
        [call(one, None, "ok"), call(two, None, "ok"), call(one, Some(business), "limited"), call(one, None, "ok")];
    api_calls::add_many(&db, &batch).await.unwrap();
    let mut tx = TenantTx::begin(&db, Scope::Agency { user: None, agency: one, reach: Reach::All, listed: vec![] })
        .await
        .unwrap();
    let all = api_calls::list(&mut tx, &ListQuery { limit: 2, ..ListQuery::default() }).await.unwrap();
    let rest = api_calls::list(&mut tx, &ListQuery { cursor: all.next.clone(), ..ListQuery::default() }).await.unwrap();
    assert_eq!((all.rows.len(), rest.rows.len()), (2, 1));
    assert_eq!(all.rows[0].endpoint.chars().count(), 200, "a long route is cut, not lost");
    let limited =
        api_calls::list(&mut tx, &ListQuery { view: "limited".into(), ..ListQuery::default() }).await.unwrap();
    assert_eq!(limited.rows.len(), 1);
}
