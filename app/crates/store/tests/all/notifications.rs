//! Who is told what? Each kind reaches exactly the people whom it concerns, once, and nobody of another agency.

use std::collections::BTreeSet;

use domain::identity::{AgencyRole, Reach, Role};
use domain::notifications::{Audience, Channel, Choices, Kind, Looked, Severity};
use domain::page::{ListQuery, MOST_ROWS};
use domain::permission::allows;
use domain::{AgencyId, BusinessId, UserId};
use store::notifications::{self, Event};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx};
use uuid::Uuid;

/// An agency with people of each role, a client with an owner, and another agency.
struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
    business: BusinessId,
    owner: UserId,
    admin: UserId,
    staff: UserId,
    client: UserId,
    stranger: UserId,
    elsewhere: AgencyId,
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let db = test.db(DbRole::Web).await;
        let (agency, elsewhere) = (test.agency().await, test.agency().await);
        let business = test.business(agency).await;
        let person = async |role: Role, agency| test.person(role, Some(agency), None).await;
        let (owner, admin, staff) = (
            person(Role::AgencyOwner, agency).await,
            person(Role::AgencyAdmin, agency).await,
            person(Role::AgencyStaff, agency).await,
        );
        let stranger = person(Role::AgencyOwner, elsewhere).await;
        let client = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        Self { db, agency, business, owner, admin, staff, client, stranger, elsewhere, test }
    }

    async fn begin(&self, agency: AgencyId, user: Option<UserId>) -> TenantTx {
        let scope = Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() };
        TenantTx::begin(&self.db, scope).await.unwrap()
    }

    /// Sets the channel of every kind for the whole agency.
    async fn channel_of_all(&self, channel: Channel) {
        let choices = Choices { kinds: Kind::ALL.map(|kind| (kind, channel)).into(), ..Choices::default() };
        let mut tx = self.begin(self.agency, Some(self.owner)).await;
        notifications::set_of_agency(&mut tx, &choices).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn choose(&self, user: UserId, choices: &Choices) {
        let mut tx = TenantTx::begin(&self.db, Scope::Person(user)).await.unwrap();
        notifications::set_own(&mut tx, choices).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Something happens that `to` started, done by `by`.
    async fn happens(&self, kind: Kind, key: &str, to: Option<UserId>, by: Option<UserId>) {
        let mut tx = self.begin(self.agency, by).await;
        notifications::tell(&mut tx, &self.event(kind, key, to)).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn event(&self, kind: Kind, key: &str, to: Option<UserId>) -> Event<'static> {
        let (subject, business) = (Some(Uuid::from_u128(7)), Some(self.business));
        Event { kind, key: key.to_owned(), subject, business, to, title: "Bay Dental", detail: "" }
    }

    /// The people who were told of a kind, in whichever agency, with one entry for each time.
    async fn told(&self, kind: Kind) -> Vec<UserId> {
        let mut told = Vec::new();
        for agency in [self.agency, self.elsewhere] {
            for user in [self.owner, self.admin, self.staff, self.client, self.stranger] {
                let mut tx = self.begin(agency, Some(user)).await;
                let all = ListQuery { limit: MOST_ROWS, ..ListQuery::default() };
                let page = notifications::list(&mut tx, user, &all).await.unwrap();
                told.extend(page.rows.iter().filter(|row| row.kind == kind).map(|_| user));
            }
        }
        told
    }

    async fn told_once(&self, kind: Kind) -> BTreeSet<UserId> {
        let all = self.told(kind).await;
        let each: BTreeSet<UserId> = all.iter().copied().collect();
        assert_eq!(each.len(), all.len(), "{kind}: somebody was told twice");
        each
    }
}

#[tokio::test]
async fn each_kind_reaches_whom_it_concerns_once() {
    let world = World::new().await;
    world.channel_of_all(Channel::App).await;
    for kind in Kind::ALL {
        // What concerns the managers was started by nobody.
        let to = Some(world.staff).filter(|_| kind.audience() != Audience::Managers);
        for _ in 0..2 {
            world.happens(kind, kind.key(), to, None).await;
        }
        let expected: BTreeSet<UserId> = match kind.audience() {
            Audience::Managers => [world.owner, world.admin].into(),
            Audience::Starter | Audience::Addressee => [world.staff].into(),
        };
        assert_eq!(world.told_once(kind).await, expected, "{kind}");
    }
    for user in [world.owner, world.staff] {
        let mut tx = world.begin(world.agency, Some(user)).await;
        let mut list = async |view: &str| {
            let query = ListQuery { view: view.to_owned(), ..ListQuery::default() };
            notifications::list(&mut tx, user, &query).await.unwrap().rows
        };
        let (all, urgent) = (list("").await, list("needs_you").await);
        let needs = all.iter().filter(|row| row.kind.severity() == Severity::NeedsYou);
        let (needs, urgent) = (needs.map(|row| row.id), urgent.iter().map(|row| row.id));
        assert_eq!(needs.collect::<Vec<_>>(), urgent.collect::<Vec<_>>(), "the view shows what its severity says");
    }
}

#[tokio::test]
async fn each_kind_reaches_in_the_end_the_roles_that_settings_offer_it_to() {
    let world = World::new().await;
    world.channel_of_all(Channel::App).await;
    let members =
        [(world.owner, Role::AgencyOwner), (world.admin, Role::AgencyAdmin), (world.staff, Role::AgencyStaff)];
    for kind in Kind::ALL {
        for (user, role) in members {
            let starts = kind.started_by().iter().any(|right| allows(role, *right));
            let to = match kind.audience() {
                Audience::Managers => None,
                Audience::Starter => Some(user).filter(|_| starts),
                Audience::Addressee => Some(user),
            };
            world.happens(kind, &format!("{kind}:{role:?}"), to, None).await;
        }
        let offered = members.into_iter().filter(|(_, role)| kind.reaches_member(&AgencyRole::BuiltIn(*role)));
        let told: BTreeSet<UserId> = world.told(kind).await.into_iter().collect();
        assert_eq!(told, offered.map(|(user, _)| user).collect::<BTreeSet<UserId>>(), "{kind}");
    }
}

#[tokio::test]
async fn whoever_did_it_is_not_told_and_what_is_rolled_back_is_told_to_nobody() {
    let world = World::new().await;
    world.happens(Kind::TodoAssigned, "a", Some(world.staff), Some(world.staff)).await;
    world.happens(Kind::ConnectionRestored, "b", None, Some(world.owner)).await;
    assert_eq!(world.told(Kind::TodoAssigned).await, []);
    assert_eq!(world.told(Kind::ConnectionRestored).await, [world.admin]);
    let mut tx = world.begin(world.agency, None).await;
    notifications::tell(&mut tx, &world.event(Kind::JobFailed, "c", Some(world.staff))).await.unwrap();
    drop(tx);
    assert_eq!(world.told(Kind::JobFailed).await, [], "the process ended before the commit");
}

#[tokio::test]
async fn admins_hear_of_others_jobs_if_they_want_to_or_if_nobody_else_is_left() {
    let world = World::new().await;
    world.choose(world.admin, &Choices { everyones: Some(true), ..Choices::default() }).await;
    world.happens(Kind::JobFailed, "a", Some(world.staff), None).await;
    assert_eq!(world.told_once(Kind::JobFailed).await, [world.admin, world.staff].into());
    world.happens(Kind::JobNeedsInput, "b", None, None).await;
    assert_eq!(world.told_once(Kind::JobNeedsInput).await, [world.owner, world.admin].into(), "a program started it");
    world.test.execute("update users set disabled_at = now() where name = 'Agency staff'").await;
    world.happens(Kind::JobFinished, "c", Some(world.staff), None).await;
    let told = world.told_once(Kind::JobFinished).await;
    assert!(told.is_superset(&[world.owner, world.admin].into()) && !told.contains(&world.staff), "{told:?}");
}

#[tokio::test]
async fn a_persons_choice_counts_before_the_agencys() {
    let world = World::new().await;
    world.channel_of_all(Channel::Off).await;
    world.happens(Kind::ConnectionLost, "a", None, None).await;
    assert_eq!(world.told(Kind::ConnectionLost).await, []);
    let own = Choices { kinds: [(Kind::ConnectionLost, Channel::App)].into(), ..Choices::default() };
    world.choose(world.admin, &own).await;
    world.happens(Kind::ConnectionLost, "b", None, None).await;
    assert_eq!(world.told(Kind::ConnectionLost).await, [world.admin]);
    let mut tx = TenantTx::begin(&world.db, Scope::Person(world.admin)).await.unwrap();
    assert_eq!(notifications::own(&mut tx).await.unwrap(), own);
}

#[tokio::test]
async fn a_page_is_seen_by_whoever_opens_it_and_by_nobody_else() {
    let world = World::new().await;
    world.choose(world.admin, &Choices { everyones: Some(true), ..Choices::default() }).await;
    world.happens(Kind::JobFailed, "a", Some(world.staff), None).await;
    world.happens(Kind::ConnectionLost, "b", None, None).await;
    let unread = async |user, looked: &Looked| {
        let mut tx = world.begin(world.agency, Some(user)).await;
        let unread = notifications::unread(&mut tx, user, looked).await.unwrap();
        tx.commit().await.unwrap();
        (unread.count, unread.urgent)
    };
    let (nothing, job) = (Looked::default(), Looked { subject: Some(Uuid::from_u128(7)), kinds: Vec::new() });
    let connections = Looked { subject: None, kinds: vec![Kind::ConnectionLost] };
    assert_eq!(unread(world.admin, &nothing).await, (2, 2));
    assert_eq!(unread(world.admin, &connections).await, (1, 1));
    assert_eq!(unread(world.admin, &job).await, (0, 0));
    assert_eq!(unread(world.staff, &nothing).await, (1, 1), "another person's stays");
    assert_eq!(unread(world.owner, &nothing).await, (1, 1));
    let mut tx = world.begin(world.elsewhere, Some(world.stranger)).await;
    assert_eq!(notifications::unread(&mut tx, world.stranger, &job).await.unwrap().count, 0);
}

#[tokio::test]
async fn the_bell_counts_to_a_hundred_and_keeps_what_cannot_wait() {
    let world = World::new().await;
    world.happens(Kind::TodoAssigned, "first", Some(world.staff), None).await;
    for number in 0..120 {
        world.happens(Kind::JobFinished, &number.to_string(), Some(world.staff), None).await;
    }
    let mut tx = world.begin(world.agency, Some(world.staff)).await;
    let unread = notifications::unread(&mut tx, world.staff, &Looked::default()).await.unwrap();
    assert_eq!((unread.count, unread.urgent, unread.jobs), (100, 1, 0));
}

#[tokio::test]
async fn nobody_marks_what_belongs_to_somebody_else() {
    let world = World::new().await;
    world.happens(Kind::TodoAssigned, "a", Some(world.staff), None).await;
    let mut tx = world.begin(world.agency, Some(world.staff)).await;
    let id = notifications::list(&mut tx, world.staff, &ListQuery::default()).await.unwrap().rows[0].id;
    drop(tx);
    for (agency, user) in
        [(world.agency, world.owner), (world.elsewhere, world.stranger), (world.elsewhere, world.staff)]
    {
        let mut tx = world.begin(agency, Some(user)).await;
        assert!(matches!(notifications::read(&mut tx, user, id).await, Err(store::Error::NotFound)), "{user}");
        assert_eq!(notifications::read_all(&mut tx, user).await.unwrap(), 0);
    }
    let mut tx = world.begin(world.agency, Some(world.staff)).await;
    assert_eq!(notifications::read_all(&mut tx, world.staff).await.unwrap(), 1);
    notifications::read(&mut tx, world.staff, id).await.unwrap();
}

/// Beside the one notification that there is, which is older, its person has many others.
const MANY: &str = "update notifications set created_at = now() - interval '2 days';
    insert into notifications (agency_id, user_id, kind, event_key, title, channel, created_at)
    select n.agency_id, n.user_id, 'job.finished', 'event ' || number, 'number ' || number, 'digest', now() - make_interval(mins => number)
    from notifications n cross join generate_series(1, 509) number";

#[tokio::test]
async fn a_summary_takes_what_waits_for_a_person_first_then_the_newest_and_counts_the_rest() {
    let world = World::new().await;
    world.channel_of_all(Channel::Digest).await;
    world.happens(Kind::TodoAssigned, "a", Some(world.staff), None).await;
    world.test.execute(MANY).await;
    let mut tx = world.begin(world.agency, None).await;
    let digest = notifications::take_digest(&mut tx, world.staff).await.unwrap().unwrap();
    let titles: Vec<&str> = digest.named.iter().map(|one| one.title.as_str()).collect();
    assert_eq!(titles[..3], ["Bay Dental", "number 1", "number 2"]);
    assert_eq!((titles.len(), digest.more), (500, 10));
}
