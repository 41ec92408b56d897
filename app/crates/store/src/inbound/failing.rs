//! Does something that came in fail again and again? Then somebody has to look: before it is put aside, or soon after.

use crate::{Db, PlatformTx, Result};

/// What came in and was not done. Each number counts up to a thousand or two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failing {
    /// Items and bodies that were put aside within the last hour.
    pub put_aside: i64,
    /// Items that failed several times and wait to be tried again.
    pub tried: i64,
}

impl Failing {
    /// Whether anything fails.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.put_aside > 0 || self.tried > 0
    }
}

/// Counts what fails, of all agencies and of none. The cost does not grow with what came in.
pub async fn failing(db: &Db) -> Result<Failing> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let found = sqlx::query_as!(
        Failing,
        r#"select (select count(*) from (select from inbound_items where outcome = 'quarantined' and processed_at > now() - interval '1 hour' limit 1000) i)
                + (select count(*) from (select from inbound_events where state = 'quarantined' and done_at > now() - interval '1 hour' limit 1000) e) as "put_aside!",
                  (select count(*) from (select from inbound_items where outcome = 'waiting' and attempts >= 5 limit 1000) w) as "tried!""#
    );
    Ok(found.fetch_one(tx.conn()).await?)
}
