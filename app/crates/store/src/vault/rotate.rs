//! How does a key change while everything runs? A new master key re-wraps data keys, a new data key re-seals rows.
//! Both go row by row and may be stopped and started again: each row says which key it uses.

use domain::AgencyId;

use super::{Vault, scope};
use crate::{PlatformTx, Result, TenantTx};

/// How far a rotation is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Rows done.
    pub done: usize,
    /// Rows there were at the start.
    pub total: usize,
}

impl Vault {
    /// Wraps every data key with the first master key of the ring. Afterwards the others may leave the ring.
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
            let sealed = sqlx::query_scalar!("select wrapped from data_keys where id = $1 for update", row.id).fetch_one(tx.conn()).await?;
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
}
