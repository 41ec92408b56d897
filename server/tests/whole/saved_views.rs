//! Saved views of lists: they stand in the menu of their list, whoever may not share saves for themselves alone, and
//! nobody changes what belongs to somebody else.

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use domain::saved_view::SavedView;
use domain::{AgencyId, UserId};
use store::tenant::{Scope, TenantTx};

use crate::helpers::{Answer, Tenant, TestApp};

/// The form of an operation on a view that this person saved.
pub async fn form(app: &TestApp, agency: AgencyId, user: UserId) -> String {
    let scope = Scope::Agency { user: Some(user), agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let jobs = store::saved_views::list_of("jobs").unwrap();
    let id = store::saved_views::save(&mut tx, jobs, "Failed", "view=failed", false).await.unwrap();
    tx.commit().await.unwrap();
    format!("agency={agency}&id={id}&name=Failed+this+week")
}

struct World {
    app: TestApp,
    tenant: Tenant,
    admin: String,
    staff: String,
    admin_id: UserId,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let admin_id = app.person(Role::AgencyAdmin, &tenant).await;
        let admin = app.sign_in(admin_id).await;
        let staff = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
        Self { app, tenant, admin, staff, admin_id }
    }

    async fn form(&self, operation: &str, fields: &[(&str, &str)], cookie: &str) -> Answer {
        self.app.submit_in(self.tenant.agency, operation, fields, cookie).await
    }

    async fn page(&self, cookie: &str, query: &str) -> String {
        let path = format!("/a/{}/provisioning{query}", self.tenant.agency);
        let answer = self.app.browse(&path, Some(cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body
    }

    /// The views that the admin sees.
    async fn views(&self) -> Vec<SavedView> {
        let agency = self.tenant.agency;
        let scope = Scope::Agency { user: Some(self.admin_id), agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.app.db, scope).await.unwrap();
        store::saved_views::list(&mut tx, store::saved_views::list_of("jobs").unwrap()).await.unwrap()
    }
}

#[tokio::test]
async fn a_view_is_saved_from_its_list_and_stands_in_its_menu() {
    let world = World::new().await;
    let plain = world.page(&world.admin, "").await;
    assert!(!plain.contains("/do/save_view"), "a plain list has nothing to save");
    let filtered = world.page(&world.admin, "?view=failed&sort=client&cursor=abc&at=50").await;
    assert!(filtered.contains("/do/save_view"));
    let fields = [("list", "jobs"), ("name", " Late  jobs "), ("query", "view=failed&sort=client&cursor=abc")];
    let saved = world.form("save_view", &fields, &world.admin).await;
    assert!(saved.status.is_success(), "{}", saved.body);
    let view = world.views().await.remove(0);
    assert_eq!(
        (view.name.as_str(), view.query.as_str(), view.is_shared),
        ("Late jobs", "sort=client&view=failed", false)
    );
    let open = world.page(&world.admin, "?view=failed&sort=client").await;
    assert!(open.contains("Late jobs") && open.contains("/do/rename_view"));
    assert!(!world.page(&world.staff, "").await.contains("Late jobs"), "it is not shared");
    for (list, name, query) in
        [("nothing", "X", "view=failed"), ("people", "X", "q=a"), ("jobs", " ", "q=a"), ("jobs", "X", "stage.is=x")]
    {
        let refused = world.form("save_view", &[("list", list), ("name", name), ("query", query)], &world.admin).await;
        assert!(refused.status.is_client_error(), "{list} {name} {query}: {}", refused.status);
    }
    assert_eq!(world.views().await.len(), 1);
}

#[tokio::test]
async fn only_whoever_may_share_shares_and_changes_what_others_share() {
    let world = World::new().await;
    let fields = [("list", "jobs"), ("name", "Mine"), ("query", "view=done"), ("shared", "on")];
    let refused = world.form("save_view", &fields, &world.staff).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    let own = world.form("save_view", &fields[..3], &world.staff).await;
    assert!(own.status.is_success(), "{}", own.body);
    assert!(world.views().await.is_empty(), "the admin does not see what only another person saved");

    let fields = [("list", "jobs"), ("name", "Ours"), ("query", "view=failed"), ("shared", "on")];
    assert!(world.form("save_view", &fields, &world.admin).await.status.is_success());
    let id = world.views().await.remove(0).id.to_string();
    let seen = world.page(&world.staff, "").await;
    assert!(seen.contains("Ours") && seen.contains("Shared"));
    for (operation, name) in [("rename_view", "Theirs"), ("remove_view", "")] {
        let refused = world.form(operation, &[("id", &id), ("name", name)], &world.staff).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{operation}: {}", refused.body);
    }
    let other = world.app.tenant().await;
    let stranger = world.app.sign_in(world.app.person(Role::AgencyAdmin, &other).await).await;
    let form = format!("agency={}&id={id}", other.agency);
    let refused = world.app.submit("remove_view", &form, Some(&stranger)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "another agency's view does not exist");
    let removed = world.form("remove_view", &[("id", &id)], &world.admin).await;
    assert!(removed.status.is_success(), "{}", removed.body);
    assert_eq!(world.app.audited_object(&id, "saved_view.removed").await, 1);
}
