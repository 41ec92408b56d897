//! Is a call asked about, decided and taken once, counted within its budget, and hashed into a chain that shows what was changed?
#![expect(clippy::disallowed_methods, reason = "rows are changed in words the macro cannot check")]

mod approvals;
mod budgets;
mod calls;
mod erased;
mod policies;
mod reads;
mod told;

use chrono::{DateTime, Utc};
use domain::identity::{Reach, Role};
use domain::tools::Policy;
use domain::{AgencyId, ApiTokenId, BusinessId, ToolApprovalId, ToolCallId, UserId};
use serde_json::json;
use store::api_tokens::NewToken;
use store::testing::TestDb;
use store::tools::approvals::{self as asked, NewApproval};
use store::tools::calls::{self as called, NewCall};
use store::{Db, DbRole, Scope, TenantTx, new_id};

/// Two businesses of an agency, two people who may decide, and a token.
struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
    business: BusinessId,
    other: BusinessId,
    people: [UserId; 2],
    token: ApiTokenId,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
        let (business, other) = (test.business(agency).await, test.business(agency).await);
        let owner = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        let staff = test.person(Role::AgencyStaff, Some(agency), None).await;
        let mut world = Self { test, db, agency, business, other, people: [owner, staff], token: new_id() };
        let mut tx = world.tx().await;
        let new = NewToken { name: "Claude".to_owned(), scopes: vec!["tools".to_owned()], expires_at: None };
        world.token = store::api_tokens::add(&mut tx, &new).await.unwrap().0;
        tx.commit().await.unwrap();
        world
    }

    /// A transaction of the business.
    async fn tx(&self) -> TenantTx {
        self.begin(self.business).await
    }

    /// A transaction of the other business.
    async fn elsewhere(&self) -> TenantTx {
        self.begin(self.other).await
    }

    async fn begin(&self, business: BusinessId) -> TenantTx {
        let (agency, listed) = (self.agency, vec![business]);
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::Listed, listed };
        TenantTx::begin(&self.db, scope).await.unwrap()
    }

    /// Asks about a call whose hash begins with this byte.
    async fn ask(&self, byte: u8, now: DateTime<Utc>) -> (ToolApprovalId, bool) {
        let mut tx = self.tx().await;
        let new = NewApproval {
            token: self.token,
            token_name: "Claude",
            tool: "contacts_delete",
            arguments: &json!({ "id": byte }),
            hash: &[byte; 32],
            shown: "Delete a contact:\n- Ana Lee",
            now,
        };
        let asked = asked::ask(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        asked
    }

    /// Notes a call that begins.
    async fn call(&self, tx: &mut TenantTx, hash: u8) -> ToolCallId {
        let new = NewCall {
            token: self.token,
            token_name: "Claude",
            tool: "contacts_list",
            effect: "read",
            arguments: &json!({ "q": "ana" }),
            hash: &[hash; 32],
            policy: Policy::Allow,
            approval: None,
        };
        called::begin(tx, &new).await.unwrap()
    }

    async fn number(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.test.superuser()).await.unwrap()
    }
}
