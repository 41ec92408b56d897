//! Does a request write to the database? It is asked after every request, so it must be quicker than reading all tables.

use std::collections::BTreeMap;

use crate::helpers::until;

/// How many rows of each table were written.
pub type Writes = BTreeMap<String, i64>;

/// The tables to which a request wrote that was just sent, compared with what was known before it. A task of an earlier request
/// may have written meanwhile: so if there is more than was known, the request is sent again once nobody writes any more, and
/// what it writes then counts.
pub async fn wrote(look: impl AsyncFn() -> Writes, known: &mut Writes, again: impl AsyncFnOnce()) -> Vec<String> {
    if look().await == *known {
        return Vec::new();
    }
    *known = settled(&look).await;
    again().await;
    let now = look().await;
    let more = now.iter().filter(|(table, rows)| known.get(*table) != Some(*rows));
    let more: Vec<String> = more.map(|(table, _)| table.clone()).collect();
    *known = now;
    more
}

/// The writes once nobody writes any more.
pub async fn settled(look: impl AsyncFn() -> Writes) -> Writes {
    let mut last = None;
    until("an end of all tasks", async || {
        let now = look().await;
        let is_same = last.as_ref() == Some(&now);
        last = Some(now.clone());
        is_same.then_some(now)
    })
    .await
}
