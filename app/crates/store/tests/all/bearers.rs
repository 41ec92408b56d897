//! Does one transaction say the same of a token as many do, and does it say nothing of one that ended or is another's?
#![expect(clippy::disallowed_methods, reason = "rows are changed in words the macro cannot check")]

use domain::identity::{Reach, Role};
use domain::{AgencyId, UserId};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use sqlx::AssertSqlSafe;
use store::api_tokens::{self, NewToken};
use store::bearers::{self, Admitted, Holder};
use store::testing::TestDb;
use store::{Db, DbRole, Scope, TenantTx, businesses, identity, new_id, request_counts};

const KEY: &str = "api|business|test";

/// A token of a business with its holder, whose requests are counted.
struct World {
    test: TestDb,
    db: Db,
    agency: AgencyId,
    holder: Holder,
    hash: [u8; 32],
}

impl World {
    async fn new() -> Self {
        let test = TestDb::new().await;
        let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
        let business = test.business(agency).await;
        let maker = test.person(Role::BusinessOwner, Some(agency), Some(business)).await;
        let scope =
            Scope::AgencyBusiness { user: Some(maker), agency, business, reach: Reach::All, listed: Vec::new() };
        let mut tx = TenantTx::begin(&db, scope).await.unwrap();
        let new = NewToken { name: "Claude".to_owned(), scopes: vec!["tools".to_owned()], expires_at: None };
        let (_, secret) = api_tokens::add(&mut tx, &new).await.unwrap();
        tx.commit().await.unwrap();
        let hash = Sha256::digest(secret.expose_secret()).into();
        assert!(request_counts::count(&db, KEY, 60).await.unwrap().allowed);
        Self { test, db, agency, holder: Holder { agency, business, maker }, hash }
    }

    async fn admit(&self, holder: Holder, most: u32) -> Option<Admitted> {
        bearers::admit(&self.db, self.hash, holder, (KEY, most)).await.unwrap()
    }

    /// How many requests are counted. Waits for those that are being stored.
    async fn counted(&self) -> i64 {
        let sum = "select coalesce(sum(c.count), 0)::bigint from (select count from request_counts for update) c";
        sqlx::query_scalar(sum).fetch_one(self.test.superuser()).await.unwrap()
    }
}

#[tokio::test]
async fn one_transaction_says_of_a_token_what_many_say() {
    let world = World::new().await;
    let Holder { agency, business, maker } = world.holder;
    world.test.execute("update api_tokens set last_used_at = now() - interval '2 minutes'").await;
    let Admitted { token, client, person, counted } = world.admit(world.holder, 60).await.unwrap();
    assert!(counted.allowed && counted.used == 2 && world.counted().await == 2, "{counted:?}");
    let fresh = "select count(*) from api_tokens where last_used_at > now() - interval '1 minute'";
    let fresh: i64 = sqlx::query_scalar(fresh).fetch_one(world.test.superuser()).await.unwrap();
    assert_eq!(fresh, 1, "its use is recorded");
    let found = api_tokens::find(&world.db, world.hash).await.unwrap().unwrap();
    assert_eq!(
        (token.id, token.agency, token.business, token.name, token.scopes, token.made_by),
        (found.id, found.agency, found.business, found.name, found.scopes, found.made_by)
    );
    assert_eq!((token.agency, token.business, token.made_by), (agency, Some(business), Some(maker)));
    let mut tx = TenantTx::begin(&world.db, Scope::Business { user: Some(maker), business }).await.unwrap();
    assert_eq!(client, businesses::get(&mut tx, business).await.unwrap());
    assert_eq!(person, identity::caller_in(&mut tx).await.unwrap());
    assert_eq!(person.map(|person| person.memberships.len()), Some(1));
    drop(tx);
    let full = world.admit(world.holder, 2).await.unwrap().counted;
    assert!(!full.allowed && !full.wait.is_zero() && world.counted().await == 2, "{full:?}");
}

#[tokio::test]
async fn somebody_of_the_agency_is_known_with_every_place() {
    let world = World::new().await;
    let staff = world.test.person(Role::AgencyStaff, Some(world.agency), None).await;
    let other = world.test.agency().await;
    for sql in [
        format!("update api_tokens set created_by = '{staff}'"),
        format!(
            "insert into user_agency_memberships (user_id, agency_id, role_owner, role_id, reach)
             select user_id, '{other}', role_owner, role_id, 'all' from user_agency_memberships where user_id = '{staff}'"
        ),
    ] {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(world.test.superuser()).await.unwrap();
    }
    let holder = Holder { maker: staff, ..world.holder };
    let person = world.admit(holder, 60).await.unwrap().person;
    assert_eq!(person, identity::caller(&world.db, staff).await.unwrap());
    assert_eq!(person.map(|person| person.memberships.len()), Some(2));
}

#[tokio::test]
async fn nothing_is_said_and_counted_of_a_token_that_ended_or_is_another_ones() {
    let world = World::new().await;
    let stranger: UserId = world.test.person(Role::BusinessOwner, None, None).await;
    let (agency, business) = (world.test.agency().await, world.test.business(world.agency).await);
    for holder in [
        Holder { agency, ..world.holder },
        Holder { business, ..world.holder },
        Holder { maker: stranger, ..world.holder },
        Holder { agency: new_id(), business: new_id(), maker: new_id() },
    ] {
        assert!(world.admit(holder, 60).await.is_none(), "{holder:?}");
    }
    for ending in [
        "update api_tokens set revoked_at = now()",
        "update api_tokens set revoked_at = null, expires_at = now()",
        "update api_tokens set expires_at = null, secret_hash = sha256('x')",
    ] {
        world.test.execute(ending).await;
        assert!(world.admit(world.holder, 60).await.is_none(), "{ending}");
    }
    assert_eq!(world.counted().await, 1, "only what was counted before");
}

#[tokio::test]
async fn a_maker_who_is_disabled_is_nobody_and_a_first_request_is_left_to_others() {
    let world = World::new().await;
    world.test.execute("update users set disabled_at = now()").await;
    assert_eq!(world.admit(world.holder, 60).await.unwrap().person, None);
    world.test.execute("delete from request_counts").await;
    assert!(world.admit(world.holder, 60).await.is_none());
}
