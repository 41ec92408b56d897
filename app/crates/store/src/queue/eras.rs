//! How do claims step around dead rows? While an old snapshot is open, no dead row can be cleaned away, and each claim
//! would walk over all of them. So each row belongs to an era, and claims look at the present era and the one before.
//!
//! A worker begins a new era when many rows were taken. What then still waits in former eras moves into the new one, and
//! so do leases. A transaction that adds work and commits late leaves it in a former era: the worker looks there, too,
//! each second at the latest ones and more and more rarely at all of them.

use sqlx::PgConnection;

use crate::Result;

/// A new era begins after so many rows were taken, if so many dead rows are kept.
const TAKEN: i64 = 1000;
const DEAD: i64 = 2000;
/// With more waiting rows than this, no new era begins, because they would all have to move.
const MOST_MOVED: i64 = 1000;
/// How many former eras each look goes through, and after how many looks at most one goes through all.
const LATEST: i32 = 6;
const ALL_AFTER: u32 = 32;

/// What one process knows of the eras.
#[derive(Debug, Default)]
pub struct Eras {
    /// The last era that was seen, and how many rows had been taken when it was seen first.
    seen: Option<(i32, i64)>,
    /// Looks until the next one through all former eras, and what that number is next.
    until_all: u32,
    pause: u32,
}

/// What the database counts. The numbers are some seconds old at most.
pub(super) struct Counted {
    /// The present era.
    pub(super) era: i32,
    /// Rows that were taken from the ready ones since the statistics began.
    pub(super) taken: i64,
    /// Dead rows among the ready ones that were not cleaned away.
    pub(super) dead: i64,
}

/// What one look of a process does.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// The present era.
    era: i32,
    /// Whether it goes through all former eras, not just the latest.
    all: bool,
    /// Whether it begins the next era.
    next: bool,
}

impl Eras {
    /// Decides what this look does.
    pub(super) fn look(&mut self, counted: &Counted) -> Look {
        let all = self.looks_at_all(counted.era);
        Look { era: counted.era, all, next: self.is_over(counted) }
    }

    /// A number that jumps, as after a crash of the database, is a reason to look through all former eras again.
    fn looks_at_all(&mut self, present: i32) -> bool {
        if self.seen.is_none_or(|(era, _)| !(era..=era + 1).contains(&present)) {
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

    /// Whether so many rows were taken in this era that the next one has to begin. The statistics may have begun anew.
    fn is_over(&mut self, counted: &Counted) -> bool {
        match self.seen {
            Some((era, before)) if era == counted.era && before <= counted.taken => {
                counted.taken - before >= TAKEN && counted.dead >= DEAD
            }
            _ => {
                self.seen = Some((counted.era, counted.taken));
                false
            }
        }
    }
}

impl Look {
    /// The first era whose leases are looked at.
    pub(super) const fn leases_from(&self) -> i32 {
        if self.all { 0 } else { self.era - 2 }
    }

    /// Whether it begins the next era.
    #[cfg(all(test, feature = "testing"))]
    pub(super) const fn begins(&self) -> bool {
        self.next
    }

    /// Moves what waits in former eras into the present one, and begins the next if it is time. Only one process does so at a
    /// time. Returns the queues whose work was moved.
    pub(super) async fn tidy(&self, conn: &mut PgConnection) -> Result<Vec<String>> {
        let first = if self.all { 0 } else { self.era - 1 - LATEST };
        let mut queues = if self.era > 2 { moved(conn, (first, self.era - 1), self.era).await? } else { Vec::new() };
        if self.all && self.era > 3 {
            count_again(conn, self.era).await?;
        }
        if self.next {
            queues.extend(begin_next(conn, self.era).await?);
        }
        Ok(queues)
    }
}

/// Moves ready rows of the eras from the first up to before the second into this one. Returns their queues.
async fn moved(conn: &mut PgConnection, eras: (i32, i32), into: i32) -> Result<Vec<String>> {
    let queues = sqlx::query_scalar!(
        "with old as (select id, ctid as place from work_ready where era >= $1 and era < $2 limit $4 for update skip locked)
         update work_ready r set era = $3 from old where r.ctid = old.place and r.id = old.id returning r.lane",
        eras.0,
        eras.1,
        into,
        MOST_MOVED
    );
    Ok(queues.fetch_all(conn).await?)
}

/// Moves leases that claims no longer count into this era. There are some after a jump of the number.
async fn count_again(conn: &mut PgConnection, era: i32) -> Result<()> {
    let leases = sqlx::query!(
        "with old as (select id from work_leases where era < $1 - 2 for update skip locked)
         update work_leases l set era = $1 from old where l.id = old.id",
        era
    );
    leases.execute(conn).await?;
    Ok(())
}

/// Begins the next era, unless too much waits or is locked in those that claims would no longer look at. Leases are counted in
/// one era more than work is claimed from, so no lease is missing while those of old eras move.
async fn begin_next(conn: &mut PgConnection, era: i32) -> Result<Vec<String>> {
    let next = era + 1;
    let waiting = sqlx::query_scalar!(
        r#"select count(*) as "waiting!" from (select from work_ready where era < $1 and era >= $1 - 1 limit $2) r"#,
        era,
        MOST_MOVED + 1
    );
    if waiting.fetch_one(&mut *conn).await? > MOST_MOVED {
        return Ok(Vec::new());
    }
    let leases = sqlx::query_scalar!(
        r#"with held as (select id from work_leases where era < $1 and era >= $1 - $3 for update skip locked),
                moved as (update work_leases l set era = $2 from held where l.id = held.id returning l.id)
           select (select count(*) from work_leases where era < $1 and era >= $1 - $3) = (select count(*) from moved) as "all!""#,
        era,
        next,
        LATEST
    );
    if !leases.fetch_one(&mut *conn).await? {
        return Ok(Vec::new());
    }
    let queues = moved(conn, (era - 1, era), next).await?;
    sqlx::query!("select nextval('work_era')").fetch_one(conn).await?;
    Ok(queues)
}
