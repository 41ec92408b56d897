//! How often was each table written to? A test that asks after every request cannot read the contents of all tables each time:
//! that takes longer than the request.

use std::collections::BTreeMap;

use super::TestDb;

/// From the first question on, a trigger notes each row that a transaction writes. What is rolled back is not noted.
const WATCH: &str = "
do $watch$
declare one regclass;
begin
  if to_regclass('watched.writes') is not null then
    return;
  end if;
  create schema watched;
  create table watched.writes (name text not null);
  create function watched.note() returns trigger language plpgsql security definer as
    $note$ begin insert into watched.writes values (tg_table_name); return null; end $note$;
  for one in
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^(pg_|information_schema|watched)'
  loop
    execute format('create trigger watched after insert or update or delete on %s for each row execute function watched.note()', one);
  end loop;
end $watch$";

impl TestDb {
    /// How many rows of each table were written since this was asked for the first time. A row that is written again unchanged
    /// counts, too.
    #[expect(
        clippy::disallowed_methods,
        reason = "the table exists in databases of tests alone, so the macro cannot check it"
    )]
    pub async fn writes(&self) -> BTreeMap<String, i64> {
        self.execute(WATCH).await;
        let rows: Vec<(String, i64)> = sqlx::query_as("select name, count(*) from watched.writes group by name")
            .fetch_all(&self.owner)
            .await
            .expect("the notes are read");
        rows.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::TestDb;

    #[tokio::test]
    async fn each_committed_row_is_noted_and_nothing_else() {
        let test = TestDb::new().await;
        test.agency().await;
        assert!(test.writes().await.is_empty(), "what was before is not counted");
        let agency = test.agency().await;
        test.business(agency).await;
        let once = test.writes().await;
        assert_eq!((once["agencies"], once["sub_accounts"]), (1, 1), "{once:?}");
        test.execute("update agencies set name = name where false").await;
        test.execute("begin; update agencies set name = name; rollback").await;
        assert_eq!(test.writes().await, once, "nothing was written");
        test.execute("update agencies set name = name").await;
        assert_eq!(test.writes().await["agencies"], 3, "rows that stay as they are count");
        test.execute("delete from sub_accounts").await;
        assert_eq!(test.writes().await["sub_accounts"], 2);
    }
}
