//! Simulates data that was written while the database's clock was ahead: it finds all timestamps in the catalog
//! and moves every one of them a year forward.

use sqlx::{AssertSqlSafe, Executor};

use super::TestDb;

impl TestDb {
    /// Changes everything that was written until now as if the clock had been a year ahead.
    #[expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]
    pub async fn clock_was_ahead(&self) {
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('update %I set %s', c.relname, string_agg(format(case when a.atttypid = 'timestamptz'::regtype then '%1$I = %1$I + interval ''1 year'''
                      else '%1$I = array(select x + interval ''1 year'' from unnest(%1$I) with ordinality u(x, n) order by n)' end, a.attname), ', '))
             from pg_class c join pg_attribute a on a.attrelid = c.oid
             where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> '_sqlx_migrations' and a.attnum > 0 and not a.attisdropped
               and a.attgenerated = '' and a.atttypid in ('timestamptz'::regtype, 'timestamptz[]'::regtype)
             group by c.oid, c.relname order by 1",
        )
        .fetch_all(&self.owner)
        .await
        .expect("catalogue");
        assert!(tables.len() > 20, "the catalogue knows the product's tables");
        let mut conn = self.owner.acquire().await.expect("connection");
        conn.execute("set session_replication_role = replica").await.expect("no trigger puts the time right");
        for sql in tables {
            conn.execute(AssertSqlSafe(sql)).await.expect("the clock was ahead");
        }
        conn.execute("reset session_replication_role").await.expect("triggers again");
    }
}
