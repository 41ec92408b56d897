//! What does the owner of a client decide about its AI agents, which tool servers of its agency may these use, and what became
//! of their calls?

use std::collections::BTreeMap;

use domain::identity::Reach;
use domain::page::ListQuery;
use domain::tool_servers::{FoundTool, NewToolCommand, NewToolServer};
use domain::tools::{Outcome, Policy};
use domain::{ApiTokenId, ToolServerId, UserId};
use operations::BusinessActor;
use operations::tools::{Caller, policy};
use store::DbRole;
use store::tenant::{PlatformTx, Scope, TenantTx};

use crate::helpers::{Tenant, TestApp};

/// The tenant's agency.
pub fn of_agency(tenant: &Tenant) -> Scope {
    Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() }
}

/// A transaction in the tenant's business.
pub async fn tx(app: &TestApp, tenant: &Tenant) -> TenantTx {
    TenantTx::begin(&app.db, Scope::Business { user: None, business: tenant.business }).await.unwrap()
}

/// A person, as whoever decides for the tenant's business.
pub async fn actor(app: &TestApp, tenant: &Tenant, user: UserId) -> BusinessActor {
    let person = store::identity::caller(&app.db, user).await.unwrap().unwrap();
    let place = domain::access::businesses(&person, &tenant.business.to_string()).pop().unwrap();
    BusinessActor::new(app.db.clone(), user, place)
}

/// The newest token of the tenant's business.
pub async fn token(app: &TestApp, tenant: &Tenant) -> ApiTokenId {
    store::api_tokens::list(&mut tx(app, tenant).await).await.unwrap()[0].id
}

/// Who calls with the newest token of the tenant's business.
pub async fn caller(app: &TestApp, tenant: &Tenant) -> Caller {
    let token = token(app, tenant).await;
    Caller { token, business: tenant.business, agency: tenant.agency, name: String::new() }
}

/// The owner lets the newest token of the tenant's business call the tool without a question.
pub async fn allow(app: &TestApp, tenant: &Tenant, owner: UserId, tool: &str) {
    let (actor, token) = (actor(app, tenant, owner).await, token(app, tenant).await);
    policy::save(&actor, token, &BTreeMap::from([(tool.to_owned(), Policy::Allow)])).await.unwrap();
}

/// What became of the calls of the tenant's agents, the newest first.
pub async fn outcomes(app: &TestApp, tenant: &Tenant) -> Vec<Outcome> {
    let page = store::tools::calls::list(&mut tx(app, tenant).await, &ListQuery::default()).await.unwrap();
    page.rows.into_iter().map(|line| line.outcome).collect()
}

/// A shell that the platform allows under a name, as the tool server that agencies set up.
pub async fn shell(app: &TestApp, name: &str, arguments: Vec<String>) -> NewToolServer {
    let new = NewToolCommand { name: name.to_owned(), program: "/bin/sh".to_owned(), arguments };
    let mut tx = PlatformTx::begin(&app.db, None).await.unwrap();
    let command = store::tool_servers::allow(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    NewToolServer { prefix: "demo".to_owned(), command, business: None }
}

/// The tenant's agency sets up a server.
pub async fn add(app: &TestApp, tenant: &Tenant, new: &NewToolServer) -> ToolServerId {
    let mut tx = TenantTx::begin(&app.db, of_agency(tenant)).await.unwrap();
    let id = store::tool_servers::add(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A server with this prefix was asked and listed these tools.
pub async fn listed(app: &TestApp, tenant: &Tenant, (server, prefix): (ToolServerId, &str), found: Vec<FoundTool>) {
    let listed = operations::tool_servers::sorted(prefix, found);
    let mut tx = TenantTx::begin(&app.base.db(DbRole::Worker).await, of_agency(tenant)).await.unwrap();
    store::tool_servers::probed(&mut tx, server, &Ok(listed)).await.unwrap();
    tx.commit().await.unwrap();
}
