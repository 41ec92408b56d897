//! Caches opened secrets, so consecutive calls read nothing. An entry belongs to one reader and one purpose and lives
//! at most five minutes, so the audit log records every opening with both. A change by any process removes the entry at
//! once. The cache stores nothing unless a listener receives notices (`follow`), because it could not learn of changes
//! otherwise.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use domain::IntegrationId;
use domain::credential::Slot;
use secrecy::SecretString;
use tokio::sync::broadcast;

use super::open::{Opened, open, sealed};
use super::route::{NoRoute, Route, route};
use crate::listen::{Listener, Note};
use crate::vault::Vault;
use crate::{Db, Error, Result, Scope, TenantTx, integrations};

/// Lifetime of a cached secret.
const LIFE: Duration = Duration::from_secs(300);

/// The owner of a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum CredentialOwner {
    /// The agency's own company.
    Company,
    /// A location, by its id at the provider.
    Location(String),
}

/// An integration that may be used, with its opened secret. The refresh token is not kept.
#[derive(Clone, Debug)]
pub struct CachedCredential {
    /// The integration.
    pub integration: IntegrationId,
    /// The provider's id of the company or location.
    pub platform_id: String,
    /// Number of the secret's version within the integration.
    pub version: i32,
    /// The token or key itself.
    pub access: SecretString,
    /// The scopes that it has at the provider.
    pub scopes: Vec<String>,
    /// When it expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether it can be renewed.
    pub refreshable: bool,
}

impl CachedCredential {
    fn new(platform_id: String, opened: Opened) -> Self {
        let Opened { integration, version, access, refresh, scopes, expires_at, .. } = opened;
        Self { integration, platform_id, version, access, scopes, expires_at, refreshable: refresh.is_some() }
    }
}

/// Why there is no usable secret.
#[derive(Debug, thiserror::Error)]
pub enum NoCredential {
    /// The account is not connected, or it has no secret. The text names the account.
    #[error("{0} has no credentials")]
    NotFound(String),
    /// The location has no secret of its own; one can be minted from the company's secret.
    #[error("location {0} has no credentials of its own; the company's make some")]
    Mint(String),
    /// The integration was paused or disconnected. The text names the account.
    #[error("the connection of {0} is not in use")]
    Inactive(String),
    /// The integration can no longer renew its secret; a person must connect it again.
    #[error("the connection of {0} has ended and has to be made again")]
    NeedsReauth(String),
    /// An error of our own database or vault.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Cache of opened secrets, shared by everything in this process that makes outside calls. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cache(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    kept: HashMap<Key, (Instant, Arc<CachedCredential>)>,
    /// Whether a listener reports changes to this cache.
    followed: bool,
    /// How often entries were removed. A secret that was read before a removal must not be stored after it.
    forgotten: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    scope: Scope,
    whose: CredentialOwner,
    purpose: &'static str,
}

impl Cache {
    /// Returns the current secret, opened for this scope and purpose.
    pub async fn find(
        &self,
        db: &Db,
        vault: &Vault,
        scope: &Scope,
        whose: &CredentialOwner,
        purpose: &'static str,
    ) -> Result<Arc<CachedCredential>, NoCredential> {
        let key = Key { scope: scope.clone(), whose: whose.clone(), purpose };
        let seen = {
            let state = self.state();
            if let Some((_, ready)) = state.kept.get(&key).filter(|(at, _)| at.elapsed() < LIFE) {
                return Ok(Arc::clone(ready));
            }
            state.forgotten
        };
        let mut tx = TenantTx::begin(db, scope.clone()).await?;
        let (id, platform_id) = connection(&mut tx, whose).await?;
        let row = sealed(&mut tx, id, Slot::Current).await?.ok_or_else(|| NoCredential::NotFound(whose.to_string()))?;
        drop(tx);
        let ready = Arc::new(CachedCredential::new(platform_id, open(vault, scope, &row, purpose).await?));
        let mut state = self.state();
        if state.followed && state.forgotten == seen {
            state.kept.insert(key, (Instant::now(), Arc::clone(&ready)));
        }
        Ok(ready)
    }

    /// Removes all entries of one integration.
    pub fn forget(&self, integration: IntegrationId) {
        let mut state = self.state();
        state.forgotten += 1;
        state.kept.retain(|_, (_, ready)| ready.integration != integration);
    }

    /// Removes all entries.
    pub fn clear(&self) {
        let mut state = self.state();
        state.forgotten += 1;
        state.kept.clear();
    }

    /// Removes the entries that a notice names and the entries that expired, until the listener ends. The cache
    /// stores nothing after that, nor while the listener receives no notices.
    pub async fn follow(self, listener: Listener) {
        let (mut notes, mut receives_notices) = (listener.subscribe(), listener.receives_notices());
        drop(listener);
        loop {
            let heard = *receives_notices.borrow_and_update();
            self.state().followed = heard;
            if !heard {
                self.clear();
            }
            tokio::select! {
                note = tokio::time::timeout(LIFE, notes.recv()) => match note {
                    Ok(Ok(Note::Credential(integration))) => self.forget(integration),
                    Ok(Ok(Note::Reconnected) | Err(broadcast::error::RecvError::Lagged(_))) => self.clear(),
                    Ok(Ok(_)) | Err(_) => {}
                    Ok(Err(broadcast::error::RecvError::Closed)) => break,
                },
                changed = receives_notices.changed() => if changed.is_err() { break },
            }
            self.state().kept.retain(|_, (at, _)| at.elapsed() < LIFE);
        }
        self.state().followed = false;
        self.clear();
    }

    /// The number of entries, and how often entries were removed.
    #[cfg(all(test, feature = "testing"))]
    pub(super) fn kept_and_forgotten(&self) -> (usize, u64) {
        let state = self.state();
        (state.kept.len(), state.forgotten)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds the integration to use. Returns its id and the provider's id of the account.
async fn connection(tx: &mut TenantTx, whose: &CredentialOwner) -> Result<(IntegrationId, String), NoCredential> {
    match whose {
        CredentialOwner::Company => {
            let company = integrations::company(tx).await?.filter(|company| company.disconnected_at.is_none());
            let company = company.ok_or_else(|| NoCredential::NotFound(whose.to_string()))?;
            if !company.is_active || company.paused_at.is_some() {
                return Err(NoCredential::Inactive(whose.to_string()));
            }
            if company.needs_reauth_at.is_some() {
                return Err(NoCredential::NeedsReauth(whose.to_string()));
            }
            Ok((company.id, company.platform_id))
        }
        CredentialOwner::Location(location) => match route(tx, location).await? {
            Ok(Route::Own(id)) => Ok((id, location.clone())),
            Ok(Route::Mint { .. }) => Err(NoCredential::Mint(location.clone())),
            Err(NoRoute::NotFound(_)) => Err(NoCredential::NotFound(whose.to_string())),
            Err(NoRoute::Inactive(_)) => Err(NoCredential::Inactive(whose.to_string())),
        },
    }
}

impl std::fmt::Display for CredentialOwner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Company => f.write_str("the agency's company"),
            Self::Location(location) => write!(f, "location {location}"),
        }
    }
}
