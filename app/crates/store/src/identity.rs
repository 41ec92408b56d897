//! Reads who a person is, whether they may sign in and where they work. It reads this on every request, so a changed
//! role takes effect at once.

use domain::UserId;
use domain::audit::{Actor, Outcome};
use domain::identity::{Caller, Role};
use domain::language::Language;
use domain::page::{ListQuery, Page};
use domain::person::Person;
use secrecy::SecretString;
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::page::{Filter, Key, Kind, List, Search, View, Within};
use crate::{Db, PlatformTx, Result, Scope, TenantTx, callers, invites, new_id, sessions};

/// What sign-in needs to know about an account.
#[derive(Debug)]
pub struct AuthUser {
    /// The person.
    pub id: UserId,
    /// Their password hash. `None` until they set a password.
    pub password_hash: Option<SecretString>,
    /// True if they may not sign in.
    pub disabled: bool,
    /// How often all their sessions had been ended when the hash was read. A session that starts with this sign-in
    /// carries this number.
    pub generation: i32,
}

/// The account with this e-mail address. Call it for unknown addresses too; a known and an unknown one cost the
/// same.
pub async fn auth_user(db: &Db, email: &str) -> Result<Option<AuthUser>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let row = sqlx::query!(
        r#"select id as "id!: UserId", password_hash, disabled as "disabled!", session_generation as "generation!" from lookup.account($1)"#,
        email.trim()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| AuthUser {
        id: row.id,
        password_hash: row.password_hash.map(SecretString::from),
        disabled: row.disabled,
        generation: row.generation,
    }))
}

/// The person behind a request with all their memberships. `None` when they are disabled or deleted.
pub async fn caller(db: &Db, user: UserId) -> Result<Option<Caller>> {
    Ok(signed_in(db, user).await?.map(|(caller, _)| caller))
}

/// Like `caller`, and also returns how often all their sessions were ended. A session that began under another
/// number is over.
pub async fn signed_in(db: &Db, user: UserId) -> Result<Option<(Caller, i32)>> {
    let mut tx = TenantTx::begin(db, Scope::Person(user)).await?;
    callers::read(&mut tx, user).await
}

/// Like `caller`, for the person of a transaction that reads something else, too. `None` if no person acts in it.
pub async fn caller_in(tx: &mut TenantTx) -> Result<Option<Caller>> {
    let Some(user) = tx.user() else { return Ok(None) };
    Ok(callers::read(tx, user).await?.map(|(caller, _)| caller))
}

/// Sets the password of the transaction's person and ends every unused link that could set it again. The caller
/// ends their other sessions.
pub async fn set_password(tx: &mut TenantTx, user: UserId, hash: &str) -> Result<()> {
    sqlx::query!("update users set password_hash = $2, password_changed_at = now() where id = $1", user.0, hash)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where user_id = $1 and purpose in ('set_password', 'reset')
         and used_at is null and expires_at > now()",
        user.0
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("password.changed", "person").object(user)).await
}

/// Records that the transaction's person reads the mail of their address. Until then somebody else may have made the
/// account, so its second factors are removed.
pub(crate) async fn prove_address(tx: &mut TenantTx, user: UserId) -> Result<()> {
    let proven = sqlx::query!(
        "update users set email_proven_at = now(), mfa_enrolled_at = null where id = $1 and email_proven_at is null",
        user.0
    );
    if proven.execute(tx.conn()).await?.rows_affected() == 0 {
        return Ok(());
    }
    let gone = sqlx::query!("delete from user_factors where user_id = $1", user.0).execute(tx.conn()).await?;
    if gone.rows_affected() == 0 {
        return Ok(());
    }
    audit::record(tx, Act::new("factor.reset", "person").object(user)).await
}

/// Whether the person has shown that they read the mail of their address.
pub async fn has_proven_address(tx: &mut PlatformTx, user: UserId) -> Result<bool> {
    let proven = sqlx::query_scalar!(
        r#"select email_proven_at is not null as "proven!" from users where id = $1 and deleted_at is null"#,
        user.0
    );
    proven.fetch_optional(tx.conn()).await?.ok_or(crate::Error::NotFound)
}

/// Changes the password, ends every session and every unused link that could set it again. Returns `Stale` when
/// all sessions were ended after `generation` was read together with the hash of the present password: somebody
/// who knows only that password may then no longer change it.
pub async fn change_password(tx: &mut TenantTx, user: UserId, hash: &str, generation: i32) -> Result<()> {
    let now = sqlx::query_scalar!("select session_generation from users where id = $1 for no key update", user.0);
    if now.fetch_one(tx.conn()).await? != generation {
        return Err(crate::Error::Stale);
    }
    set_password(tx, user, hash).await?;
    sessions::end_all(tx, user).await.map(drop)
}

/// Stores the same password under a stronger hash, unless the sessions were ended since it was read, as a new
/// password does. No person did this, so it writes no audit row.
pub async fn rehash_password(db: &Db, account: &AuthUser, hash: &str) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Person(account.id)).await?;
    sqlx::query!(
        "update users set password_hash = $2 where id = $1 and session_generation = $3",
        account.id.0,
        hash,
        account.generation
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Sets the name of the transaction's person that others see.
pub async fn set_name(tx: &mut TenantTx, user: UserId, name: &str) -> Result<()> {
    sqlx::query!("update users set name = $2 where id = $1", user.0, name).execute(tx.conn()).await?;
    audit::record(tx, Act::new("person.renamed", "person").object(user)).await
}

/// The language that a person chose whom the transaction sees. `None` if they chose none.
pub async fn language(tx: &mut TenantTx, user: UserId) -> Result<Option<Language>> {
    let locale = sqlx::query_scalar!("select locale from users where id = $1", user.0);
    let locale = locale.fetch_optional(tx.conn()).await?.flatten();
    Ok(locale.as_deref().and_then(Language::parse))
}

/// Sets the language in which the transaction's person reads pages and mails.
pub async fn set_language(tx: &mut TenantTx, user: UserId, language: Language) -> Result<()> {
    sqlx::query!("update users set locale = $2 where id = $1", user.0, language.key()).execute(tx.conn()).await?;
    let payload = serde_json::json!({ "language": language.key() });
    audit::record(tx, Act::new("person.language", "person").object(user).payload(payload)).await
}

/// Records in the audit log that somebody who knew the password signed in or could not.
pub async fn record_sign_in(db: &Db, user: UserId, ok: bool, why: &str) -> Result<()> {
    let result = if ok { Outcome::Ok } else { Outcome::Failed };
    let act = Act::new("session.sign_in", "person").object(user).ended(result, why);
    audit::note(db, Scope::Person(user), act).await
}

/// Records in the audit log that a sign-in failed at the password. The row names the account as the object, if the
/// address has one, and no person as the actor.
pub async fn record_refused_sign_in(db: &Db, account: Option<UserId>) -> Result<()> {
    let act = Act::new("session.sign_in", "person").ended(Outcome::Failed, "wrong e-mail or password");
    let act = match account {
        Some(account) => act.object(account),
        None => act,
    };
    audit::note(db, Scope::Open, act.by(Actor::System, None)).await
}

/// Records in the audit log whether a signed-in person confirmed their identity again.
pub async fn record_confirmation(db: &Db, user: UserId, ok: bool, how: &str) -> Result<()> {
    let result = if ok { Outcome::Ok } else { Outcome::Failed };
    let act = Act::new("session.confirmed", "person").object(user).ended(result, how);
    audit::note(db, Scope::Person(user), act).await
}

/// Whether the platform has a super admin who can sign in.
pub async fn has_super_admin(db: &Db) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let found = sqlx::query_scalar!(
        r#"select exists (select from users where platform_role = 'super_admin' and disabled_at is null and deleted_at is null) as "found!""#
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(found)
}

/// The super admin with this address, if there is one who can sign in.
pub async fn super_admin(tx: &mut PlatformTx, email: &str) -> Result<Option<UserId>> {
    let found = sqlx::query_scalar!(
        r#"select id as "id: UserId" from users
           where email_normalized = lower($1) and platform_role = 'super_admin' and disabled_at is null and deleted_at is null"#,
        email.trim()
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(found)
}

/// A person as the platform sees them.
pub async fn get(tx: &mut PlatformTx, user: UserId) -> Result<Person> {
    people(tx, &[user.0]).await?.pop().ok_or(crate::Error::NotFound)
}

/// All people, newest first.
pub static LIST: List = List {
    key: "people",
    from: "users u",
    id: "u.id",
    always: "u.deleted_at is null",
    views: &[
        View::new("", ""),
        View::new("platform", "u.platform_role is not null"),
        View::new("disabled", "u.disabled_at is not null"),
    ],
    search: Search::new("u.name || e'\\n' || u.email_normalized"),
    filters: &[
        Filter::new("created", "u.created_at", Kind::Time),
        Filter::new("seen", "u.last_seen_at", Kind::Time),
        Filter::new("role", "u.platform_role", Kind::Choice(&["super_admin", "support"])),
        Filter::new("second_factor", "u.mfa_enrolled_at is not null", Kind::Bool),
    ],
    keys: &[Key::time("created", "u.created_at")],
    orders: &["-created"],
    ..List::EMPTY
};

/// A page of all people. `q` is part of a name or e-mail address; `view` is `platform` or `disabled`.
pub async fn list(tx: &mut PlatformTx, query: &ListQuery) -> Result<Page<Person>> {
    let found = LIST.find(tx.conn(), Within::default(), query).await?;
    let people = people(tx, &found.ids).await?;
    Ok(found.page(people, |person| person.id.0))
}

async fn people(tx: &mut PlatformTx, ids: &[Uuid]) -> Result<Vec<Person>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query!(
        r#"select id as "id: UserId", email, name, platform_role, mfa_enrolled_at is not null as "mfa!", last_seen_at, disabled_at, created_at
           from users where id = any ($1) and deleted_at is null"#,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    let people = rows.into_iter().map(|row| Person {
        id: row.id,
        email: row.email,
        name: row.name,
        platform: row.platform_role.as_deref().and_then(Role::parse),
        mfa_enrolled: row.mfa,
        last_seen_at: row.last_seen_at,
        disabled_at: row.disabled_at,
        created_at: row.created_at,
    });
    Ok(people.collect())
}

/// Adds a person without a password, which they set with a link. Returns `Taken` when the address has an account.
pub async fn add(tx: &mut PlatformTx, email: &str, name: &str, platform: Option<Role>) -> Result<UserId> {
    let id: UserId = new_id();
    sqlx::query!(
        "insert into users (id, email, name, platform_role) values ($1, $2, $3, $4)",
        id.0,
        email.trim(),
        name,
        platform.map(Role::key)
    )
    .execute(tx.conn())
    .await?;
    audit::record_platform(tx, None, Act::new("person.added", "person").object(id)).await?;
    Ok(id)
}

/// Serializes changes to the group of super admins. Returns `Stale` when the acting person is no longer one of
/// them: of two who remove each other at the same time, one stays.
async fn lock_super_admins(tx: &mut PlatformTx) -> Result<()> {
    let running = sqlx::query_scalar!(
        r#"select id as "id: UserId" from users where platform_role = 'super_admin' and disabled_at is null and deleted_at is null
           order by id for no key update"#
    )
    .fetch_all(tx.conn())
    .await?;
    if tx.user().is_some_and(|by| !running.contains(&by)) { Err(crate::Error::Stale) } else { Ok(()) }
}

/// Gives or takes a platform role. This also ends the person's sessions, because the former role set their limits,
/// and the links with which they would set a first password.
pub async fn set_platform_role(tx: &mut PlatformTx, user: UserId, role: Option<Role>) -> Result<()> {
    lock_super_admins(tx).await?;
    let changed = sqlx::query!(
        "update users set platform_role = $2 where id = $1 and deleted_at is null",
        user.0,
        role.map(Role::key)
    )
    .execute(tx.conn())
    .await?;
    crate::found(changed.rows_affected())?;
    sessions::end_generation(tx.conn(), user).await?;
    invites::end_first_passwords(tx, user).await?;
    let payload = serde_json::json!({ "role": role.map(Role::key) });
    audit::record_platform(tx, None, Act::new("person.platform_role", "person").object(user).payload(payload)).await
}

/// Disables or enables sign-in for a person. This takes effect on their next request. Disabling also ends their
/// sessions and all their open links, which stay ended when sign-in is enabled again.
pub async fn set_disabled(tx: &mut PlatformTx, user: UserId, disabled: bool) -> Result<()> {
    lock_super_admins(tx).await?;
    if disabled {
        // Before the agencies, as whoever accepts an invitation does.
        invites::end_all_of(tx, user).await?;
    }
    // Takes turns with every other operation that removes an owner of the person's agencies.
    sqlx::query!(
        "select id from agencies where id in (select agency_id from user_agency_memberships where user_id = $1)
         order by id for no key update",
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    let changed = sqlx::query!(
        "update users set disabled_at = case when $2 then coalesce(disabled_at, now()) end where id = $1 and deleted_at is null",
        user.0,
        disabled
    )
    .execute(tx.conn())
    .await?;
    crate::found(changed.rows_affected())?;
    if disabled {
        sessions::end_generation(tx.conn(), user).await?;
        // Those that were made while this waited.
        invites::end_all_of(tx, user).await?;
        lock_roles(tx, user).await?;
    }
    let action = if disabled { "person.disabled" } else { "person.enabled" };
    audit::record_platform(tx, None, Act::new(action, "person").object(user)).await
}

/// Takes turns with every other operation that takes an owner from one of the person's businesses. These end
/// invitations first, too.
async fn lock_roles(tx: &mut PlatformTx, user: UserId) -> Result<()> {
    sqlx::query!(
        "select id from sub_accounts where id in (select sub_account_id from user_sub_account_memberships where user_id = $1)
         order by id for no key update",
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(())
}
