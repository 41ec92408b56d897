//! A successful call of each server function: a valid form, from somebody who may call it, in a suitable world. A server
//! function that succeeds with the sample of its feature needs nothing here.

mod own;

use domain::UserId;
use domain::feature::{self, Audited};
use domain::identity::{Reach, Role};
use domain::permission::Needs;
use domain::snapshot::SeenSnapshot;
use store::tenant::{PlatformTx, Scope, TenantTx};
use uuid::Uuid;

use crate::answer_links::{ask, link};
use crate::forms::form;
use crate::helpers::{Tenant, TestApp};

/// SQL that puts every job into a state.
pub const FAILED: &str = "update provisioning_jobs set status = 'FAILED', finished_at = now(), question_json = null, cancel_requested_at = null";
pub const PENDING: &str = "update provisioning_jobs set status = 'PENDING', finished_at = null, question_json = null, cancel_requested_at = null";

/// A tenant with an owner, and a person who runs the platform.
pub struct World {
    pub app: TestApp,
    pub tenant: Tenant,
    owner: UserId,
    admin: UserId,
    owners: String,
    admins: String,
}

impl World {
    pub async fn new() -> Self {
        Self::on(TestApp::new().await).await
    }

    /// The same on a given server.
    pub async fn on(app: TestApp) -> Self {
        let tenant = app.tenant().await;
        let (owner, admin) =
            (app.person(Role::AgencyOwner, &tenant).await, app.person(Role::SuperAdmin, &tenant).await);
        let (owners, admins) = (app.sign_in(owner).await, app.sign_in(admin).await);
        Self { app, tenant, owner, admin, owners, admins }
    }

    pub async fn agency(&self) -> TenantTx {
        let scope = Scope::Agency { user: None, agency: self.tenant.agency, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&self.app.db, scope).await.unwrap()
    }

    async fn invite(&self, business: bool, hash: [u8; 32], email: &str) -> Uuid {
        let (agency, user) = (self.tenant.agency, Some(self.owner));
        let scope = match business {
            true => {
                let business = self.tenant.business;
                Scope::AgencyBusiness { user, agency, business, reach: Reach::All, listed: Vec::new() }
            }
            false => Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() },
        };
        let role = if business { Role::BusinessOwner } else { Role::AgencyStaff };
        let valid = std::time::Duration::from_secs(3600);
        let mut tx = TenantTx::begin(&self.app.db, scope).await.unwrap();
        let new = store::invites::NewInvite { hash, email, role, reach: Reach::Listed, valid };
        let id = store::invites::invite(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn email(&self, user: UserId) -> String {
        let mut tx = PlatformTx::begin(&self.app.db, None).await.unwrap();
        store::identity::get(&mut tx, user).await.unwrap().email
    }

    /// Puts every job into this state, whatever its former state.
    pub async fn job_is(&self, set: &'static str) {
        self.app.base.execute("alter table provisioning_jobs disable trigger user").await;
        self.app.base.execute(set).await;
        self.app.base.execute("alter table provisioning_jobs enable trigger user").await;
    }

    /// Every job asks for the client's phone number.
    pub async fn asks(&self) {
        self.job_is(PENDING).await;
        ask(&self.app).await;
    }
}

/// A successful request: its form, who sends it, and who did it. What it leaves in the audit log its feature declares.
pub struct Case {
    pub form: String,
    pub cookie: Option<String>,
    pub actor: Option<UserId>,
}

impl World {
    fn by_owner(&self, form: String) -> Case {
        Case { form, cookie: Some(self.owners.clone()), actor: Some(self.owner) }
    }

    fn by_admin(&self, form: String) -> Case {
        Case { form, cookie: Some(self.admins.clone()), actor: Some(self.admin) }
    }

    /// Cases for an agency's people, roles, clients and settings.
    async fn agencys(&self, operation: &str) -> Option<Case> {
        let (app, tenant) = (&self.app, &self.tenant);
        let with = |more: String| format!("agency={}&{more}", tenant.agency);
        let business = tenant.business;
        let colleague = async || app.person(Role::AgencyStaff, tenant).await;
        let case = |form: String| self.by_owner(form);
        Some(match operation {
            "revoke_invite" => case(with(format!("invite={}", self.invite(false, [1; 32], "a@b.test").await))),
            "resend_invite" => case(with(format!("invite={}", self.invite(false, [3; 32], "e@f.test").await))),
            "copy_invite_link" => case(with(format!("invite={}", self.invite(false, [4; 32], "g@h.test").await))),
            "remove_member" => case(with(format!("user={}", colleague().await))),
            "set_member_role" => case(with(format!("user={}&role=agency_admin&reach=all", colleague().await))),
            "unassign_client" => case(with(format!("business={business}&user={}", colleague().await))),
            "assign_client" => {
                let user = app.base.person(Role::AgencyStaff, Some(tenant.agency), None).await;
                case(with(format!("business={business}&user={user}")))
            }
            "withdraw_client_invite" => {
                let invite = self.invite(true, [2; 32], "c@d.test").await;
                case(with(format!("business={business}&invite={invite}")))
            }
            "resend_client_invite" => {
                let invite = self.invite(true, [5; 32], "i@j.test").await;
                case(with(format!("business={business}&invite={invite}")))
            }
            "copy_client_invite_link" => {
                let invite = self.invite(true, [6; 32], "k@l.test").await;
                case(with(format!("business={business}&invite={invite}")))
            }
            "withdraw_own_invite" => {
                let invite = self.invite(true, [7; 32], "m@n.test").await;
                case(format!("business={business}&invite={invite}"))
            }
            "remove_client_member" | "set_colleague_role" => {
                let user = app.person(Role::TeamMember, tenant).await;
                let form = format!("business={business}&user={user}&role=business_owner");
                case(if operation == "set_colleague_role" { form } else { with(form) })
            }
            "change_role" | "remove_role" => {
                let mut tx = self.agency().await;
                let role = store::roles::add(&mut tx, operation, &[]).await.unwrap();
                tx.commit().await.unwrap();
                case(with(format!("role={role}&name=Z&rights%5B%5D=clients.read")))
            }
            "revoke_token" => {
                app.token(tenant, &["snapshots"]).await;
                let mut tx = self.agency().await;
                let token = store::api_tokens::list(&mut tx).await.unwrap().remove(0).id;
                case(with(format!("token={token}")))
            }
            "ask_access" => {
                let user = colleague().await;
                let cookie = Some(app.sign_in(user).await);
                Case { cookie, actor: Some(user), ..case(with("right=TeamManage".to_owned())) }
            }
            _ => return None,
        })
    }

    /// Cases for jobs and snapshots.
    async fn work(&self, operation: &str) -> Option<Case> {
        let (app, tenant) = (&self.app, &self.tenant);
        let with = |more: String| format!("agency={}&{more}", tenant.agency);
        let case = |form: String| self.by_owner(form);
        let job = tenant.job;
        Some(match operation {
            "retry_job" => {
                self.job_is(FAILED).await;
                case(with(format!("id%5B%5D={job}")))
            }
            "cancel_job" => {
                self.job_is(PENDING).await;
                case(with(format!("id%5B%5D={job}")))
            }
            "undo_job" => {
                self.job_is(FAILED).await;
                case(with(format!("id%5B%5D={job}")))
            }
            "resume_job" | "make_answer_link" | "answer_question" => {
                self.asks().await;
                match operation {
                    "resume_job" => case(with(format!("id={job}&%2Finput%2Fphone=%2B13055550100"))),
                    "make_answer_link" => case(with(format!("id={job}"))),
                    _ => {
                        let (secret, _) = link(app, tenant, &self.owners).await;
                        let form = format!("token={secret}&%2Finput%2Fphone=%2B13055550199");
                        Case { form, cookie: None, actor: None }
                    }
                }
            }
            "describe_snapshot" | "set_snapshot_active" | "sync_snapshots" => {
                let mut tx = self.agency().await;
                let seen =
                    SeenSnapshot { ghl_snapshot_id: operation.to_owned(), name: "Dental".to_owned(), kind: None };
                store::snapshots::sync(&mut tx, &[seen]).await.unwrap();
                let snapshot =
                    store::snapshots::list(&mut tx, &domain::page::ListQuery::default()).await.unwrap().rows[0].id;
                tx.commit().await.unwrap();
                crate::imports::connected(app, tenant.agency).await;
                match operation {
                    "describe_snapshot" => case(with(format!("snapshot={snapshot}&niche=x&description=y"))),
                    "set_snapshot_active" => case(with(format!("snapshot={snapshot}&active=true"))),
                    _ => case(with(String::new())),
                }
            }
            _ => return None,
        })
    }

    /// Cases for a phone route that exists.
    async fn phone_route(&self, operation: &str) -> Option<Case> {
        if !["change_phone_route", "set_phone_route_active", "remove_phone_route"].contains(&operation) {
            return None;
        }
        let Tenant { agency, business, .. } = &self.tenant;
        let number = "+13055550131";
        let route = serde_json::json!({ "number": number, "business": business, "timezone": "UTC" });
        let mut tx = self.agency().await;
        let id = match store::phone_routes::find(&mut tx, number).await.unwrap() {
            Some(known) => known.id,
            None => store::phone_routes::add(&mut tx, &serde_json::from_value(route).unwrap()).await.unwrap().id,
        };
        tx.commit().await.unwrap();
        let route = format!("%2Fnumber=%2B13055550131&%2Fbusiness={business}&%2Ffallback=own");
        Some(self.by_owner(format!("agency={agency}&id={id}&active=false&{route}")))
    }

    /// Cases for a saved view that exists.
    async fn saved_view(&self, operation: &str) -> Option<Case> {
        if !["rename_view", "remove_view"].contains(&operation) {
            return None;
        }
        Some(self.by_owner(crate::saved_views::form(&self.app, self.tenant.agency, self.owner).await))
    }

    /// Cases for a preset that exists.
    async fn preset(&self, operation: &str) -> Option<Case> {
        if operation != "remove_preset" {
            return None;
        }
        let mut tx = self.agency().await;
        let id = store::presets::save(&mut tx, "Dental", &domain::provisioning::NewJob::default()).await.unwrap();
        tx.commit().await.unwrap();
        Some(self.by_owner(format!("agency={}&id={id}", self.tenant.agency)))
    }

    /// Cases for a to-do that is open.
    async fn todo(&self, operation: &str) -> Option<Case> {
        let (app, tenant) = (&self.app, &self.tenant);
        Some(match operation {
            "set_todos_done" | "assign_todos" => self.by_owner(crate::todos::form(app, tenant, self.owner).await),
            "set_own_todo_done" => {
                let todo = crate::todos::own(app, tenant).await;
                self.by_owner(format!("business={}&todo={todo}&done=true", tenant.business))
            }
            _ => return None,
        })
    }

    /// Cases for a sub-account of a connected company that is no client.
    async fn import(&self, operation: &str) -> Option<Case> {
        if !["read_locations", "import_locations"].contains(&operation) {
            return None;
        }
        let agency = self.tenant.agency;
        let location = format!("L{}", Uuid::now_v7().simple());
        crate::imports::listed(&self.app, agency, &location, "Bay Dental").await;
        Some(self.by_owner(format!("agency={agency}&id%5B%5D={location}")))
    }

    /// Cases for the platform.
    async fn platforms(&self, operation: &str) -> Option<Case> {
        let app = &self.app;
        let case = |form: String| self.by_admin(form);
        let user = async || app.person(Role::AgencyStaff, &self.tenant).await;
        Some(match operation {
            "invite_to_platform" => case("email=p%40q.test&role=support".to_owned()),
            "set_agency_deleted" => {
                let other = app.tenant().await;
                app.base.execute("update agencies set deleted_at = now(), status = 'deleted' where id = (select id from agencies order by created_at desc limit 1)").await;
                case(format!("agency={}&deleted=false", other.agency))
            }
            "restore_business" => {
                let other = app.tenant().await;
                app.base.execute("update sub_accounts set deleted_at = now(), status = 'deleted' where id = (select id from sub_accounts order by created_at desc limit 1)").await;
                case(format!("agency={}&business={}", other.agency, other.business))
            }
            "set_platform_role" => case(format!("user={}&role=support", user().await)),
            "set_person_disabled" => case(format!("user={}&disabled=true", user().await)),
            "end_sessions_of" => case(format!("user={}", user().await)),
            "reset_second_factor" => case(format!("user={}", user().await)),
            "retry_given_up_work" | "discard_given_up_work" => {
                app.base.execute("insert into work_dead (lane, tenant_key, kind) values ('chores', gen_random_uuid(), 'snapshots.sync')").await;
                case("kind=snapshots.sync".to_owned())
            }
            _ => return None,
        })
    }

    /// The case of a server function that has one: what is said above, or the sample that its feature declares. Server
    /// functions that leave nothing in the audit log, or leave it later, have none.
    pub async fn case(&self, operation: &str) -> Option<Case> {
        let rule = feature::operations().find(|one| one.name == operation)?;
        if !matches!(rule.audited, Audited::As(_)) {
            return None;
        }
        if let Some(case) = self.own(operation).await {
            return Some(case);
        }
        if let Some(case) = self.agencys(operation).await {
            return Some(case);
        }
        if let Some(case) = self.work(operation).await {
            return Some(case);
        }
        if let Some(form) = crate::webhooks::form_of(self, operation).await {
            return Some(self.by_owner(form));
        }
        if let Some(case) = self.phone_route(operation).await {
            return Some(case);
        }
        if let Some(case) = self.import(operation).await {
            return Some(case);
        }
        if let Some(form) = crate::clients::form(&self.app, self.tenant.agency, operation).await {
            return Some(self.by_owner(form));
        }
        if let Some(case) = self.saved_view(operation).await {
            return Some(case);
        }
        if let Some(case) = self.preset(operation).await {
            return Some(case);
        }
        if let Some(case) = self.todo(operation).await {
            return Some(case);
        }
        if let Some(form) = crate::conversations::form(&self.app, &self.tenant, self.owner, operation).await {
            return Some(self.by_owner(form));
        }
        if let Some((form, of_platform)) = crate::ai_tools::form(&self.app, &self.tenant, self.owner, operation).await {
            return Some(if of_platform { self.by_admin(form) } else { self.by_owner(form) });
        }
        if let Some((form, of_platform)) = crate::incoming_webhooks::form(&self.app, &self.tenant, operation).await {
            return Some(if of_platform { self.by_admin(form) } else { self.by_owner(form) });
        }
        if let Some((form, of_platform)) = crate::tool_servers::form(&self.app, &self.tenant, operation).await {
            return Some(if of_platform { self.by_admin(form) } else { self.by_owner(form) });
        }
        if let Some(case) = self.platforms(operation).await {
            return Some(case);
        }
        let sample = form(operation, &self.tenant);
        match rule.needs {
            Needs::Agency(_) | Needs::Business(_) => Some(self.by_owner(sample)),
            Needs::Platform(_) => Some(self.by_admin(sample)),
            _ => None,
        }
    }
}
