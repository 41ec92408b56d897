//! What people are told by mail: once, and never what they saw, in quiet hours, or after they said no. The page and the
//! API show and mark the same.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use chrono::{Timelike, Utc};
use domain::UserId;
use domain::identity::{AgencyRole, Reach, Role};
use domain::notifications::{Channel, Choices, Kind, Quiet};
use serde_json::Value;
use store::notifications::{self, Event};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

use crate::helpers::{Answer, Tenant, TestApp};

const FORGET: &str =
    "delete from work_ready; delete from work_scheduled; delete from work_leases; delete from notifications;
    delete from one_time_tokens where purpose = 'unsubscribe'; update users set settings_json = '{}'";

struct World {
    app: TestApp,
    tenant: Tenant,
    staff: UserId,
    cookie: String,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let staff = app.person(Role::AgencyStaff, &tenant).await;
        let cookie = app.sign_in(staff).await;
        Self { app, tenant, staff, cookie }
    }

    async fn forget(&self) {
        self.app.base.execute(FORGET).await;
        let _ = std::fs::remove_dir_all(&self.app.mails);
    }

    /// A to-do is given to the staff member.
    async fn given(&self, what: &str) {
        self.happens(Kind::TodoAssigned, what, Some(Uuid::now_v7())).await;
    }

    async fn happens(&self, kind: Kind, what: &str, subject: Option<Uuid>) {
        let scope = Scope::Agency { user: None, agency: self.tenant.agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.app.db, scope).await.unwrap();
        let (key, to) = (format!("{kind}:{what}"), Some(self.staff));
        let event = Event { kind, key, subject, business: None, to, title: what, detail: "" };
        notifications::tell(&mut tx, &event).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The staff member is for all clients, or for those assigned to them.
    async fn reach(&self, reach: Reach) {
        let scope = Scope::Agency { user: None, agency: self.tenant.agency, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&self.app.db, scope).await.unwrap();
        let role = AgencyRole::BuiltIn(Role::AgencyStaff);
        store::memberships::set_role(&mut tx, self.staff, &role, reach).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn choose(&self, choices: &Choices) {
        let mut tx = TenantTx::begin(&self.app.db, Scope::Person(self.staff)).await.unwrap();
        notifications::set_own(&mut tx, choices).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn page(&self, path: &str) -> String {
        format!("/a/{}{path}", self.tenant.agency)
    }

    async fn open(&self, path: &str) -> Answer {
        let answer = self.app.get(&self.page(path), Some(&self.cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
        answer
    }

    async fn bell(&self, path: &str) -> String {
        let page = self.open(path).await.body;
        let at = page.find("data-unread=\"").expect("a bell") + "data-unread=\"".len();
        page[at..].split('"').next().unwrap().to_owned()
    }

    async fn post(&self, operation: &str, more: &str) {
        let form = format!("agency={}{more}", self.tenant.agency);
        let answer = self.app.submit(operation, &form, Some(&self.cookie)).await;
        assert_eq!(answer.status, StatusCode::OK, "{operation}: {}", answer.body);
    }

    fn mails(&self) -> usize {
        self.app.mailed().len()
    }
}

#[tokio::test]
async fn a_mail_is_sent_once_to_the_person_with_one_button_and_a_link_that_stops_it() {
    let world = World::new().await;
    let app = &world.app;
    world.given("Publish the workflows").await;
    world.given("Publish the workflows").await;
    assert_eq!(app.mail_queue().await.len(), 1);
    for _ in 0..2 {
        app.send_mails().await;
    }
    let mails = app.mailed();
    assert_eq!(mails.len(), 1, "{mails:?}");
    for part in
        ["Publish the workflows", "/to-dos", "/me/notifications", "/unsubscribe/", "X-Slipway-Mail: notification"]
    {
        assert!(mails[0].contains(part), "{part}: {}", mails[0]);
    }
    assert!(mails[0].contains(&format!("To: {}@example.test", world.staff)), "{}", mails[0]);
    assert!(app.mail_queue().await.is_empty() && app.dead_mails().await.is_empty());
    world.given("Publish the workflows").await;
    assert!(app.mail_queue().await.is_empty(), "the same event again");
}

#[tokio::test]
async fn a_mail_waits_while_the_mail_server_is_away_and_a_crash_sends_at_most_one_more() {
    const KEEP: &str = "drop table if exists kept; create table kept as table work_scheduled";
    const BACK: &str = "insert into work_scheduled select * from kept";
    let world = World::new().await;
    let app = &world.app;
    app.break_mails();
    world.given("a").await;
    app.base.execute(KEEP).await;
    for _ in 0..3 {
        app.send_mails().await;
    }
    assert_eq!(app.mail_queue().await.len(), 1);
    app.mend_mails();
    app.send_mails().await;
    assert_eq!(world.mails(), 1);
    app.base.execute(BACK).await;
    app.send_mails().await;
    assert_eq!(world.mails(), 1, "it is recorded as sent");
    // The process ended before it could record that.
    app.base.execute("update notifications set mailed_at = null").await;
    app.base.execute(BACK).await;
    for _ in 0..2 {
        app.send_mails().await;
    }
    assert_eq!(world.mails(), 2);
    assert!(app.mail_queue().await.is_empty());
    // Another process sends it just now.
    app.base.execute("update notifications set mailed_at = null, mail_lease_until = now() + interval '1 minute'").await;
    app.base.execute(BACK).await;
    app.send_mails().await;
    assert_eq!((world.mails(), app.mail_queue().await.len()), (2, 1), "it waits and looks again");
}

#[tokio::test]
async fn what_was_seen_or_is_not_so_any_more_is_not_mailed() {
    let world = World::new().await;
    let app = &world.app;
    let job = world.tenant.job;
    for (meanwhile, sql) in [
        ("marked", ""),
        ("all marked", ""),
        ("opened", ""),
        ("left", "update user_agency_memberships set deleted_at = now()"),
        ("disabled", "update users set disabled_at = now()"),
        ("trashed", "update agencies set deleted_at = now()"),
        ("off", r#"update users set settings_json = '{"notifications": {"kinds": {"todo.assigned": "app"}}}'"#),
    ] {
        world.forget().await;
        world.given(meanwhile).await;
        assert_eq!(app.mail_queue().await.len(), 1, "{meanwhile}");
        match meanwhile {
            "marked" => {
                let page = world.open("/notifications").await.body;
                let at = page.find("name=\"id\" value=\"").expect("a form") + "name=\"id\" value=\"".len();
                world.post("read_notification", &format!("&id={}", &page[at..at + 36])).await;
            }
            "all marked" => world.post("read_all_notifications", "").await,
            "opened" => drop(world.open("/to-dos").await),
            _ => app.base.execute(sql).await,
        }
        app.send_mails().await;
        assert_eq!(world.mails(), 0, "{meanwhile}: {:?}", app.mailed());
        assert!(app.mail_queue().await.is_empty(), "{meanwhile}");
        let restored = "update user_agency_memberships set deleted_at = null; update users set disabled_at = null; update agencies set deleted_at = null";
        app.base.execute(restored).await;
    }
    // The job that is said to have failed goes on.
    world.happens(Kind::JobFailed, "Bright Dental", Some(job.0)).await;
    app.send_mails().await;
    assert_eq!((world.mails(), app.mail_queue().await.len()), (0, 0));
}

/// Quiet hours around the present hour of UTC.
fn now_quiet() -> Choices {
    let hour = u8::try_from(Utc::now().hour()).unwrap();
    let quiet = Quiet { from: hour, to: (hour + 2) % 24 };
    Choices { quiet: Some(quiet), timezone: Some("UTC".to_owned()), ..Choices::default() }
}

#[tokio::test]
async fn a_mail_waits_for_the_end_of_quiet_hours_unless_it_may_break_through() {
    let world = World::new().await;
    let app = &world.app;
    world.choose(&now_quiet()).await;
    world.given("a").await;
    for _ in 0..2 {
        app.send_mails().await;
    }
    assert_eq!((world.mails(), app.mail_queue().await.len()), (0, 1));
    world.choose(&Choices { quiet: Some(Quiet::NONE), ..now_quiet() }).await;
    app.send_mails().await;
    assert_eq!((world.mails(), app.mail_queue().await.len()), (1, 0));
    world.choose(&Choices { urgent: Some(true), ..now_quiet() }).await;
    world.given("b").await;
    app.send_mails().await;
    assert_eq!((world.mails(), app.mail_queue().await.len()), (2, 0), "it cannot wait");
}

#[tokio::test]
async fn what_waited_together_goes_in_one_mail() {
    let world = World::new().await;
    let app = &world.app;
    for what in ["first", "second", "third"] {
        world.given(what).await;
    }
    app.base.execute("update notifications set created_at = now() - interval '10 minutes'").await;
    app.send_mails().await;
    let mails = app.mailed();
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert!(["first", "second", "third"].iter().all(|what| mails[0].contains(what)), "{}", mails[0]);
    assert!(mails[0].contains(", and 2 more"), "the subject says what it is about: {}", mails[0]);
    assert!(app.mail_queue().await.is_empty());
}

#[tokio::test]
async fn a_daily_summary_names_each_thing_once() {
    let world = World::new().await;
    let app = &world.app;
    let digest = Choices { kinds: [(Kind::TodoAssigned, Channel::Digest)].into(), ..Choices::default() };
    world.choose(&digest).await;
    for what in ["first", "second", "seen"] {
        world.given(what).await;
    }
    assert!(app.mail_queue().await.is_empty(), "nothing at once");
    worker::periodic::all_now(&app.worker).await.unwrap();
    assert!(app.mail_queue().await.is_empty(), "it is not due yet");
    app.base.execute("update notifications set created_at = now() - interval '2 days'; update notifications set read_at = now() where title = 'seen'").await;
    for _ in 0..3 {
        worker::periodic::all_now(&app.worker).await.unwrap();
        app.send_mails().await;
    }
    let mails = app.mailed();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let named = ["first", "second", "seen"].map(|what| mails[0].contains(&format!("To-do for you: {what}")));
    assert_eq!(named, [true, true, false], "{}", mails[0]);
}

#[tokio::test]
async fn a_daily_summary_of_many_things_is_one_mail() {
    let world = World::new().await;
    let app = &world.app;
    let kinds = [(Kind::TodoAssigned, Channel::Digest), (Kind::JobFailed, Channel::Digest)];
    world.choose(&Choices { kinds: kinds.into(), ..Choices::default() }).await;
    for number in 0..60 {
        world.given(&format!("number {number}")).await;
    }
    world.happens(Kind::JobFailed, "Bright Dental", Some(world.tenant.job.0)).await;
    app.base.execute("update notifications set created_at = now() - interval '2 days'").await;
    for _ in 0..3 {
        worker::periodic::all_now(&app.worker).await.unwrap();
        app.send_mails().await;
    }
    let mails = app.mailed();
    assert_eq!(mails.len(), 1, "{mails:?}");
    let named = ["Daily summary: To-do for you: number", ", and 59 more", "and 40 more"];
    assert!(named.iter().all(|what| mails[0].contains(what)), "{}", mails[0]);
    assert!(!mails[0].contains("Bright Dental"), "the job goes on: {}", mails[0]);
    worker::periodic::all_now(&app.worker).await.unwrap();
    assert!(app.mail_queue().await.is_empty(), "what cannot be said any more is not owed");
}

/// The path of the link that stops mails.
fn stop_link(mail: &str) -> String {
    let at = mail.find("/unsubscribe/").expect("a link");
    mail[at..at + "/unsubscribe/".len() + 64].to_owned()
}

#[tokio::test]
async fn a_link_stops_mails_without_a_sign_in_when_somebody_presses_its_button() {
    let world = World::new().await;
    let app = &world.app;
    world.given("a").await;
    app.send_mails().await;
    let link = stop_link(&app.mailed()[0]);
    let token = link.rsplit('/').next().unwrap().to_owned();
    for _ in 0..2 {
        let page = app.browse(&link, None).await;
        assert!(page.status == StatusCode::OK && page.body.contains("Stop these emails"), "{}", page.body);
    }
    world.given("b").await;
    app.send_mails().await;
    assert_eq!(world.mails(), 2, "opening the page stops nothing");
    assert!(app.mailed().iter().all(|mail| stop_link(mail) == link), "one link for all mails of a kind");
    for _ in 0..2 {
        let answer = app.submit("unsubscribe", &format!("token={token}"), None).await;
        assert!(answer.status == StatusCode::OK || answer.location == link, "{} {}", answer.status, answer.body);
    }
    world.given("c").await;
    assert!(app.mail_queue().await.is_empty());
    assert!(world.open("/notifications").await.body.contains("To-do for you: c"), "it is still on the page");
    let stopped = app.audited_object(&world.staff.to_string(), "person.unsubscribed").await;
    assert_eq!(stopped, 1, "pressing it again changes nothing and is not recorded");
    let wrong = app.submit("unsubscribe", &format!("token={}", "0".repeat(64)), None).await;
    assert!(wrong.status != StatusCode::OK && wrong.body.contains("too old"), "{}", wrong.body);
}

#[tokio::test]
async fn the_bell_counts_what_was_not_seen_and_opening_it_counts_as_seeing() {
    let world = World::new().await;
    let job = world.tenant.job;
    assert_eq!(world.bell("").await, "");
    world.happens(Kind::JobFinished, "Bright Dental", Some(job.0)).await;
    world.given("a").await;
    assert_eq!(world.bell("").await, "2");
    assert_eq!(world.bell("/notifications").await, "2", "a list is no look at each");
    assert_eq!(world.bell(&format!("/provisioning/{job}")).await, "1");
    assert_eq!(world.bell("").await, "1");
    world.post("read_all_notifications", "").await;
    assert_eq!(world.bell("").await, "");
    world.happens(Kind::WebhookDisabled, "Orders", None).await;
    let refused = world.app.get(&world.page("/webhooks"), Some(&world.cookie)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(world.bell("").await, "1", "whoever is refused a page has not seen what it shows");
}

#[tokio::test]
async fn the_api_lists_and_marks_what_the_page_does() {
    let world = World::new().await;
    let app = &world.app;
    world.given("a").await;
    world.given("b").await;
    let scopes = ["notifications"];
    let token = app.token_by(Some(world.staff), &world.tenant, &scopes).await;
    let ask = async |method: &str, path: &str, token: &str| {
        let request =
            Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        app.send(request.body(Body::empty()).unwrap()).await
    };
    let list = async |view: &str| {
        let answer = ask("GET", &format!("/api/v1/notifications?view={view}"), &token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let value: Value = serde_json::from_str(&answer.body).unwrap();
        value["rows"].as_array().unwrap().clone()
    };
    // A token reaches every client, so it needs a maker who does.
    world.reach(Reach::Listed).await;
    assert_eq!(ask("GET", "/api/v1/notifications", &token).await.status, StatusCode::FORBIDDEN);
    world.reach(Reach::All).await;
    let all = list("").await;
    assert_eq!(all.iter().map(|row| row["title"].as_str().unwrap()).collect::<Vec<_>>(), ["b", "a"]);
    let id = all[0]["id"].as_str().unwrap();
    let read = format!("/api/v1/notifications/{id}/read");
    // A program of nobody, and one of somebody else, has no notifications.
    let nobodys = app.token(&world.tenant, &scopes).await;
    let owner = app.person(Role::AgencyOwner, &world.tenant).await;
    let owners = app.token_by(Some(owner), &world.tenant, &scopes).await;
    for other in [&nobodys, &owners] {
        assert_eq!(ask("POST", &read, other).await.status, StatusCode::NOT_FOUND);
        assert_eq!(ask("POST", "/api/v1/notifications/read", other).await.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(world.bell("").await, "2");
    assert_eq!(ask("POST", &read, &token).await.status, StatusCode::NO_CONTENT);
    assert_eq!((world.bell("").await, list("unread").await.len()), ("1".to_owned(), 1));
    assert_eq!(ask("POST", "/api/v1/notifications/read", &token).await.status, StatusCode::NO_CONTENT);
    assert_eq!((world.bell("").await, list("unread").await.len(), list("").await.len()), (String::new(), 0, 2));
}

#[tokio::test]
async fn settings_are_kept_and_what_is_no_choice_is_refused() {
    let world = World::new().await;
    let app = &world.app;
    let form = "job.failed=app&job.finished=&quiet=22-7&digest_hour=17&timezone=America%2FChicago&everyones=yes";
    let answer = app.submit("set_my_notifications", form, Some(&world.cookie)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    let page = app.get("/me/notifications", Some(&world.cookie)).await.body;
    let zone = format!("name=\"timezone\" value=\"{}\"", domain::provisioning::zone_label("America/Chicago"));
    for chosen in ["value=\"22-7\" selected", "value=\"17\" selected", &zone] {
        assert!(page.contains(chosen), "{chosen}: {page}");
    }
    let answer = app.submit("set_my_notifications", "job.failed=pigeon", Some(&world.cookie)).await;
    assert!(answer.body.contains("job.failed"), "{}", answer.body);
    let owner = app.sign_in(app.person(Role::AgencyOwner, &world.tenant).await).await;
    let form = format!("agency={}&job.finished=digest", world.tenant.agency);
    assert_eq!(app.submit("set_notification_defaults", &form, Some(&owner)).await.status, StatusCode::OK);
    let page = app.get(&world.page("/settings/notifications"), Some(&owner)).await.body;
    assert!(page.contains("value=\"digest\" selected"), "{page}");
    assert_eq!(app.submit("set_notification_defaults", &form, Some(&world.cookie)).await.status, StatusCode::FORBIDDEN);
}
