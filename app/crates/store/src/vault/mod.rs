//! Seals and opens stored secrets. Each agency has a data key, wrapped by a master key that is never in the database.
//! Rows that belong to no agency (second factors, unclaimed installs) use one data key of the platform.

mod keyring;
mod rotate;

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use domain::AgencyId;
use domain::identity::Reach;
use secrecy::SecretString;
use uuid::Uuid;

pub use self::keyring::Keyring;
pub use self::rotate::Rotation;
pub use crate::envelope::AssociatedData;

use crate::envelope::{self, Key};
use crate::{Db, Error, PATIENCE, PlatformTx, Result, Scope, TenantTx, new_id};

/// How long another process may continue to seal under a key that is no longer the primary one.
const PRIMARY_FOR: Duration = Duration::from_secs(60);
/// The most keys that are remembered, and the most owners whose primary key is. With more than that all are read anew, so
/// keys of agencies that are gone do not stay for as long as the process lives.
const MOST: usize = 10_000;

/// Seals and opens stored secrets. Cheap to clone.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    /// A separate pool of a few connections: a caller that holds a transaction waits here for a key and must not
    /// wait for itself.
    db: Db,
    keyring: Keyring,
    opened: RwLock<HashMap<i32, (Option<AgencyId>, Key)>>,
    primaries: RwLock<HashMap<Option<AgencyId>, (i32, Instant)>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault([redacted])")
    }
}

impl Vault {
    /// Opens the vault and tests every key of the keyring against a known value. A wrong or missing key is refused
    /// here, before anything is sealed with it.
    pub async fn start(db: &Db, keyring: Keyring) -> Result<Self> {
        let options = db.pool().connect_options().as_ref().clone();
        let db = Db::open(options, None, db.role(), 2, PATIENCE).await?;
        let vault = Self(Arc::new(Inner { db, keyring, opened: RwLock::default(), primaries: RwLock::default() }));
        vault.self_test().await?;
        vault.primary(None).await?;
        Ok(vault)
    }

    /// Connections for writes that must be stored even if the caller's own transaction is rolled back.
    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    /// Seals a value for one place. Also returns the id of the key that it used.
    pub async fn seal(&self, associated_data: &AssociatedData, plain: &[u8]) -> Result<(Vec<u8>, i32)> {
        let (id, key) = self.primary(associated_data.agency).await?;
        Ok((envelope::seal(&key, id, &id.to_string(), associated_data, plain)?, id))
    }

    /// Opens bytes that were sealed for this place.
    pub async fn open_bytes(
        &self,
        associated_data: &AssociatedData,
        sealed: &[u8],
    ) -> Result<zeroize::Zeroizing<Vec<u8>>> {
        let id = envelope::key_id(sealed)?;
        let key = self.key(associated_data.agency, id).await?;
        let opened = envelope::open(&key, &id.to_string(), associated_data, sealed);
        if opened.is_err() {
            tracing::warn!(table = associated_data.table, row = %associated_data.row, key = id, "a sealed value does not open");
        }
        opened
    }

    /// Opens a text that was sealed for this place.
    pub async fn open(&self, associated_data: &AssociatedData, sealed: &[u8]) -> Result<SecretString> {
        let bytes = self.open_bytes(associated_data, sealed).await?;
        let text = str::from_utf8(&bytes).map_err(|_| Error::Sealed("it is not text".into()))?;
        Ok(SecretString::from(text))
    }

    async fn key(&self, agency: Option<AgencyId>, id: i32) -> Result<Key> {
        let known = self.0.opened.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        match known {
            Some((owner, key)) if owner == agency => Ok(key),
            Some(_) => Err(Error::Sealed("its key belongs to somebody else".into())),
            None => self.fetch(agency, id).await,
        }
    }

    async fn fetch(&self, agency: Option<AgencyId>, id: i32) -> Result<Key> {
        let mut tx = TenantTx::begin(&self.0.db, scope(agency)).await?;
        let row = sqlx::query!(
            "select id, wrapped, master_key_id from data_keys where key_id = $1 and agency_id is not distinct from $2 and state <> 'shredded'",
            id,
            agency.map(|id| id.0)
        )
        .fetch_optional(tx.conn())
        .await?
        .ok_or_else(|| Error::Sealed("its key is gone".into()))?;
        let key = self.0.keyring.unwrap(row.id, agency, &row.master_key_id, &row.wrapped)?;
        self.remember(id, agency, &key);
        Ok(key)
    }

    fn remember(&self, id: i32, agency: Option<AgencyId>, key: &Key) {
        remember(&self.0.opened, id, (agency, key.clone()));
    }

    /// The key that seals new values. It is created at its first use.
    async fn primary(&self, agency: Option<AgencyId>) -> Result<(i32, Key)> {
        let known = self.0.primaries.read().unwrap_or_else(PoisonError::into_inner).get(&agency).copied();
        if let Some((id, at)) = known
            && at.elapsed() < PRIMARY_FOR
        {
            return Ok((id, self.key(agency, id).await?));
        }
        let mut tx = TenantTx::begin(&self.0.db, scope(agency)).await?;
        let mut id = primary_id(&mut tx, agency).await?;
        if id.is_none() {
            self.add_key(&mut tx, agency).await?;
            id = primary_id(&mut tx, agency).await?;
        }
        tx.commit().await?;
        let id = id.ok_or_else(|| Error::Sealed("no key could be made".into()))?;
        remember(&self.0.primaries, agency, (id, Instant::now()));
        Ok((id, self.key(agency, id).await?))
    }

    /// Adds a data key. If another process has added one meanwhile, that one stays.
    async fn add_key(&self, tx: &mut TenantTx, agency: Option<AgencyId>) -> Result<()> {
        let row: Uuid = new_id();
        let wrapped = self.0.keyring.wrap(row, agency, &Key::random())?;
        sqlx::query!(
            "insert into data_keys (id, agency_id, wrapped, master_key_id) values ($1, $2, $3, $4) on conflict do nothing",
            row,
            agency.map(|id| id.0),
            wrapped,
            self.0.keyring.primary()
        )
        .execute(tx.conn())
        .await?;
        Ok(())
    }

    /// Tests the keys: one known value per master key, written at its first use, must open, and every data key
    /// must have its master key in the keyring.
    async fn self_test(&self) -> Result<()> {
        let mut tx = PlatformTx::begin(&self.0.db, None).await?;
        for id in self.0.keyring.ids() {
            let name = format!("vault_check:{id}");
            let fresh = serde_json::json!({ "sealed": hex::encode(self.0.keyring.known_value(id)?) });
            let kept = sqlx::query_scalar!(
                "insert into platform_settings (key, value) values ($1, $2) on conflict (key) do update set updated_at = now() returning value",
                name,
                fresh
            )
            .fetch_one(tx.conn())
            .await?;
            let sealed = kept.get("sealed").and_then(|text| hex::decode(text.as_str()?).ok()).unwrap_or_default();
            self.0.keyring.check_known_value(id, &sealed)?;
        }
        let used = sqlx::query_scalar!("select distinct master_key_id from data_keys where state <> 'shredded'")
            .fetch_all(tx.conn())
            .await?;
        tx.commit().await?;
        match used.iter().find(|id| !self.0.keyring.has(id)) {
            Some(missing) => Err(Error::Sealed(format!(
                "ENCRYPTION_KEY lacks the key \"{missing}\", which stored secrets need; add it behind the first"
            ))),
            None => Ok(()),
        }
    }
}

/// Remembers one more, after all are forgotten if they are too many.
fn remember<K: Eq + Hash, V>(known: &RwLock<HashMap<K, V>>, key: K, value: V) {
    let mut known = known.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST && !known.contains_key(&key) {
        known.clear();
    }
    known.insert(key, value);
}

async fn primary_id(tx: &mut TenantTx, agency: Option<AgencyId>) -> Result<Option<i32>> {
    let id = sqlx::query_scalar!(
        "select key_id from data_keys where agency_id is not distinct from $1 and state = 'primary'",
        agency.map(|id| id.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

fn scope(agency: Option<AgencyId>) -> Scope {
    match agency {
        Some(agency) => Scope::Agency { user: None, agency, reach: Reach::Listed, listed: Vec::new() },
        None => Scope::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_keys_are_remembered() {
        let known = RwLock::default();
        for id in 0..MOST {
            remember(&known, id, ());
        }
        remember(&known, 0, ());
        assert_eq!(known.read().unwrap().len(), MOST, "one that is known already takes no more room");
        remember(&known, MOST, ());
        let known = known.into_inner().unwrap();
        assert!(known.len() == 1 && known.contains_key(&MOST), "the last one is known");
    }
}
