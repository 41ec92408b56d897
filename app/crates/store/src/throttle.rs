//! How fast may somebody try? Per hashed account and per hashed address a few tries are free, then each doubles the wait.
//! A try is counted before anything is looked at, so that tries at once are no way around the count; one that proves right
//! is forgiven. Nobody is locked out for good, and a day without tries forgets them.

use std::fmt::Display;
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::{Db, Result, Scope, TenantTx};

/// Tries at one account before it has to wait.
const FREE: i32 = 5;
/// The same for an address, behind which a whole office may sign in at once.
const FREE_AT_ADDRESS: i32 = 20;
const LONGEST: f64 = 900.0;

/// Under what tries are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    hash: [u8; 32],
    free: i32,
}

impl Key {
    /// Tries of a kind at one account or by one person.
    #[must_use]
    pub fn of(what: &str, who: impl Display) -> Self {
        Self { hash: Sha256::digest(format!("{what}|{who}")).into(), free: FREE }
    }

    /// Tries of a kind from one address. Whoever has one address of IPv6 has the 2^64 beside it too, so they count as one.
    #[must_use]
    pub fn from_address(what: &str, address: &str) -> Self {
        let key = match address.parse::<IpAddr>().map(|ip| ip.to_canonical()) {
            Ok(IpAddr::V6(ip)) => Self::of(what, format_args!("{:x?}", &ip.segments()[..4])),
            Ok(ip) => Self::of(what, ip),
            Err(_) => Self::of(what, address),
        };
        Self { free: FREE_AT_ADDRESS, ..key }
    }
}

/// A try that was let through. It counts as a failure until it is forgiven.
#[derive(Clone, Copy, Debug)]
pub struct Try {
    key: [u8; 32],
    blocks_until: Option<DateTime<Utc>>,
}

/// Takes a try, or says how long this key must still wait. Looking, counting and blocking are one statement: of any number
/// of tries at once no more are let through than one after the other.
pub async fn take(db: &Db, key: Key) -> Result<std::result::Result<Try, Duration>> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let taken = sqlx::query!(
        "insert into auth_throttles as t (key_hash, failures) values ($1, 1) on conflict (key_hash) do update
         set failures = case when t.updated_at < now() - interval '1 day' then 1 else t.failures + 1 end,
             blocked_until = case when t.updated_at >= now() - interval '1 day' and t.failures + 1 >= $2::int
                 then now() + make_interval(secs => least(power(2::float8, least(t.failures + 1 - $2::int, 30)::float8), $3)) end
         where t.blocked_until is null or t.blocked_until <= now() returning blocked_until",
        &key.hash,
        key.free,
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

/// Takes a try under each of these keys, or none and says how long to wait.
pub async fn take_all<const N: usize>(db: &Db, keys: [Key; N]) -> Result<std::result::Result<[Try; N], Duration>> {
    let mut taken = Vec::with_capacity(N);
    for key in keys {
        match take(db, key).await? {
            Ok(one) => taken.push(one),
            Err(wait) => {
                for one in taken {
                    give_back(db, one).await?;
                }
                return Ok(Err(wait));
            }
        }
    }
    taken.try_into().map(Ok).map_err(|_| crate::Error::Refused("tries".into()))
}

/// Forgets every failure of an account after a success.
pub async fn clear(db: &Db, done: Try) -> Result<()> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    sqlx::query!("delete from auth_throttles where key_hash = $1", &done.key).execute(tx.conn()).await?;
    tx.commit().await
}

/// Forgives this one try and what it blocked. For addresses: one success must not buy more guesses at other accounts.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let key = |ip| Key::from_address("address", ip);
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("unknown"), Key::from_address("reset", "unknown"));
    }
}
