//! To-dos: a page and the API tick and assign the same ones, with the same refusals; who may only read sees them without
//! a button.

use axum::http::{Method, StatusCode};
use domain::TodoId;
use domain::identity::{Reach, Role};
use domain::provisioning::{Summary, TodoItem};
use domain::todos::{Assignee, TodoKind};
use serde_json::{Value, json};
use store::{Scope, TenantTx};

use crate::helpers::{Answer, Tenant, TestApp};

const TODOS: &str = "/api/v1/todos";

/// An agency with two open to-dos of a job, its staff, and a token of its own.
struct World {
    app: TestApp,
    tenant: Tenant,
    staff: domain::UserId,
    cookie: String,
    token: String,
    open: Vec<TodoId>,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let staff = app.person(Role::AgencyStaff, &tenant).await;
        let cookie = app.sign_in(staff).await;
        let token = app.token(&tenant, &["todos"]).await;
        let todo = vec![
            TodoItem::new(TodoKind::PublishWorkflows, "Publish the workflows", "They are drafts."),
            TodoItem::new(TodoKind::SetPasswords, "Ask them to set a password", "HighLevel emails them."),
        ];
        let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
        store::todos::leave(&mut tx, tenant.job, &Summary { todo, ..Summary::default() }, false).await.unwrap();
        let left = store::todos::of_job(&mut tx, tenant.job).await.unwrap();
        tx.commit().await.unwrap();
        let open = left.iter().map(|one| one.id).collect();
        Self { app, tenant, staff, cookie, token, open }
    }

    async fn api(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        self.app.api(&self.token, method, path, body.to_string()).await
    }

    async fn form(&self, operation: &str, fields: &[(&str, &str)], cookie: &str) -> Answer {
        self.app.submit_in(self.tenant.agency, operation, fields, cookie).await
    }

    fn page(&self) -> String {
        format!("/a/{}/to-dos", self.tenant.agency)
    }
}

/// The fields of a form about a new open to-do of the tenant's job.
pub async fn form(app: &TestApp, tenant: &Tenant, user: domain::UserId) -> String {
    let about = uuid::Uuid::now_v7().to_string();
    let item = TodoItem::new(TodoKind::Other, "Look at it", "").about(about);
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    let left = Summary { todo: vec![item], ..Summary::default() };
    store::todos::leave(&mut tx, tenant.job, &left, false).await.unwrap();
    let all = store::todos::of_job(&mut tx, tenant.job).await.unwrap();
    tx.commit().await.unwrap();
    let open = all.iter().find(|one| one.done_at.is_none() && one.kind == TodoKind::Other).unwrap().id;
    format!("agency={}&id%5B%5D={open}&done=true&user={user}", tenant.agency)
}

#[tokio::test]
async fn a_form_and_the_api_tick_and_assign_the_same() {
    let world = World::new().await;
    let (id, staff) = (world.open[0].to_string(), world.staff.to_string());
    let path = format!("{TODOS}/{id}");
    let ticked = world.form("set_todos_done", &[("id[]", &id), ("done", "true")], &world.cookie).await;
    assert_eq!(ticked.status, StatusCode::OK, "{}", ticked.body);
    let (_, by_page) = world.api(Method::GET, &path, &Value::Null).await;
    assert_eq!((&by_page["done_by"], &by_page["checked"]), (&json!(staff), &json!(false)), "{by_page}");
    let (status, open) = world.api(Method::PUT, &path, &json!({ "done": false, "assigned_to": staff })).await;
    assert_eq!(
        (status, &open["done_at"], &open["assigned_to"]),
        (StatusCode::OK, &Value::Null, &json!(staff)),
        "{open}"
    );
    let nobody = world.form("assign_todos", &[("id[]", &id), ("user", "")], &world.cookie).await;
    assert_eq!(nobody.status, StatusCode::OK, "{}", nobody.body);
    let (_, open) = world.api(Method::GET, &path, &Value::Null).await;
    assert_eq!(open["assigned_to"], Value::Null);
    let (_, list) = world.api(Method::GET, TODOS, &Value::Null).await;
    assert_eq!(list["total"], 2, "{list}");
}

#[tokio::test]
async fn a_form_and_the_api_refuse_in_the_same_words() {
    let world = World::new().await;
    let (id, stranger) =
        (world.open[0].to_string(), world.app.person(Role::AgencyStaff, &world.app.tenant().await).await);
    let stranger = stranger.to_string();
    let page = world.form("assign_todos", &[("id[]", &id), ("user", &stranger)], &world.cookie).await;
    let body = json!({ "done": false, "assigned_to": stranger });
    let (status, problem) = world.api(Method::PUT, &format!("{TODOS}/{id}"), &body).await;
    assert_eq!([page.status, status], [StatusCode::UNPROCESSABLE_ENTITY; 2], "{} {problem}", page.body);
    assert!(page.body.contains(problem["errors"][0]["detail"].as_str().unwrap()), "{} {problem}", page.body);
    let unknown = world.tenant.agency.to_string();
    let page = world.form("set_todos_done", &[("id[]", &unknown), ("done", "true")], &world.cookie).await;
    let (status, _) = world.api(Method::PUT, &format!("{TODOS}/{unknown}"), &json!({ "done": true })).await;
    assert_eq!([page.status, status], [StatusCode::NOT_FOUND; 2]);
    let none = world.form("set_todos_done", &[("done", "true")], &world.cookie).await;
    assert!(none.body.contains("Select at least one to-do first."), "{}", none.body);
}

#[tokio::test]
async fn the_page_lists_what_is_open_and_whoever_may_only_read_gets_no_button() {
    let world = World::new().await;
    let page = world.app.browse(&world.page(), Some(&world.cookie)).await;
    assert!(page.body.contains("Publish the workflows") && page.body.contains("/do/set_todos_done"), "{}", page.body);
    let support = world.app.sign_in(world.app.person(Role::Support, &world.tenant).await).await;
    let page = world.app.browse(&world.page(), Some(&support)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Publish the workflows") && !page.body.contains("/do/set_todos_done"));
    let id = world.open[0].to_string();
    let refused = world.form("set_todos_done", &[("id[]", &id), ("done", "true")], &support).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    for id in &world.open {
        world.form("set_todos_done", &[("id[]", &id.to_string()), ("done", "true")], &world.cookie).await;
    }
    let page = world.app.browse(&world.page(), Some(&world.cookie)).await;
    assert!(page.body.contains("All clear."), "{}", page.body);
    let done = world.app.browse(&format!("{}?view=done", world.page()), Some(&world.cookie)).await;
    assert!(done.body.contains("Publish the workflows") && done.body.contains("Done by"), "{}", done.body);
}

#[tokio::test]
async fn home_is_clear_only_when_nothing_is_left() {
    let world = World::new().await;
    let home = format!("/a/{}", world.tenant.agency);
    world.app.base.execute("insert into integrations (agency_id, type, is_active, platform_id, connected_at, last_ok_at) select id, 'GOHIGHLEVEL', true, 'C1', now(), now() from agencies").await;
    let page = world.app.browse(&home, Some(&world.cookie)).await;
    assert!(page.body.contains("Publish the workflows") && !page.body.contains("All clear."), "{}", page.body);
}

#[tokio::test]
async fn a_clients_page_shows_what_is_left_for_it() {
    let world = World::new().await;
    let client = format!("/a/{}/clients/{}", world.tenant.agency, world.tenant.business);
    let page = world.app.browse(&client, Some(&world.cookie)).await;
    assert!(page.status == StatusCode::OK && !page.body.contains("Publish the workflows"), "{}", page.body);
    let of_client =
        "update todos t set sub_account_id = (select b.id from sub_accounts b where b.agency_id = t.agency_id limit 1)";
    world.app.base.execute(of_client).await;
    let page = world.app.browse(&client, Some(&world.cookie)).await;
    assert!(page.body.contains("Publish the workflows") && page.body.contains("/do/set_todos_done"), "{}", page.body);
    let list = format!("{}?client={}", world.page(), world.tenant.business);
    let page = world.app.browse(&list, Some(&world.cookie)).await;
    assert!(page.body.contains("Publish the workflows"), "{}", page.body);
}

/// A to-do that is left to the people of the tenant's business.
pub async fn own(app: &TestApp, tenant: &Tenant) -> TodoId {
    let about = uuid::Uuid::now_v7().to_string();
    let item =
        TodoItem::new(TodoKind::SetPasswords, "Set your password <in> HighLevel", "You got a mail.").about(about);
    let scope = Scope::Agency { user: None, agency: tenant.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, scope.clone()).await.unwrap();
    let left = Summary { todo: vec![item], ..Summary::default() };
    store::todos::leave(&mut tx, tenant.job, &left, false).await.unwrap();
    let all = store::todos::of_job(&mut tx, tenant.job).await.unwrap();
    tx.commit().await.unwrap();
    app.base
        .execute("update todos t set sub_account_id = (select b.id from sub_accounts b where b.agency_id = t.agency_id order by b.created_at, b.id limit 1)")
        .await;
    let id = all.iter().find(|one| one.done_at.is_none() && one.kind == TodoKind::SetPasswords).unwrap().id;
    let mut tx = TenantTx::begin(&app.db, scope).await.unwrap();
    store::todos::assign(&mut tx, id, Assignee::Owner).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn the_people_of_a_business_tick_what_is_left_to_them_and_the_agency_sees_who_did() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let id = own(&app, &tenant).await.to_string();
    let home = format!("/b/{}", tenant.business);
    let form = |done: &str| {
        let fields = [("business", tenant.business.to_string()), ("todo", id.clone()), ("done", done.to_owned())];
        serde_urlencoded::to_string(fields).unwrap()
    };
    for role in [Role::BusinessOwner, Role::TeamMember] {
        let person = app.person(role, &tenant).await;
        let cookie = app.sign_in(person).await;
        let page = app.browse(&home, Some(&cookie)).await.body;
        assert!(
            page.contains("Set your password &lt;in&gt; HighLevel") && page.contains("/do/set_own_todo_done"),
            "{page}"
        );
        assert!(!page.contains("/do/set_todos_done"), "the agency's form is not theirs");
        let agencys = format!("agency={}&id%5B%5D={id}&done=true", tenant.agency);
        assert_ne!(app.submit("set_todos_done", &agencys, Some(&cookie)).await.status, StatusCode::OK);
        let done = app.submit("set_own_todo_done", &form("true"), Some(&cookie)).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        assert_eq!(app.audited(person, "todo.done", "ok").await, 1);
        assert!(app.browse(&home, Some(&cookie)).await.body.contains("Done by"));
        assert_eq!(app.submit("set_own_todo_done", &form("false"), Some(&cookie)).await.status, StatusCode::OK);
    }
    let staff = app.sign_in(app.person(Role::AgencyAdmin, &tenant).await).await;
    let list = format!("/a/{}/to-dos", tenant.agency);
    assert!(app.browse(&list, Some(&staff)).await.body.contains("The owner"));
    app.base.execute("update users set name = 'Ana Lee'").await;
    let ana = app.sign_in(app.person(Role::BusinessOwner, &tenant).await).await;
    app.base.execute("update users set name = 'Ana Lee'").await;
    assert_eq!(app.submit("set_own_todo_done", &form("true"), Some(&ana)).await.status, StatusCode::OK);
    let done = app.browse(&format!("{list}?view=done"), Some(&staff)).await.body;
    assert!(done.contains("Done by Ana Lee"), "{done}");
}

#[tokio::test]
async fn a_to_do_of_the_agency_is_none_of_its_clients() {
    let world = World::new().await;
    world
        .app
        .base
        .execute("update todos t set sub_account_id = (select b.id from sub_accounts b where b.agency_id = t.agency_id limit 1)")
        .await;
    let owner = world.app.sign_in(world.app.person(Role::BusinessOwner, &world.tenant).await).await;
    let page = world.app.browse(&format!("/b/{}", world.tenant.business), Some(&owner)).await.body;
    assert!(!page.contains("Publish the workflows") && !page.contains("Your to-dos"), "{page}");
    let form = format!("business={}&todo={}&done=true", world.tenant.business, world.open[0]);
    let refused = world.app.submit("set_own_todo_done", &form, Some(&owner)).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.body);
}

#[tokio::test]
async fn a_to_do_is_left_to_the_client_by_page_and_by_program() {
    let world = World::new().await;
    let (id, path) = (world.open[0].to_string(), format!("{TODOS}/{}", world.open[0]));
    let refused = world.form("assign_todos", &[("id[]", &id), ("user", "owner")], &world.cookie).await;
    assert!(refused.body.contains("No client's owner"), "its job made none: {}", refused.body);
    world
        .app
        .base
        .execute("update todos t set sub_account_id = (select b.id from sub_accounts b where b.agency_id = t.agency_id limit 1)")
        .await;
    let given = world.form("assign_todos", &[("id[]", &id), ("user", "owner")], &world.cookie).await;
    assert_eq!(given.status, StatusCode::OK, "{}", given.body);
    let (_, todo) = world.api(Method::GET, &path, &Value::Null).await;
    assert_eq!((&todo["for_owner"], &todo["assigned_to"]), (&json!(true), &Value::Null), "{todo}");
    let staff = world.staff.to_string();
    let (_, todo) = world.api(Method::PUT, &path, &json!({ "done": false, "assigned_to": staff })).await;
    assert_eq!((&todo["for_owner"], &todo["assigned_to"]), (&json!(false), &json!(staff)), "{todo}");
    let (_, todo) = world.api(Method::PUT, &path, &json!({ "done": false, "for_owner": true })).await;
    assert_eq!((&todo["for_owner"], &todo["assigned_to"]), (&json!(true), &Value::Null), "{todo}");
}
