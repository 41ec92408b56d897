//! Sealed rows that were read lately, so that a call after a call reads nothing. It holds no opened secret, forgets after five
//! minutes, and forgets at once what any process changed (it hears of it through the listener).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use domain::IntegrationId;
use domain::credential::Slot;
use domain::identity::Reach;
use tokio::sync::broadcast;

use super::open::{Opened, Sealed, open, sealed};
use crate::listen::Note;
use crate::vault::Vault;
use crate::{Db, Error, Result, Scope, TenantTx};

/// How long a row is believed.
const LIFE: Duration = Duration::from_secs(300);

/// Shared by everything that calls out in this process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cache(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    rows: HashMap<IntegrationId, (Instant, Arc<Sealed>)>,
    /// Counts what was forgotten: a row read before that must not come back after it.
    forgotten: u64,
}

impl Cache {
    /// Opens the secret in use; `NotFound` when the connection has none, was ended or belongs to somebody else.
    pub async fn open(
        &self,
        db: &Db,
        vault: &Vault,
        scope: &Scope,
        integration: IntegrationId,
        purpose: &str,
    ) -> Result<Opened> {
        let row = self.row(db, scope, integration).await?;
        open(vault, scope, &row, purpose).await
    }

    async fn row(&self, db: &Db, scope: &Scope, integration: IntegrationId) -> Result<Arc<Sealed>> {
        let seen = {
            let state = self.state();
            if let Some((at, row)) = state.rows.get(&integration)
                && at.elapsed() < LIFE
                && reaches(scope, row)
            {
                return Ok(Arc::clone(row));
            }
            state.forgotten
        };
        let mut tx = TenantTx::begin(db, scope.clone()).await?;
        let row = Arc::new(sealed(&mut tx, integration, Slot::Current).await?.ok_or(Error::NotFound)?);
        let mut state = self.state();
        if state.forgotten == seen {
            state.rows.insert(integration, (Instant::now(), Arc::clone(&row)));
        }
        Ok(row)
    }

    /// Forgets what it knows of one connection.
    pub fn forget(&self, integration: IntegrationId) {
        let mut state = self.state();
        state.forgotten += 1;
        state.rows.remove(&integration);
    }

    /// Forgets everything.
    pub fn clear(&self) {
        let mut state = self.state();
        state.forgotten += 1;
        state.rows.clear();
    }

    /// Forgets what the listener hears of, until the listener ends.
    pub async fn follow(self, mut notes: broadcast::Receiver<Note>) {
        loop {
            match notes.recv().await {
                Ok(Note::Credential(integration)) => self.forget(integration),
                Ok(Note::Reconnected) | Err(broadcast::error::RecvError::Lagged(_)) => self.clear(),
                Ok(_) => {}
                Err(broadcast::error::RecvError::Closed) => return self.clear(),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What the policies of the table would say of this row; the database is asked again for anybody else.
fn reaches(scope: &Scope, row: &Sealed) -> bool {
    match scope {
        Scope::Agency { agency, reach, listed, .. } => {
            *agency == row.agency && row.business.is_none_or(|id| *reach == Reach::All || listed.contains(&id))
        }
        Scope::Client { agency, business, reach, listed, .. } => {
            *agency == row.agency
                && row.business.is_none_or(|id| id == *business || *reach == Reach::All || listed.contains(&id))
        }
        Scope::Business { business, .. } => row.business == Some(*business),
        Scope::Presented(_) | Scope::Person(_) | Scope::Open => false,
    }
}
