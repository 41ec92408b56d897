//! Slows down repeated tries, for example at signing in. A few tries under each hashed key are free; then each one
//! doubles the wait. A try is counted before anything is checked, so concurrent tries cannot get around the count;
//! a try that proves right is taken back. Where strangers can use up the tries of somebody else, the key only
//! slows down. A day without tries clears the count. The same table holds what may be done a few times a day
//! (`count_daily`) and what is reported once in a while (`first_in_period`). A time further ahead than any of these
//! sets it was written while the database's clock was ahead, and counts as over.

use std::fmt::Display;
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::network::Network;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;

use crate::{Db, Result, Scope, TenantTx};

/// Free tries at one account before it must wait.
const FREE: i32 = 5;
/// Free tries from one address, behind which a whole office may sign in at once.
const FREE_AT_ADDRESS: i32 = 20;
/// Longest wait in seconds under a key whose tries only their own maker can use up.
const LONGEST: f64 = 900.0;
/// Longest wait in seconds under a key whose tries strangers can use up for somebody else.
const LONGEST_OF_ALL: f64 = 30.0;

/// The key under which tries are counted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Key {
    hash: [u8; 32],
    free: i32,
    longest: f64,
    shared: bool,
}

impl Key {
    /// The key for tries of a kind at one account or by one person.
    #[must_use]
    pub fn of(what: &str, who: impl Display) -> Self {
        Self { hash: Sha256::digest(format!("{what}|{who}")).into(), free: FREE, longest: LONGEST, shared: false }
    }

    /// The key for tries of a kind at one account from one place, so that tries from this place slow nobody
    /// elsewhere. The place is the narrowest network of the address, because that also identifies a home. A person
    /// with many such networks is counted by `from_address`.
    #[must_use]
    pub fn at_account_from_network(what: &str, who: impl Display, address: &str) -> Self {
        let network = networks(address).into_iter().next().map_or_else(|| address.to_owned(), |one| one.to_string());
        Self::of(what, format_args!("{who}|{network}"))
    }

    /// The same key, which now only slows down (see `LONGEST_OF_ALL`): for tries that anybody can use up for
    /// somebody else.
    #[must_use]
    pub const fn slowing(self) -> Self {
        Self { longest: LONGEST_OF_ALL, ..self }
    }

    /// The same key, which now only slows down, for tries that everybody shares. A try that it refuses stays
    /// counted under the first key of the list; otherwise somebody who tries all the time would get every free
    /// try.
    #[must_use]
    pub const fn shared(self) -> Self {
        Self { shared: true, ..self.slowing() }
    }

    /// The same key with this many free tries.
    #[must_use]
    pub const fn with_free(self, free: i32) -> Self {
        Self { free, ..self }
    }

    /// The keys for tries of a kind from one address: one for each network that contains it. Wider networks have
    /// more free tries.
    #[must_use]
    pub fn from_address(what: &str, address: &str) -> Vec<Self> {
        let networks = networks(address);
        if networks.is_empty() {
            return vec![Self::of(what, address).with_free(FREE_AT_ADDRESS)];
        }
        let key = |network: Network| Self::of(what, network).with_free(FREE_AT_ADDRESS * i32::from(network.share()));
        networks.into_iter().map(key).collect()
    }
}

/// The networks that contain an address; empty when the address is not known.
fn networks(address: &str) -> Vec<Network> {
    address.parse::<IpAddr>().map(Network::all).unwrap_or_default()
}

/// A try that was allowed. It counts as a failure until it is given back.
#[derive(Clone, Copy, Debug)]
pub struct Try {
    key: [u8; 32],
    blocks_until: Option<DateTime<Utc>>,
}

/// Takes a try, or returns how long this key must still wait. Checking, counting and blocking are one statement,
/// so no more tries are allowed at the same time than one after the other.
pub async fn take(db: &Db, key: Key) -> Result<std::result::Result<Try, Duration>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let taken = sqlx::query!(
        "insert into auth_throttles as t (key_hash, failures) values ($1, 1) on conflict (key_hash) do update
         set failures = case when t.updated_at < now() - interval '1 day' then 1 else t.failures + 1 end,
             blocked_until = case when t.updated_at >= now() - interval '1 day' and t.failures + 1 >= $2::int
                 then now() + make_interval(secs => least(power(2::float8, least(t.failures + 1 - $2::int, 30)::float8), $3)) end
         where t.blocked_until is null or t.blocked_until <= now() or t.blocked_until > now() + make_interval(secs => 2 * $4::float8) returning blocked_until",
        &key.hash,
        key.free,
        key.longest,
        LONGEST
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(row) = taken {
        tx.commit().await?;
        return Ok(Ok(Try { key: key.hash, blocks_until: row.blocked_until }));
    }
    let left = sqlx::query_scalar!(
        r#"select extract(epoch from blocked_until - now())::float8 as "left" from auth_throttles where key_hash = $1"#,
        &key.hash
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(Err(left.flatten().map_or(Duration::ZERO, |left| Duration::from_secs_f64(left.max(0.0)))))
}

/// Takes a try under each of these keys, or returns how long to wait and takes none. `Key::shared` describes
/// an exception.
pub async fn take_all<const N: usize>(db: &Db, keys: [Key; N]) -> Result<std::result::Result<[Try; N], Duration>> {
    match take_each(db, &keys).await? {
        Ok(taken) => taken.try_into().map(Ok).map_err(|_| crate::Error::Refused("tries".into())),
        Err(wait) => Ok(Err(wait)),
    }
}

/// Like `take_all`, for any number of keys.
pub async fn take_each(db: &Db, keys: &[Key]) -> Result<std::result::Result<Vec<Try>, Duration>> {
    let mut taken = Vec::with_capacity(keys.len());
    for key in keys {
        match take(db, *key).await? {
            Ok(one) => taken.push(one),
            Err(wait) => {
                for one in taken.into_iter().skip(usize::from(key.shared)) {
                    give_back(db, one).await?;
                }
                return Ok(Err(wait));
            }
        }
    }
    Ok(Ok(taken))
}

/// Remembers a harmless fact under its own key, for a week after the last call.
pub async fn remember(db: &Db, key: Key) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    sqlx::query!(
        "insert into auth_throttles (key_hash) values ($1) on conflict (key_hash) do update set failures = 0",
        &key.hash
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// Whether the fact was remembered in the last week.
pub async fn knows(db: &Db, key: Key) -> Result<bool> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let known = sqlx::query_scalar!(
        r#"select exists (select from auth_throttles where key_hash = $1 and updated_at > now() - interval '7 days') as "known!""#,
        &key.hash
    );
    Ok(known.fetch_one(tx.conn()).await?)
}

/// Forgets every failure under the key of this try, after a success.
pub async fn clear(db: &Db, done: Try) -> Result<()> {
    forget(db, &[done.key]).await
}

/// Forgets every try under these keys, after the person proved their identity in another way.
pub async fn clear_keys(db: &Db, keys: &[Key]) -> Result<()> {
    forget(db, &keys.iter().map(|key| key.hash).collect::<Vec<_>>()).await
}

async fn forget(db: &Db, hashes: &[[u8; 32]]) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let hashes: Vec<Vec<u8>> = hashes.iter().map(|hash| hash.to_vec()).collect();
    sqlx::query!("delete from auth_throttles where key_hash = any($1)", &hashes).execute(tx.conn()).await?;
    tx.commit().await
}

/// Takes back this one try and the wait that it caused. This is for addresses: one success must not allow more
/// guesses at other accounts.
pub async fn give_back(db: &Db, done: Try) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    sqlx::query!(
        "update auth_throttles set failures = greatest(failures - 1, 0),
                blocked_until = case when blocked_until is distinct from $2 then blocked_until end where key_hash = $1",
        &done.key,
        done.blocks_until
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await
}

/// A key whose daily limit is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DailyLimitReached {
    /// Index of the key in the list.
    pub at: usize,
    /// Time until its next day begins.
    pub wait: Duration,
}

/// Counts one use under each of these keys, each with its daily limit, and returns how many are left. It counts
/// under all keys or under none; the inner error names the first key that is used up.
pub async fn count_daily(db: &Db, keys: &[(Key, i32)]) -> Result<std::result::Result<i32, DailyLimitReached>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let spent = count_daily_on(tx.conn(), keys).await?;
    if spent.is_ok() {
        tx.commit().await?;
    }
    Ok(spent)
}

/// Like `count_daily`, in a transaction that continues. When a key is used up, that transaction must not be committed,
/// because the keys before it were counted.
pub(crate) async fn count_daily_on(
    conn: &mut PgConnection,
    keys: &[(Key, i32)],
) -> Result<std::result::Result<i32, DailyLimitReached>> {
    let mut left_over = i32::MAX;
    for (at, (key, most)) in keys.iter().enumerate() {
        let counted = sqlx::query_scalar!(
            "insert into auth_throttles as t (key_hash, failures) values ($1, 1) on conflict (key_hash) do update
             set failures = case when t.created_at between now() - interval '1 day' and now() + interval '1 hour' then t.failures + 1 else 1 end,
                 created_at = case when t.created_at between now() - interval '1 day' and now() + interval '1 hour' then t.created_at else now() end
             where t.created_at not between now() - interval '1 day' and now() + interval '1 hour' or t.failures < $2 returning failures",
            &key.hash,
            most
        );
        if let Some(count) = counted.fetch_optional(&mut *conn).await? {
            left_over = left_over.min(most - count);
            continue;
        }
        let left = sqlx::query_scalar!(
            r#"select extract(epoch from created_at + interval '1 day' - now())::float8 as "left" from auth_throttles where key_hash = $1"#,
            &key.hash
        );
        let left = left.fetch_optional(&mut *conn).await?.flatten().unwrap_or_default();
        return Ok(Err(DailyLimitReached { at, wait: Duration::from_secs_f64(left.max(0.0)) }));
    }
    Ok(Ok(left_over))
}

/// Gives back one use that `count_daily` counted under each of these keys, because what it was counted for did not
/// happen.
pub async fn uncount_daily(db: &Db, keys: &[Key]) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    uncount_daily_on(tx.conn(), keys).await?;
    tx.commit().await
}

/// Like `uncount_daily`, in a transaction that continues.
pub(crate) async fn uncount_daily_on(conn: &mut PgConnection, keys: &[Key]) -> Result<()> {
    let hashes: Vec<Vec<u8>> = keys.iter().map(|key| key.hash.to_vec()).collect();
    let given = sqlx::query!(
        "update auth_throttles set failures = greatest(failures - 1, 0) where key_hash = any($1)",
        &hashes
    );
    given.execute(conn).await?;
    Ok(())
}

/// Whether this is the first call under the key within `period`. Of concurrent calls one returns true. A rollback
/// of the transaction also undoes this.
pub(crate) async fn first_in_period(conn: &mut PgConnection, key: Key, period: Duration) -> Result<bool> {
    let secs = period.as_secs_f64();
    // Checked first, because the key is almost always known, and reading locks nothing.
    let known = sqlx::query_scalar!(
        r#"select exists (select from auth_throttles where key_hash = $1 and created_at between now() - make_interval(secs => $2) and now() + make_interval(secs => $2)) as "known!""#,
        &key.hash,
        secs
    );
    if known.fetch_one(&mut *conn).await? {
        return Ok(false);
    }
    let first = sqlx::query_scalar!(
        "insert into auth_throttles as t (key_hash) values ($1) on conflict (key_hash) do update set created_at = now()
         where t.created_at not between now() - make_interval(secs => $2) and now() + make_interval(secs => $2) returning failures",
        &key.hash,
        secs
    );
    Ok(first.fetch_optional(conn).await?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address_and_a_site_two() {
        let key = |ip| Key::from_address("address", ip);
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        let (here, beside) = (key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert!(here[0] != beside[0] && here[1] == beside[1] && here[1] != key("2001:db8:2:2::1")[1]);
        assert_eq!((here[0].free, here[1].free), (FREE_AT_ADDRESS, 2 * FREE_AT_ADDRESS));
        assert_eq!(key("192.0.2.1").len(), 1);
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("unknown"), Key::from_address("reset", "unknown"));
        let there = |who, ip| Key::at_account_from_network("account", who, ip);
        assert_eq!(there("ann", "2001:db8:1:2::1"), there("ann", "2001:db8:1:2::2"));
        assert_ne!(there("ann", "2001:db8:1:2::1"), there("ann", "2001:db8:1:3::1"));
        assert_ne!(there("ann", "192.0.2.1"), there("ann", "192.0.2.2"));
        assert_ne!(there("ann", "192.0.2.1"), there("bob", "192.0.2.1"));
    }
}
