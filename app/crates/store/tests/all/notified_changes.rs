//! Does every change that people are to hear of tell them, in its own transaction? Jobs, connections, invitations, to-dos
//! and clients.

use std::time::Duration;

use domain::business::NewBusiness;
use domain::identity::{Reach, Role};
use domain::integration::Kind as Integration;
use domain::notifications::{Channel, Choices, Kind};
use domain::page::ListQuery;
use domain::provisioning::{Question, QuestionKind, Resume, Step, Summary, TodoItem};
use domain::todos::TodoKind;
use domain::{AgencyId, JobId, UserId};
use store::integrations::{self, NewConnection};
use store::invites::{self, NewInvite};
use store::notifications;
use store::provisioning::{self, Cause, Claim, Fence};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, businesses, todos};
use uuid::Uuid;

use crate::orders::start;

const HOUR: Duration = Duration::from_secs(3600);

/// An agency whose people are told of every kind, but not by mail.
struct World {
    /// Removes the database at the end.
    _test: TestDb,
    web: Db,
    work: Db,
    agency: AgencyId,
    owner: UserId,
    staff: UserId,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (web, work) = (test.db(DbRole::Web).await, test.db(DbRole::Worker).await);
        let agency = test.agency().await;
        let owner = test.person(Role::AgencyOwner, Some(agency), None).await;
        let staff = test.person(Role::AgencyStaff, Some(agency), None).await;
        let world = Self { _test: test, web, work, agency, owner, staff };
        let all = Choices { kinds: Kind::ALL.map(|kind| (kind, Channel::App)).into(), ..Choices::default() };
        let mut tx = world.by(Some(owner)).await;
        notifications::set_of_agency(&mut tx, &all).await.unwrap();
        tx.commit().await.unwrap();
        world
    }

    fn scope(&self, user: Option<UserId>) -> Scope {
        Scope::Agency { user, agency: self.agency, reach: Reach::All, listed: Vec::new() }
    }

    /// A transaction of a person or program, by a page.
    async fn by(&self, user: Option<UserId>) -> TenantTx {
        TenantTx::begin(&self.web, self.scope(user)).await.unwrap()
    }

    /// A transaction of background work.
    async fn working(&self) -> TenantTx {
        TenantTx::begin(&self.work, self.scope(None)).await.unwrap()
    }

    /// What a person was told, oldest first: the kind, the name, and whether it was seen or settled.
    async fn told(&self, user: UserId) -> Vec<(Kind, String, bool)> {
        let mut tx = self.by(Some(user)).await;
        let mut rows = notifications::list(&mut tx, user, &ListQuery::default()).await.unwrap().rows;
        rows.reverse();
        rows.into_iter().map(|row| (row.kind, row.title, row.read_at.is_some())).collect()
    }

    async fn start(&self, user: Option<UserId>) -> JobId {
        start(&self.web, self.scope(user), "Bay Dental", "owner@bay.test").await
    }

    async fn claim(&self, tx: &mut TenantTx, job: JobId) -> Fence {
        match provisioning::claim(tx, job, Uuid::now_v7(), HOUR).await.unwrap() {
            Claim::Mine(running) => running.fence,
            other => panic!("{other:?}"),
        }
    }
}

fn question() -> Question {
    Question {
        step: Step::ValidateClient,
        kind: QuestionKind::FixInput,
        what: "HighLevel refused the phone number.".to_owned(),
        effect: String::new(),
        ask: "Correct it.".to_owned(),
        choices: Vec::new(),
        fields: Vec::new(),
    }
}

#[tokio::test]
async fn each_end_of_a_job_is_told_to_who_started_it_and_settled_by_who_goes_on() {
    let world = World::new().await;
    let job = world.start(Some(world.staff)).await;
    let name = "Bay Dental".to_owned();
    let cause = Cause { class: "refused", detail: "It was refused.".to_owned() };

    // The process ends before the commit: nobody heard of a failure that is not there.
    let mut tx = world.working().await;
    let fence = world.claim(&mut tx, job).await;
    provisioning::fail(&mut tx, &fence, (Step::CheckPlan, false), &cause).await.unwrap();
    drop(tx);
    assert_eq!(world.told(world.staff).await, []);

    let mut tx = world.working().await;
    let fence = world.claim(&mut tx, job).await;
    provisioning::fail(&mut tx, &fence, (Step::CheckPlan, false), &cause).await.unwrap();
    tx.commit().await.unwrap();
    // A worker that lost its claim changes nothing and tells nothing.
    let mut tx = world.working().await;
    assert!(provisioning::fail(&mut tx, &fence, (Step::CheckPlan, false), &cause).await.is_err());
    drop(tx);
    assert_eq!(world.told(world.staff).await, [(Kind::JobFailed, name.clone(), false)]);
    assert_eq!(world.told(world.owner).await, [], "it is not theirs");

    let mut tx = world.by(Some(world.owner)).await;
    provisioning::retry(&mut tx, job).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.staff).await, [(Kind::JobFailed, name.clone(), true)], "somebody goes on with it");

    let mut tx = world.working().await;
    let fence = world.claim(&mut tx, job).await;
    provisioning::ask(&mut tx, &fence, &question(), false).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.staff).await[1], (Kind::JobNeedsInput, name.clone(), false));
    let mut tx = world.by(Some(world.owner)).await;
    provisioning::resume(&mut tx, job, &Resume::default()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.working().await;
    let fence = world.claim(&mut tx, job).await;
    provisioning::complete(&mut tx, &fence).await.unwrap();
    tx.commit().await.unwrap();
    let told = world.told(world.staff).await;
    assert_eq!(told[1..], [(Kind::JobNeedsInput, name.clone(), true), (Kind::JobFinished, name, false)]);
}

#[tokio::test]
async fn a_job_of_a_program_is_told_to_who_runs_the_agency() {
    let world = World::new().await;
    let job = world.start(None).await;
    let mut tx = world.working().await;
    let fence = world.claim(&mut tx, job).await;
    provisioning::ask(&mut tx, &fence, &question(), false).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.owner).await.len(), 1);
    assert_eq!(world.told(world.staff).await, []);
}

#[tokio::test]
async fn a_lost_connection_is_told_until_it_works_again() {
    let world = World::new().await;
    let new = NewConnection { kind: Integration::Gohighlevel, platform_id: "C1", name: Some("Harbor"), parent: None };
    let mut tx = world.by(Some(world.owner)).await;
    let (id, _) = integrations::upsert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.owner).await, [], "connecting for the first time is no news");
    for _ in 0..2 {
        let mut tx = world.working().await;
        integrations::needs_reauth(&mut tx, id, "gone").await.unwrap();
        tx.commit().await.unwrap();
    }
    let lost = |settled| (Kind::ConnectionLost, "HighLevel".to_owned(), settled);
    assert_eq!(world.told(world.owner).await, [lost(false)]);
    assert_eq!(world.told(world.staff).await, [], "staff cannot connect it");
    let mut tx = world.working().await;
    integrations::upsert(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    let restored = (Kind::ConnectionRestored, "HighLevel".to_owned(), false);
    assert_eq!(world.told(world.owner).await, [lost(true), restored.clone()]);
    let mut tx = world.working().await;
    integrations::needs_reauth(&mut tx, id, "gone").await.unwrap();
    integrations::disconnect(&mut tx, id, "asked").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.owner).await, [lost(true), restored, lost(true)], "what is left is not lost");
}

#[tokio::test]
async fn an_accepted_invitation_is_told_to_who_invited() {
    let world = World::new().await;
    let new =
        NewInvite { hash: [7; 32], email: "ana@new.test", role: Role::AgencyStaff, reach: Reach::Listed, valid: HOUR };
    let mut tx = world.by(Some(world.owner)).await;
    invites::invite(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    invites::accept(&world.web, [7; 32], "Ana Lee", "hash").await.unwrap();
    assert!(invites::accept(&world.web, [7; 32], "Ana Lee", "hash").await.is_err());
    assert_eq!(world.told(world.owner).await, [(Kind::InvitationAccepted, "Ana Lee".to_owned(), false)]);
    assert_eq!(world.told(world.staff).await, []);
}

#[tokio::test]
async fn a_to_do_is_told_to_who_gets_it_until_it_is_done() {
    let world = World::new().await;
    let job = world.start(Some(world.owner)).await;
    let left = Summary {
        done: Vec::new(),
        todo: vec![TodoItem::new(TodoKind::PublishWorkflows, "Publish the workflows", "They are drafts.")],
    };
    let mut tx = world.working().await;
    todos::leave(&mut tx, job, &left, false).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = world.by(Some(world.owner)).await;
    let id = todos::of_job(&mut tx, job).await.unwrap()[0].id;
    for user in [Some(world.owner), Some(world.staff), None, Some(world.staff)] {
        todos::assign(&mut tx, id, user.into()).await.unwrap();
    }
    tx.commit().await.unwrap();
    // Whoever gets it once more is told once more.
    let told = |done| vec![(Kind::TodoAssigned, "Publish the workflows".to_owned(), done); 2];
    assert_eq!(world.told(world.staff).await, told(false));
    assert_eq!(world.told(world.owner).await, [], "one's own act is no news");
    let mut tx = world.by(Some(world.owner)).await;
    todos::set_done(&mut tx, id, true).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.staff).await, told(true));
}

#[tokio::test]
async fn a_new_client_is_told_to_who_runs_the_agency_and_wants_to_know() {
    let world = World::new().await;
    let new = NewBusiness { name: "Luna Yoga".to_owned(), ..NewBusiness::default() };
    let mut tx = world.working().await;
    businesses::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.owner).await, [(Kind::ClientCreated, "Luna Yoga".to_owned(), false)]);
    let mut tx = world.by(Some(world.owner)).await;
    notifications::set_of_agency(&mut tx, &Choices::default()).await.unwrap();
    let new = NewBusiness { name: "Summit Realty".to_owned(), ..NewBusiness::default() };
    businesses::add(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.told(world.owner).await.len(), 1, "usually nobody asks for it");
}
