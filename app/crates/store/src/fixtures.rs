//! Helpers that the tests of several files share: scopes, a token pair.

use chrono::{DateTime, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::{AgencyId, BusinessId, IntegrationId, UserId};

use crate::credentials::NewSecret;
use crate::integrations::{self, NewConnection};
use crate::testing::TestDb;
pub use crate::testing::vault;
use crate::{Db, Scope, TenantTx};

pub fn agency(agency: AgencyId) -> Scope {
    Scope::Agency { user: None, agency, reach: Reach::All, listed: vec![] }
}

pub fn person(agency: AgencyId, user: UserId) -> Scope {
    Scope::Agency { user: Some(user), agency, reach: Reach::All, listed: vec![] }
}

pub fn client(agency: AgencyId, business: BusinessId) -> Scope {
    Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: vec![] }
}

pub async fn begin(db: &Db, scope: Scope) -> TenantTx {
    TenantTx::begin(db, scope).await.expect("begins")
}

pub fn pair(name: &str) -> NewSecret {
    NewSecret {
        kind: CredentialKind::OauthCompany,
        access: format!("access-{name}").into(),
        refresh: Some(format!("refresh-{name}").into()),
        scopes: vec!["locations.readonly".into()],
        expires_at: Some(far()),
        refresh_expires_at: Some(far()),
    }
}

pub fn company(platform_id: &str) -> NewConnection<'_> {
    NewConnection { kind: Kind::Gohighlevel, platform_id, name: Some("Harbor"), parent: None }
}

/// A time so far in the future that no test reaches it.
pub fn far() -> DateTime<Utc> {
    DateTime::from_timestamp(4_102_444_800, 0).expect("the year 2100")
}

/// Connects a HighLevel company to an agency.
pub async fn connected(db: &Db, id: AgencyId) -> IntegrationId {
    let mut tx = begin(db, agency(id)).await;
    let name = id.to_string();
    let (integration, _) = integrations::upsert(&mut tx, &company(&name)).await.expect("connects");
    tx.commit().await.expect("commits");
    integration
}

/// Number of audit rows with this action and object.
pub async fn audited(test: &TestDb, action: &str, object: impl ToString) -> i64 {
    let object = object.to_string();
    sqlx::query_scalar!(
        r#"select count(*) as "n!" from audit_events where action = $1 and object_id = $2"#,
        action,
        object
    )
    .fetch_one(test.superuser())
    .await
    .expect("counts")
}
