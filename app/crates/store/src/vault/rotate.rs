//! Rotates keys while everything runs: a new master key wraps the data keys again, a new data key seals the rows again.
//! Both work row by row and resume after an interruption, because each row names its key.

use domain::AgencyId;

use super::{Vault, scope};
use crate::{PlatformTx, Result, TenantTx};

/// Progress of a rotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Rows done.
    pub done: usize,
    /// Rows to do at the start.
    pub total: usize,
}

impl Vault {
    /// Wraps every data key with the first master key of the ring. After that the other keys may be removed from
    /// the ring.
    pub async fn rotate_master(&self, mut progress: impl FnMut(Rotation)) -> Result<Rotation> {
        let primary = self.0.keyring.primary();
        let mut tx = PlatformTx::begin(&self.0.db, None).await?;
        let old = sqlx::query!(
            r#"select id, agency_id as "agency: AgencyId", master_key_id from data_keys where master_key_id <> $1 and state <> 'shredded' order by id"#,
            primary
        )
        .fetch_all(tx.conn())
        .await?;
        tx.commit().await?;
        let mut state = Rotation { done: 0, total: old.len() };
        progress(state);
        for row in old {
            let mut tx = TenantTx::begin(&self.0.db, scope(row.agency)).await?;
            let sealed = sqlx::query_scalar!("select wrapped from data_keys where id = $1 for update", row.id)
                .fetch_one(tx.conn())
                .await?;
            let key = self.0.keyring.unwrap(row.id, row.agency, &row.master_key_id, &sealed)?;
            let wrapped = self.0.keyring.wrap(row.id, row.agency, &key)?;
            sqlx::query!(
                "update data_keys set wrapped = $2, master_key_id = $3 where id = $1 and master_key_id = $4",
                row.id,
                wrapped,
                primary,
                row.master_key_id
            )
            .execute(tx.conn())
            .await?;
            tx.commit().await?;
            state.done += 1;
            progress(state);
        }
        Ok(state)
    }

    /// Creates an agency's next data key, unless a rotation is in progress, and returns the number of the primary
    /// key. Other processes may seal with the old key for another minute, so an old key is retired only when no
    /// row uses it.
    pub(crate) async fn next_key(&self, agency: AgencyId) -> Result<i32> {
        self.primary(Some(agency)).await?;
        let mut tx = TenantTx::begin(&self.0.db, scope(Some(agency))).await?;
        let rotating = sqlx::query_scalar!(
            r#"select exists (select from data_keys where agency_id = $1 and state = 'reader') as "rotating!""#,
            agency.0
        )
        .fetch_one(tx.conn())
        .await?;
        if !rotating {
            sqlx::query!("update data_keys set state = 'reader' where agency_id = $1 and state = 'primary'", agency.0)
                .execute(tx.conn())
                .await?;
            self.add_key(&mut tx, Some(agency)).await?;
        }
        tx.commit().await?;
        self.0.primaries.write().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&Some(agency));
        Ok(self.primary(Some(agency)).await?.0)
    }
}
