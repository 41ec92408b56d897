//! How do claims step around dead rows? While an old snapshot is open, no dead row can be cleaned away, and each claim
//! would walk over all of them. So each row belongs to an era, and claims look at the present era and the one before.
//!
//! A process begins a new era when its claims walked over more than that costs. What then still waits in former eras moves
//! into the new one, and so do leases. A transaction that adds work and commits late leaves it in a former era: the worker
//! that tidies looks there, too, each time at those of the last seconds and more and more rarely at all of them.
//!
//! Statements that move rows find them by era and write them by id or by `ctid`, as locked rows cannot move, from an array
//! that is made first. A join would be planned from statistics that know no dead rows, and would then walk over all of them.

use std::collections::VecDeque;

use sqlx::PgConnection;

use super::moves::commit_and_notify;
use crate::{Db, Result, Scope, TenantTx};

/// A new era is worth it after so many entries of the index were walked over: it takes about as long to begin one.
const WORTH: i64 = 3000;
/// Moving one row takes as long as walking over so many entries.
const PER_ROW: i64 = 60;
/// Each time no new era could begin, the next try waits for twice as many entries as before. They double so often at most.
const MOST_DOUBLED: u32 = 6;
/// With more waiting rows than this, no new era begins, because they would all have to move.
pub(super) const MOST_MOVED: i64 = 1000;
/// Leases are counted in so many eras before the present one. One that is committed while others begin an era or two, or
/// is just moving, is not missed.
pub(super) const COUNTED: i32 = 3;
/// How many former eras each look goes through at least. It goes through all that began since so many looks before.
const LATEST: i32 = 6;
const LOOKS: usize = 8;
/// After how many looks at most one goes through all former eras.
const ALL_AFTER: u32 = 32;
/// More eras than this do not begin between two looks. So the number jumped, as it may when the database crashes.
const JUMP: i32 = 20;

/// What the claims of one process from one queue walked over since they first saw the present era.
#[derive(Clone, Debug, Default)]
pub struct Walked {
    era: i32,
    entries: i64,
    /// How many entries had been walked over when no new era could begin last.
    tried: i64,
    /// How often no new era could begin, since this one was seen.
    refused: u32,
}

impl Walked {
    /// Counts the entries that a claim read in this era.
    pub(super) fn count(&mut self, era: i32, entries: i64) {
        if self.era != era {
            *self = Self { era, ..Self::default() };
        }
        self.entries += entries;
    }

    /// How many waiting rows a new era may move, if it is time for one.
    pub(super) fn worth_moving(&self) -> Option<i64> {
        let needed = WORTH << self.refused.min(MOST_DOUBLED);
        (self.entries - self.tried >= needed).then(|| (self.entries / PER_ROW).min(MOST_MOVED))
    }

    /// No new era could begin. It is tried again after more was walked over: a try costs as much as a claim, and nobody can tidy
    /// meanwhile.
    pub(super) const fn refuse(&mut self) {
        self.refused += 1;
        self.tried = self.entries;
    }
}

/// What one process knows of the eras.
#[derive(Debug, Default)]
pub struct Eras {
    /// The present era as the last looks saw it, oldest first.
    seen: VecDeque<i32>,
    /// Looks until the next one through all former eras, and what that number is next.
    until_all: u32,
    pause: u32,
    /// The first era of the last look, if that may have left rows behind.
    left: Option<i32>,
}

/// What one look of a process goes through.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The present era.
    era: i32,
    /// The first of the former eras.
    first: i32,
}

impl Eras {
    /// Decides what this look goes through.
    pub(super) fn look(&mut self, present: i32) -> Look {
        let all = self.looks_at_all(present);
        self.seen.push_back(present);
        if self.seen.len() > LOOKS {
            self.seen.pop_front();
        }
        let latest = self.seen.iter().copied().fold(present - LATEST, i32::min) - 1;
        let first = self.left.map_or(latest, |left| left.min(latest));
        Look { era: present, first: if all { 0 } else { first } }
    }

    /// A number that jumps, as after a crash of the database, is a reason to look through all former eras again.
    fn looks_at_all(&mut self, present: i32) -> bool {
        if self.seen.back().is_none_or(|era| !(*era..=era + JUMP).contains(&present)) {
            (self.until_all, self.pause) = (0, 0);
        }
        if self.until_all > 0 {
            self.until_all -= 1;
            return false;
        }
        self.pause = (self.pause * 2).clamp(1, ALL_AFTER);
        self.until_all = self.pause;
        true
    }

    /// Hears how many rows a look moved. If it may have left some behind, the next one begins where it began: after a jump of the
    /// number everything that waited is there.
    pub(super) fn looked(&mut self, look: &Look, moved: usize) {
        let is_full = i64::try_from(moved).is_ok_and(|moved| moved >= MOST_MOVED);
        self.left = is_full.then_some(look.first);
    }
}

impl Look {
    /// The first era with leases, after `count`.
    pub(super) const fn leases_from(&self) -> i32 {
        self.era - COUNTED
    }

    /// Whether it goes through all former eras, not just the latest.
    pub(super) const fn is_at_all(&self) -> bool {
        self.first == 0
    }

    /// The eras ahead of the present one. Sequences do not follow to another database as rows do, so its number may be behind
    /// them. No other process begins an era meanwhile, so nothing else is ahead.
    const fn ahead(&self) -> (i32, i32) {
        (self.era + 1, i32::MAX)
    }

    /// Moves leases that claims no longer count into the present era. Only one process does so at a time.
    pub(super) async fn count(&self, conn: &mut PgConnection) -> Result<()> {
        if self.era > COUNTED + 1 {
            count_again(conn, (self.first, self.era - COUNTED), self.era).await?;
        }
        if self.is_at_all() {
            count_again(conn, self.ahead(), self.era).await?;
        }
        Ok(())
    }

    /// Moves what waits in other eras into the present one. Only one process does so at a time. Returns the queues whose work was
    /// moved. A transaction that adds the same work waits for what was moved here, so this comes after everything that may wait
    /// for such a transaction.
    pub(super) async fn gather(&self, conn: &mut PgConnection) -> Result<Vec<String>> {
        let before = (self.first, self.era - 1);
        let mut queues = if self.era > 2 { moved(conn, before, self.era).await? } else { Vec::new() };
        if self.is_at_all() {
            queues.extend(moved(conn, self.ahead(), self.era).await?);
        }
        Ok(queues)
    }
}

/// Moves ready rows of the eras from the first up to before the second into this one. Returns their queues.
async fn moved(conn: &mut PgConnection, eras: (i32, i32), into: i32) -> Result<Vec<String>> {
    let queues = sqlx::query_scalar!(
        "with old as materialized (select ctid as place from work_ready where era >= $1 and era < $2 limit $4 for update skip locked)
         update work_ready set era = $3 where ctid = any(array(select place from old)) returning lane",
        eras.0,
        eras.1,
        into,
        MOST_MOVED
    );
    Ok(queues.fetch_all(conn).await?)
}

/// Moves leases of the eras from the first up to before the second, which claims no longer count, into this one. There are
/// some that were committed late, and after a jump of the number.
async fn count_again(conn: &mut PgConnection, eras: (i32, i32), into: i32) -> Result<()> {
    let leases = sqlx::query!(
        "with old as materialized (select id from work_leases where era >= $1 and era < $2 for update skip locked)
         update work_leases set era = $3 where id = any(array(select id from old))",
        eras.0,
        eras.1,
        into
    );
    leases.execute(conn).await?;
    Ok(())
}

/// The present era, if no other process moves rows just now; none does until this transaction ends. Whatever a crash of the
/// database undoes of it is done again, so the commit does not wait for the disk. While a table is small, the planner would
/// read it whole, and it keeps that plan when the table has grown.
pub(super) async fn alone(conn: &mut PgConnection) -> Result<Option<i32>> {
    let row = sqlx::query!(
        r#"select pg_try_advisory_xact_lock(hashtextextended('work:tidy', 0)) as "mine!", set_config('synchronous_commit', 'off', true) as quick,
                  set_config('enable_seqscan', 'off', true) as indexed, pg_sequence_last_value('work_era'::regclass)::int as "era!""#
    )
    .fetch_one(conn)
    .await?;
    Ok(row.mine.then_some(row.era))
}

/// Begins the next era, unless more rows than this wait where claims would no longer look, or another process is tidying just
/// now. Returns whether it began.
pub(super) async fn advance(db: &Db, most: i64) -> Result<bool> {
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let Some(era) = alone(tx.conn()).await? else { return Ok(false) };
    let begun = begin_next(tx.conn(), era, most).await?;
    let began = begun.is_some();
    commit_and_notify(tx, begun.unwrap_or_default()).await?;
    Ok(began)
}

/// Begins the next era, unless too much waits or is locked in those that claims would no longer look at. Leases are counted in
/// two eras more than work is claimed from, so no lease is missing while those of old eras move. They move into this era, so
/// they also count where the next one does not begin.
async fn begin_next(conn: &mut PgConnection, era: i32, most: i64) -> Result<Option<Vec<String>>> {
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "waiting!" from (select from work_ready where era < $1 and era >= $1 - 1 limit $2) r"#,
        era,
        most + 1
    );
    if waiting.fetch_one(&mut *conn).await? > most {
        return Ok(None);
    }
    let leases = sqlx::query_scalar!(
        r#"with held as materialized (select id from work_leases where era >= $2 and era < $3 for update skip locked),
                moved as (update work_leases set era = $1 where id = any(array(select id from held)) returning id)
           select (select count(*) from work_leases where era >= $2 and era < $3) = (select count(*) from moved) as "all!""#,
        era,
        era - LATEST,
        era + 2 - COUNTED
    );
    if !leases.fetch_one(&mut *conn).await? {
        return Ok(None);
    }
    let queues = moved(conn, (era - 1, era), era + 1).await?;
    sqlx::query!("select nextval('work_era')").fetch_one(conn).await?;
    Ok(Some(queues))
}
