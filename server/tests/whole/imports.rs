//! Importing sub-accounts: the page and the API run the same operations and refuse in the same words; who lacks the
//! right sees nothing of the list.

use axum::http::{Method, StatusCode};
use domain::AgencyId;
use domain::identity::{Reach, Role};
use serde_json::{Value, json};
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Answer, Tenant, TestApp};

const LIST: &str = "/api/v1/sub-accounts/importable";
const IMPORT: &str = "/api/v1/sub-accounts/import";

/// Connects a company to an agency: the one that it works with, if there is one. Returns its id at HighLevel.
pub async fn connected(app: &TestApp, agency: AgencyId) -> String {
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let known = store::integrations::company(&mut tx).await.unwrap();
    let id = known.map_or_else(|| format!("C{}", agency.0.simple()), |known| known.platform_id);
    let new = store::integrations::NewConnection {
        kind: domain::integration::Kind::Gohighlevel,
        platform_id: &id,
        name: Some("Harbor"),
        parent: None,
    };
    store::integrations::upsert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Connects a company to an agency, with one sub-account in its list.
pub async fn listed(app: &TestApp, agency: AgencyId, location: &str, name: &str) {
    let company = connected(app, agency).await;
    let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let details = domain::business::Details { email: Some("owner@bay.example".to_owned()), ..Default::default() };
    let seen = domain::imports::SeenLocation::read(location, name, &details).unwrap();
    store::imports::put(&mut tx, &company, &[seen]).await.unwrap();
    tx.commit().await.unwrap();
}

/// An agency with its owner, and a token of its own.
struct World {
    app: TestApp,
    tenant: Tenant,
    owner: String,
    token: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        let token = app.token(&tenant, &["imports"]).await;
        Self { app, tenant, owner, token }
    }

    async fn api(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        self.app.api(&self.token, method, path, body.to_string()).await
    }

    async fn form(&self, fields: &[(&str, &str)], cookie: &str) -> Answer {
        self.app.submit_in(self.tenant.agency, "import_locations", fields, cookie).await
    }

    fn page(&self) -> String {
        format!("/a/{}/clients/import", self.tenant.agency)
    }
}

#[tokio::test]
async fn a_page_and_the_api_import_and_refuse_alike() {
    let world = World::new().await;
    let (status, problem) = world.api(Method::POST, IMPORT, &json!({ "locations": ["7L1"] })).await;
    assert_eq!(status, StatusCode::CONFLICT, "{problem}");
    assert!(problem["detail"].as_str().unwrap().contains("not connected"), "{problem}");
    let refused = world.form(&[("id[]", "7L1")], &world.owner).await;
    assert!(refused.status == StatusCode::CONFLICT && refused.body.contains("not connected"), "{}", refused.body);

    listed(&world.app, world.tenant.agency, "7L1", "Bay Dental").await;
    let (_, list) = world.api(Method::GET, LIST, &Value::Null).await;
    assert_eq!((&list["rows"][0]["name"], &list["rows"][0]["status"]), (&json!("Bay Dental"), &json!("new")));
    let (status, problem) = world.api(Method::POST, IMPORT, &json!({})).await;
    assert_eq!((status, &problem["errors"][0]["pointer"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("/locations")));
    let none = world.form(&[], &world.owner).await;
    assert!(none.status == StatusCode::CONFLICT && none.body.contains("Select at least one"), "{}", none.body);
    // Ids may begin with a digit; the form names its fields so that they are understood.
    let page = world.app.browse(&world.page(), Some(&world.owner)).await.body;
    let mut names = page.split("name=\"").filter_map(|rest| rest.split_once('"')).map(|(name, _)| name);
    let field = names.find(|name| name.starts_with("email[")).unwrap();
    let wrong = world.form(&[("id[]", "7L1"), (field, "nobody")], &world.owner).await;
    assert!(wrong.status == StatusCode::CONFLICT && wrong.body.contains("Enter an address"), "{}", wrong.body);

    let done = world.form(&[("id[]", "7L1"), (field, "ana@bay.example"), ("email[of-8L2]", "x")], &world.owner).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    let (status, progress) = world.api(Method::GET, IMPORT, &Value::Null).await;
    assert_eq!((status, &progress["total"], &progress["ended_at"]), (StatusCode::OK, &json!(1), &Value::Null));
    let (status, again) = world.api(Method::POST, IMPORT, &json!({ "locations": ["7L1"] })).await;
    assert_eq!(status, StatusCode::CONFLICT, "it waits already: {again}");
    let page = world.app.browse(&world.page(), Some(&world.owner)).await;
    assert!(page.body.contains("0 of 1 imported"), "{}", page.body);
}

#[tokio::test]
async fn a_program_imports_all_of_them() {
    let world = World::new().await;
    listed(&world.app, world.tenant.agency, "L1", "Bay Dental").await;
    let (status, progress) = world.api(Method::POST, IMPORT, &json!({ "all": true })).await;
    assert_eq!((status, &progress["total"]), (StatusCode::ACCEPTED, &json!(1)), "{progress}");
    let (_, list) = world.api(Method::GET, LIST, &Value::Null).await;
    assert_eq!(list["rows"][0]["status"], json!("waiting"));
}

#[tokio::test]
async fn staff_and_other_agencies_see_nothing_of_the_list() {
    let world = World::new().await;
    listed(&world.app, world.tenant.agency, "L1", "Bay Dental").await;
    let staff = world.app.sign_in(world.app.person(Role::AgencyStaff, &world.tenant).await).await;
    let page = world.app.browse(&world.page(), Some(&staff)).await;
    assert!(page.status == StatusCode::FORBIDDEN && !page.body.contains("Bay Dental"), "{}", page.body);
    assert_eq!(world.form(&[("id[]", "L1")], &staff).await.status, StatusCode::FORBIDDEN);
    let other = world.app.tenant().await;
    let stranger = world.app.sign_in(world.app.person(Role::AgencyOwner, &other).await).await;
    assert_eq!(world.app.browse(&world.page(), Some(&stranger)).await.status, StatusCode::NOT_FOUND);
    let token = world.app.token(&other, &["imports"]).await;
    let strangers = World { token, ..world };
    let (_, list) = strangers.api(Method::GET, LIST, &Value::Null).await;
    assert_eq!(list["rows"], json!([]));
}

#[tokio::test]
async fn an_owner_is_invited_and_a_colleague_is_not() {
    let world = World::new().await;
    listed(&world.app, world.tenant.agency, "L1", "Bay Dental").await;
    let colleague = world.app.person(Role::AgencyAdmin, &world.tenant).await;
    let mut tx = store::tenant::PlatformTx::begin(&world.app.db, None).await.unwrap();
    let email = store::identity::get(&mut tx, colleague).await.unwrap().email;
    drop(tx);
    let fields = [("id[]", "L1"), ("invite[]", "L1"), ("email[L1]", email.as_str())];
    let refused = world.form(&fields, &world.owner).await;
    assert!(refused.body.contains("your own team"), "{}: {}", refused.status, refused.body);
    let fields = [("id[]", "L1"), ("invite[]", "L1"), ("email[L1]", "ana@bay.example")];
    assert_eq!(world.form(&fields, &world.owner).await.status, StatusCode::OK);
}
