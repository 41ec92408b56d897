//! How long are answers kept?

use std::time::Duration;

use crate::removal::begin;
use crate::retention::Rule;
use crate::{Db, Result};

/// Answers of the assistant with their traces.
pub(crate) const ANSWERS: Rule = Rule {
    name: "assistant-answers",
    title: "Remove answers of the assistant after two years",
    tables: &["ai_answers"],
    time: "created_at",
    age: Duration::from_secs(730 * 24 * 3600),
    every: Duration::from_secs(3600),
    piece: |db, age, most| Box::pin(answers(db, age, most)),
};

async fn answers(db: &Db, age: Duration, most: i64) -> Result<u64> {
    let mut tx = begin(db, age).await?;
    let gone = sqlx::query!(
        "delete from ai_answers where ctid = any(array(select ctid from ai_answers where created_at < now() - make_interval(secs => $1) order by created_at limit $2))",
        age.as_secs_f64(),
        most
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(gone.rows_affected())
}
