//! Is every call to a provider stored with the tenant that it belongs to?
#![expect(clippy::disallowed_methods, reason = "a call happened at some time")]

use chrono::Utc;
use domain::identity::Reach;
use domain::page::ListQuery;
use domain::work::Provider;
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

/// What people are told of HighLevel is not about another provider that fails.
#[tokio::test]
async fn the_calls_of_lately_are_those_to_one_provider() {
    let test = TestDb::new().await;
    let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
    let other = |outcome| NewCall { provider: "other".into(), ..call(agency, None, outcome) };
    let ours = [call(agency, None, "ok"), call(agency, None, "failed"), call(agency, None, "held")];
    let batch = [ours.to_vec(), vec![other("held"); 5], vec![other("unclear"); 30]].concat();
    api_calls::add_many(&db, &batch).await.unwrap();
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] };
    let mut tx = TenantTx::begin(&db, scope).await.unwrap();
    let lately = api_calls::lately(&mut tx, Provider::HighLevel).await.unwrap();
    assert_eq!((lately.calls, lately.failed, lately.held), (2, 1, 1));
}
