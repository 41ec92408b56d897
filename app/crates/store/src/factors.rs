//! Second factors: the sealed seed of an authenticator app and hashed recovery codes. Each code works once.

use domain::UserId;
use domain::audit::Actor;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::audit::{self, Act};
use crate::envelope::AssociatedData;
use crate::vault::Vault;
use crate::{Error, Result, TenantTx, found, new_id};

/// The seed of an authenticator app.
pub struct Totp {
    /// Id of its row.
    pub id: Uuid,
    /// The seed.
    pub seed: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Totp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Totp({}, [redacted])", self.id)
    }
}

const fn associated_data(row: Uuid) -> AssociatedData {
    AssociatedData { table: "user_factors", column: "sealed", row, agency: None, business: None }
}

fn person(tx: &TenantTx) -> Result<UserId> {
    tx.user().ok_or_else(|| Error::Refused("a scope without person".into()))
}

/// Stores a new seed that no code has confirmed yet, and deletes an older unconfirmed one. Only a caller that
/// knows its id can read the seed again.
pub async fn add_totp(tx: &mut TenantTx, vault: &Vault, seed: &[u8]) -> Result<Uuid> {
    let (user, id) = (person(tx)?, new_id::<Uuid>());
    let (sealed, _) = vault.seal(&associated_data(id), seed).await?;
    sqlx::query!("delete from user_factors where user_id = $1 and kind = 'totp' and confirmed_at is null", user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "insert into user_factors (id, user_id, kind, sealed) values ($1, $2, 'totp', $3)",
        id,
        user.0,
        sealed
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("factor.begun", "person").object(user)).await?;
    Ok(id)
}

/// The confirmed seed of the person.
pub async fn totp(tx: &mut TenantTx, vault: &Vault) -> Result<Option<Totp>> {
    newest(tx, vault, None).await
}

/// The unconfirmed seed with this id, whether or not the person has a confirmed one. It waits 30 minutes for its
/// first code.
pub async fn pending_totp(tx: &mut TenantTx, vault: &Vault, id: Uuid) -> Result<Option<Totp>> {
    newest(tx, vault, Some(id)).await
}

async fn newest(tx: &mut TenantTx, vault: &Vault, pending: Option<Uuid>) -> Result<Option<Totp>> {
    let row = sqlx::query!(
        r#"select id, sealed as "sealed!" from user_factors
           where user_id = $1 and kind = 'totp' and sealed is not null
             and case when $2::uuid is null then confirmed_at is not null
                      else id = $2 and confirmed_at is null and created_at > now() - interval '30 minutes' end
           order by created_at desc limit 1"#,
        person(tx)?.0,
        pending
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let seed = vault.open_bytes(&associated_data(row.id), &row.sealed).await?;
    Ok(Some(Totp { id: row.id, seed }))
}

/// Confirms a seed with its first correct code: turns the factor on, replaces an older one, and stores the hashes
/// of new recovery codes.
pub async fn confirm_totp(tx: &mut TenantTx, id: Uuid, step: i64, recovery: &[[u8; 32]]) -> Result<()> {
    let user = person(tx)?;
    let confirmed = sqlx::query!(
        "update user_factors set confirmed_at = now(), last_step = $3 where id = $1 and user_id = $2 and kind = 'totp' and confirmed_at is null",
        id,
        user.0,
        step
    )
    .execute(tx.conn())
    .await?;
    found(confirmed.rows_affected())?;
    sqlx::query!(
        "delete from user_factors where user_id = $1 and kind in ('totp', 'recovery') and id <> $2",
        user.0,
        id
    )
    .execute(tx.conn())
    .await?;
    for hash in recovery {
        sqlx::query!(
            "insert into user_factors (id, user_id, kind, secret_hash) values ($1, $2, 'recovery', $3)",
            new_id::<Uuid>(),
            user.0,
            hash.as_slice()
        )
        .execute(tx.conn())
        .await?;
    }
    sqlx::query!("update users set mfa_enrolled_at = now() where id = $1", user.0).execute(tx.conn()).await?;
    audit::record(tx, Act::new("factor.added", "person").object(user)).await
}

/// Marks the time step of a correct code as used. Returns false when that step or a later one was used already,
/// because the code is then a replay.
pub async fn use_totp(tx: &mut TenantTx, id: Uuid, step: i64) -> Result<bool> {
    let used = sqlx::query!(
        "update user_factors set last_step = $3, used_at = now() where id = $1 and user_id = $2 and kind = 'totp'
         and confirmed_at is not null and (last_step is null or last_step < $3)",
        id,
        person(tx)?.0,
        step
    )
    .execute(tx.conn())
    .await?;
    Ok(used.rows_affected() == 1)
}

/// Uses a recovery code. Returns false when there is no such code or it was used already.
pub async fn use_recovery_code(tx: &mut TenantTx, hash: [u8; 32]) -> Result<bool> {
    let user = person(tx)?;
    let used = sqlx::query!(
        "update user_factors set used_at = now() where user_id = $1 and kind = 'recovery' and secret_hash = $2 and used_at is null",
        user.0,
        hash.as_slice()
    )
    .execute(tx.conn())
    .await?;
    let right = used.rows_affected() == 1;
    if right {
        audit::record(tx, Act::new("factor.recovery_used", "person").object(user)).await?;
    }
    Ok(right)
}

/// Number of unused recovery codes.
pub async fn recovery_codes_left(tx: &mut TenantTx) -> Result<i64> {
    let left = sqlx::query_scalar!(
        r#"select count(*) as "left!" from user_factors where user_id = $1 and kind = 'recovery' and used_at is null"#,
        person(tx)?.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(left)
}

/// Removes the second factors of the transaction's person, who is locked out, and ends their sessions. `by` is the
/// person of the platform who does this; the audit log names them.
pub async fn reset(tx: &mut TenantTx, by: UserId) -> Result<()> {
    let user = person(tx)?;
    let changed = sqlx::query!("update users set mfa_enrolled_at = null where id = $1 and deleted_at is null", user.0)
        .execute(tx.conn())
        .await?;
    found(changed.rows_affected())?;
    sqlx::query!("delete from user_factors where user_id = $1", user.0).execute(tx.conn()).await?;
    crate::sessions::end_all(tx, user).await?;
    audit::record(tx, Act::new("factor.reset", "person").object(user).by(Actor::Person, Some(by.0))).await
}
