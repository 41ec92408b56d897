//! Links that stop emails without a sign-in. Each person has one for the same kinds in an agency, and all mails about
//! these carry it. Its row also keeps the secret itself, so that the next mail repeats it: all it does is stop mails.

use std::time::Duration;

use domain::UserId;
use domain::notifications::{Choices, Kind};
use serde_json::json;
use uuid::Uuid;

use super::settings;
use crate::audit::{self, Act};
use crate::tenant::Settings;
use crate::{Db, Error, Result, Scope, TenantTx, found, new_id};

/// What a link stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whose emails.
    pub user: UserId,
    /// The kinds that its mail was about.
    pub kinds: Vec<Kind>,
    /// True if it was used before. Using it again does the same.
    pub is_used: bool,
}

/// The secret of the link for a mail about these kinds, from now on valid this long. `fresh` is a new secret and its hash;
/// it is stored if the person has no such link yet.
pub async fn offer(
    tx: &mut TenantTx,
    fresh: (&str, [u8; 32]),
    user: UserId,
    kinds: &[Kind],
    valid: Duration,
) -> Result<String> {
    let (agency, (secret, hash)) = (tx.agency()?, fresh);
    let known = sqlx::query_scalar!(
        r#"update one_time_tokens set expires_at = now() + make_interval(secs => $4)
           where id = (select id from one_time_tokens where agency_id = $1 and user_id = $2 and purpose = 'unsubscribe' and payload -> 'kinds' = $3
                         and payload ->> 'link' is not null and expires_at > now() order by id limit 1)
           returning payload ->> 'link' as "link!""#,
        agency.0,
        user.0,
        json!(kinds),
        valid.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(known) = known {
        return Ok(known);
    }
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, agency_id, user_id, payload, expires_at)
         values ($1, $2, 'unsubscribe', $3, $4, $5, now() + make_interval(secs => $6))",
        new_id::<Uuid>(),
        &hash,
        agency.0,
        user.0,
        json!({ "kinds": kinds, "link": secret }),
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(secret.to_owned())
}

/// The link with this secret. `None` if there is none, or if it is too old.
pub async fn find(db: &Db, hash: [u8; 32]) -> Result<Option<Link>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let row = sqlx::query!(
        r#"select user_id as "user!: UserId", payload -> 'kinds' as kinds, used_at is not null as "used!" from one_time_tokens
           where secret_hash = $1 and purpose = 'unsubscribe' and expires_at > now() and user_id is not null"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| {
        let keys: Vec<String> = row.kinds.and_then(|kinds| serde_json::from_value(kinds).ok()).unwrap_or_default();
        let kinds = keys.iter().filter_map(|key| Kind::parse(key)).collect();
        Link { user: row.user, kinds, is_used: row.used }
    }))
}

/// Stops the emails that the link names, or all of them, and returns what the person has chosen now. Returns `NotFound`
/// if there is no such link.
pub async fn stop(db: &Db, hash: [u8; 32], all: bool) -> Result<Choices> {
    let link = find(db, hash).await?.ok_or(Error::NotFound)?;
    let bound = Settings { user: Some(link.user), presented: Some(hash), ..Settings::default() };
    let mut tx = TenantTx::begin_with(db, Scope::Person(link.user), bound).await?;
    let spent = sqlx::query!(
        "update one_time_tokens set used_at = coalesce(used_at, now()) where secret_hash = $1 and purpose = 'unsubscribe'",
        &hash
    )
    .execute(tx.conn())
    .await?;
    found(spent.rows_affected())?;
    let kinds = if all { Kind::ALL.to_vec() } else { link.kinds };
    let before = settings::own(&mut tx).await?;
    let choices = before.clone().without_mails(&kinds);
    // Whoever has one mail can send its link any number of times, and fills nobody's log with that.
    if choices != before {
        settings::store_own(&mut tx, &choices).await?;
        let payload = json!({ "kinds": kinds });
        audit::record(&mut tx, Act::new("person.unsubscribed", "person").object(link.user).payload(payload)).await?;
    }
    tx.commit().await?;
    Ok(choices)
}
