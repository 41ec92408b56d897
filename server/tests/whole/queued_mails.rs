//! Every mail leaves by the queue. What a person did holds also while the mail server is away, one mail arrives, and
//! nobody gets a mail that is not needed any more.

use axum::http::StatusCode;
use domain::identity::{Reach, Role};
use domain::integration::Kind as Integration;
use domain::permission::Right;
use domain::work::{Kind, Mail, Queue};
use domain::{NotificationId, UserId};
use store::DbRole;
use store::queue::{self, Claimer, Work};
use store::tenant::{Scope, TenantTx};
use uuid::Uuid;

use crate::helpers::{Tenant, TestApp, until};
use crate::mails::link;

/// The address that nobody knows yet.
const STRANGER: &str = "x@stranger.test";

/// Everything that queues a mail: server functions, and two of background work.
const ACTS: [&str; 9] = [
    "invite_colleague",
    "invite_owner",
    "create_agency",
    "invite_to_agency",
    "invite_to_platform",
    "ask_access",
    "request_reset",
    "a business is ready",
    "a connection ended",
];

/// Forgets the mails of before, also that they were queued.
const FORGET: &str =
    "delete from work_ready; delete from work_scheduled; delete from work_leases; delete from work_dead;
    delete from one_time_tokens; delete from auth_throttles";

struct World {
    app: TestApp,
    tenant: Tenant,
    owner: String,
    staff: String,
    admin: String,
    /// Somebody with an account and nothing else.
    known: UserId,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let tenant = app.tenant().await;
        let owner = app.sign_in(app.person(Role::AgencyOwner, &tenant).await).await;
        let staff = app.sign_in(app.person(Role::AgencyStaff, &tenant).await).await;
        let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
        let known = app.base.person(Role::TeamMember, None, None).await;
        app.base.execute("update sub_accounts set email = 'x@stranger.test'").await;
        Self { app, tenant, owner, staff, admin, known }
    }

    async fn forget(&self) {
        self.app.base.execute(FORGET).await;
        let _ = std::fs::remove_dir_all(&self.app.mails);
    }

    /// Does something that queues a mail.
    async fn act(&self, act: &str) {
        let Tenant { agency, business, .. } = self.tenant;
        let to = "x%40stranger.test";
        let (form, by) = match act {
            "invite_colleague" => (format!("agency={agency}&email={to}&role=agency_staff"), Some(&self.owner)),
            "invite_owner" => (format!("agency={agency}&business={business}&email={to}"), Some(&self.owner)),
            "create_agency" => (format!("name=X&slug=x-{}&owner={to}", Uuid::now_v7()), Some(&self.admin)),
            "invite_to_agency" => (format!("agency={agency}&owner={to}"), Some(&self.admin)),
            "invite_to_platform" => (format!("email={to}&role=support"), Some(&self.admin)),
            "ask_access" => (format!("agency={agency}&right=AuditRead"), Some(&self.staff)),
            "request_reset" => (format!("email={}%40example.test", self.known), None),
            "a business is ready" => return self.ready().await,
            _ => return self.ended().await,
        };
        let before = self.resets_asked().await;
        let done = self.app.submit(act, &form, by.map(String::as_str)).await;
        assert!(done.status == StatusCode::OK || done.location == "/forgot", "{act}: {} {}", done.status, done.body);
        if act == "request_reset" {
            // It is queued after the answer, whose time must not tell that there is an account.
            until("the request", async || (self.resets_asked().await > before).then_some(())).await;
        }
    }

    async fn resets_asked(&self) -> usize {
        self.app.audited_object(&self.known.to_string(), "password.reset_asked").await
    }

    /// A job made a business whose owner is to be invited.
    async fn ready(&self) {
        let mail = serde_json::to_value(Mail::InviteOwner).unwrap();
        let work = Work::new(Kind::SendMail).subject(self.tenant.business).payload(mail);
        let mut tx = self.of_business().await;
        queue::add(&mut tx, &work).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// A connection can no longer be renewed.
    async fn ended(&self) {
        let kind = Integration::Gohighlevel;
        let new = store::integrations::NewConnection { kind, platform_id: "C1", name: Some("Harbor"), parent: None };
        let mut tx = self.of_agency().await;
        let (integration, _) = store::integrations::upsert(&mut tx, &new).await.unwrap();
        assert!(store::integrations::needs_reauth(&mut tx, integration, "refused").await.unwrap());
        tx.commit().await.unwrap();
    }

    async fn of_agency(&self) -> TenantTx {
        let agency = self.tenant.agency;
        let scope = Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&self.app.db, scope).await.unwrap()
    }

    async fn of_business(&self) -> TenantTx {
        let Tenant { agency, business, .. } = self.tenant;
        let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&self.app.db, scope).await.unwrap()
    }

    async fn opens(&self, path: &str) -> bool {
        self.app.browse(path, None).await.status == StatusCode::OK
    }
}

#[tokio::test]
async fn every_mail_arrives_once_also_when_the_mail_server_was_away() {
    let world = World::new().await;
    let app = &world.app;
    for act in ACTS {
        world.forget().await;
        app.break_mails();
        world.act(act).await;
        for _ in 0..3 {
            app.send_mails().await;
        }
        assert_eq!(app.mail_queue().await.len(), 1, "{act} waits");
        app.mend_mails();
        for _ in 0..2 {
            app.send_mails().await;
        }
        assert_eq!(app.mailed().len(), 1, "{act}");
        assert!(app.mail_queue().await.is_empty() && app.dead_mails().await.is_empty(), "{act}");
        assert!(app.mails_counted(STRANGER).await <= 1, "{act}: attempts do not count");
    }
}

/// The acts whose mail carries a link.
const WITH_LINKS: [&str; 7] = [
    "invite_colleague",
    "invite_owner",
    "create_agency",
    "invite_to_agency",
    "invite_to_platform",
    "request_reset",
    "a business is ready",
];

#[tokio::test]
async fn after_a_crash_at_most_one_more_mail_arrives_and_only_its_link_works() {
    const KEEP: &str = "drop table if exists kept; create table kept as table work_ready";
    const CRASH: &str = r#"insert into work_ready select * from kept;
        update one_time_tokens set payload = payload || '{"unsent": true}' where purpose = 'invite'"#;
    let world = World::new().await;
    let app = &world.app;
    for act in WITH_LINKS {
        world.forget().await;
        world.act(act).await;
        app.base.execute(KEEP).await;
        app.send_mails().await;
        // The process ended before it could record that the mail was sent.
        app.base.execute(CRASH).await;
        for _ in 0..2 {
            app.send_mails().await;
        }
        let links: Vec<String> = app.mailed().iter().map(|mail| link(mail)).collect();
        assert_eq!(links.len(), 2, "{act}");
        assert!(!world.opens(&links[0]).await, "{act}: the link of the first mail");
        assert!(world.opens(&links[1]).await, "{act}: the link of the second mail");
        assert!(app.mail_queue().await.is_empty(), "{act}");
    }
}

#[tokio::test]
async fn an_invitation_that_is_recorded_as_sent_is_not_sent_again() {
    let world = World::new().await;
    let app = &world.app;
    for act in ["invite_colleague", "invite_to_agency", "a business is ready"] {
        world.forget().await;
        world.act(act).await;
        app.base.execute("drop table if exists kept; create table kept as table work_ready").await;
        app.send_mails().await;
        app.base.execute("insert into work_ready select * from kept").await;
        app.send_mails().await;
        let mails = app.mailed();
        assert_eq!(mails.len(), 1, "{act}");
        assert!(world.opens(&link(&mails[0])).await, "{act}");
        assert_eq!(app.mails_counted(STRANGER).await, 1, "{act}: it was sent, so it stays counted");
    }
}

const ENDED: &str = "update one_time_tokens set expires_at = now()";
const LEFT: &str = "update user_agency_memberships set deleted_at = now()";
const DISABLED: &str = "update users set disabled_at = now()";
const AGENCY_TRASHED: &str = "update agencies set deleted_at = now()";
const BUSINESS_TRASHED: &str = "update sub_accounts set deleted_at = now()";
const NO_STAFF: &str = "update users set platform_role = null";
const MENDED: &str = "update integrations set needs_reauth_at = null";
const RESTORED: &str = "update users set disabled_at = null; update user_agency_memberships set deleted_at = null;
    update agencies set deleted_at = null; update sub_accounts set deleted_at = null; update integrations set needs_reauth_at = null";

/// What happens between the act and the sending of its mail.
const MEANWHILE: [(&str, &str); 18] = [
    ("invite_colleague", ENDED),
    ("invite_colleague", LEFT),
    ("invite_colleague", DISABLED),
    ("invite_colleague", AGENCY_TRASHED),
    ("invite_owner", ENDED),
    ("invite_owner", LEFT),
    ("invite_owner", BUSINESS_TRASHED),
    ("invite_to_agency", AGENCY_TRASHED),
    ("ask_access", LEFT),
    ("ask_access", DISABLED),
    ("request_reset", ENDED),
    ("request_reset", DISABLED),
    ("a business is ready", BUSINESS_TRASHED),
    ("a business is ready", AGENCY_TRASHED),
    ("a connection ended", LEFT),
    ("a connection ended", MENDED),
    ("invite_to_platform", ENDED),
    ("invite_to_platform", NO_STAFF),
];

#[tokio::test]
async fn nobody_gets_a_mail_that_is_not_needed_any_more() {
    let world = World::new().await;
    let app = &world.app;
    for (act, meanwhile) in MEANWHILE {
        world.forget().await;
        world.act(act).await;
        assert_eq!(app.mail_queue().await.len(), 1, "{act}");
        app.base.execute(meanwhile).await;
        app.send_mails().await;
        assert!(app.mailed().is_empty(), "{act}, then {meanwhile}: {:?}", app.mailed());
        assert!(app.mail_queue().await.is_empty() && app.dead_mails().await.is_empty(), "{act}, then {meanwhile}");
        assert_eq!(app.mails_counted(STRANGER).await, 0, "{act}, then {meanwhile}: what did not leave is not counted");
        app.base.execute(RESTORED).await;
    }
}

#[tokio::test]
async fn an_invitation_withdrawn_on_its_page_or_replaced_is_not_sent() {
    let world = World::new().await;
    let app = &world.app;
    world.act("invite_colleague").await;
    let id = store::invites::list(&mut world.of_agency().await).await.unwrap()[0].id;
    let form = format!("agency={}&invite={id}", world.tenant.agency);
    assert_eq!(app.submit("revoke_invite", &form, Some(&world.owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    assert!(app.mailed().is_empty());

    world.act("invite_colleague").await;
    let form = format!("agency={}&email=x%40stranger.test&role=agency_admin", world.tenant.agency);
    assert_eq!(app.submit("invite_colleague", &form, Some(&world.owner)).await.status, StatusCode::OK);
    app.send_mails().await;
    let mails = app.mailed();
    assert!(mails.len() == 1 && mails[0].contains("as agency admin"), "the newer one is sent: {mails:?}");
    assert_eq!(app.mails_counted(STRANGER).await, 1);
}

#[tokio::test]
async fn the_same_act_repeated_while_its_mail_waits_sends_one() {
    let world = World::new().await;
    let app = &world.app;
    let repeated =
        ["invite_colleague", "invite_owner", "invite_to_agency", "invite_to_platform", "ask_access", "request_reset"];
    for act in repeated {
        world.forget().await;
        app.break_mails();
        for _ in 0..3 {
            world.act(act).await;
            app.send_mails().await;
        }
        assert_eq!(app.mail_queue().await.len(), 1, "{act}");
        assert!(app.mails_counted(STRANGER).await <= 1, "{act}");
        app.mend_mails();
        app.send_mails().await;
        assert_eq!(app.mailed().len(), 1, "{act}");
    }
}

/// The words by which the queue's rows name each kind of mail.
fn words() -> Vec<String> {
    let (id, user) = (Uuid::nil(), UserId(Uuid::nil()));
    let kinds = [
        Mail::InviteOwner,
        Mail::Notification { notification: NotificationId(id) },
        Mail::Invitation { invite: id, by_platform: false },
        Mail::FirstPassword { link: id, user },
        Mail::AccessRequest { from: user, to: user, right: Right::AuditRead, client: None },
        Mail::Reset { link: id, user, minutes: 30 },
    ];
    let word = |mail: &Mail| {
        // A kind that is new here fails to compile until it has its act above.
        match mail {
            Mail::InviteOwner
            // An earlier version queued this one, and this one queues the next at the hour of a summary.
            | Mail::NeedsReauth { .. }
            | Mail::Digest { .. }
            // The clock queues this one, and `ai_tools/` reads it.
            | Mail::ApprovalWaits { .. }
            | Mail::Notification { .. }
            | Mail::Invitation { .. }
            | Mail::FirstPassword { .. }
            | Mail::AccessRequest { .. }
            | Mail::Reset { .. } => serde_json::to_value(mail).unwrap()["mail"].as_str().unwrap().to_owned(),
        }
    };
    kinds.iter().map(word).collect()
}

#[tokio::test]
async fn no_row_of_the_queue_holds_an_address_or_a_link_and_what_is_given_up_is_given_back() {
    let world = World::new().await;
    let app = &world.app;
    app.break_mails();
    // An owner whom a person invites is not invited by the job, too.
    for act in ACTS.into_iter().filter(|act| *act != "invite_owner") {
        world.act(act).await;
    }
    let judge = |rows: &[String]| {
        for row in rows {
            assert!(!row.contains('@') && !row.contains("://") && !row.contains("stranger"), "{row}");
        }
        for word in words() {
            assert!(rows.iter().any(|row| row.contains(&format!("\"\"{word}\"\""))), "{word}: {rows:#?}");
        }
    };
    judge(&app.mail_queue().await);
    assert_eq!(app.mails_counted(STRANGER).await, 4);
    app.send_mails().await;
    judge(&app.mail_queue().await);
    // The last attempt of each.
    app.base.execute("update work_scheduled set attempt = 199").await;
    app.send_mails().await;
    assert!(app.mail_queue().await.is_empty());
    judge(&app.dead_mails().await);
    assert_eq!(app.mails_counted(STRANGER).await, 0);
    app.mend_mails();
}

#[tokio::test]
async fn who_waits_for_a_mail_does_not_wait_behind_hundreds_of_background_work() {
    let world = World::new().await;
    let app = &world.app;
    let mail = serde_json::to_value(Mail::InviteOwner).unwrap();
    let many = vec![Work::new(Kind::SendMail).subject(world.tenant.business).payload(mail); 300];
    let mut tx = world.of_business().await;
    assert_eq!(queue::add_many(&mut tx, &many).await.unwrap(), 300);
    tx.commit().await.unwrap();
    world.act("invite_colleague").await;
    world.act("request_reset").await;
    let db = app.base.db(DbRole::Worker).await;
    let mut claimer = Claimer { max_items: 4, per_tenant: 2, ..Claimer::new(Queue::Mail, Uuid::now_v7()) };
    let first = queue::claim(&db, &mut claimer).await.unwrap();
    for word in ["invitation", "reset"] {
        assert!(first.iter().any(|item| item.payload["mail"] == word), "{word} is among the first: {first:#?}");
    }
}
