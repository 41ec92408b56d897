//! Simulates that somebody wrote markup into everything that is stored. It puts a text into every column of every
//! table that accepts it, past all rules but the constraints. So a test of what the product shows need not know
//! the columns.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::TestDb;

/// A column, and what happened to the text that was put into it.
#[derive(Clone, Debug)]
pub struct PlantedText {
    /// `table.column`.
    pub column: String,
    /// How many rows now hold the text.
    pub rows: u64,
    /// The error of the database if it accepted none of the texts.
    pub refused: Option<String>,
}

/// Every column that can hold text and is not part of a key.
const COLUMNS: &str = "select c.relname::text, a.attname::text, t.typname::text from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    join pg_type t on t.oid = a.atttypid
    where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = 'public'::regnamespace and c.relname <> '_sqlx_migrations'
      and t.typname in ('text', 'varchar', 'bpchar', 'citext', '_text', '_varchar', 'json', 'jsonb')
      and not exists (select from pg_constraint k where (k.conrelid = c.oid and k.contype in ('p', 'f') and a.attnum = any (k.conkey))
                                                     or (k.confrelid = c.oid and a.attnum = any (k.confkey)))
    order by 1, 2";

/// Puts the text before every string in a JSON value that people write: before each string that is not a plain
/// word or number of ours, and before each string whose member name says that people write it. Names of custom
/// values are written by people, too.
const IN_JSON: &str = "create or replace function pg_temp.planted(j jsonb, p text, k text) returns jsonb language plpgsql as $f$ begin
  return case jsonb_typeof(j)
    when 'object' then (select coalesce(jsonb_object_agg(case when k = 'custom_values' then p || key else key end, pg_temp.planted(value, p, key)), '{}') from jsonb_each(j))
    when 'array' then (select coalesce(jsonb_agg(pg_temp.planted(value, p, k) order by n), '[]') from jsonb_array_elements(j) with ordinality e (value, n))
    when 'string' then case when j #>> '{}' ~ '[^A-Za-z0-9_.:/+-]' or k ~ '(name|title|label|message|detail|city|tags|note|value|address|text)'
      then to_jsonb(p || (j #>> '{}')) else j end
    else j end;
end $f$";

impl TestDb {
    /// Puts one of the texts, the first that the constraints allow, into every text column except those left
    /// alone: into each row that holds something, or into all rows if none does. A few letters in front make the
    /// texts different from each other.
    #[expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]
    pub async fn plant(&self, texts: &[&str], left_alone: &[&str]) -> Vec<PlantedText> {
        let mut conn = self.owner.acquire().await.expect("seed connection");
        run(&mut conn, "set session_replication_role = replica").await.expect("past triggers");
        run(&mut conn, IN_JSON).await.expect("helper");
        let columns = sqlx::query(AssertSqlSafe(COLUMNS.to_owned())).fetch_all(&mut *conn).await.expect("catalogue");
        let mut found = Vec::new();
        for row in columns {
            let (table, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
            let name = format!("{table}.{column}");
            if left_alone.contains(&name.as_str()) {
                continue;
            }
            found.push(into(&mut conn, name, (&table, &column, &kind), texts).await);
        }
        run(&mut conn, "set session_replication_role = origin").await.expect("triggers again");
        found
    }
}

async fn run(conn: &mut PgConnection, sql: &str) -> sqlx::Result<u64> {
    Ok(sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(conn).await?.rows_affected())
}

async fn into(conn: &mut PgConnection, name: String, place: (&str, &str, &str), texts: &[&str]) -> PlantedText {
    let (table, column, kind) = place;
    let mut refused = None;
    for text in texts {
        // Quotes are doubled, as in every SQL literal.
        let text = format!("left(md5(t.ctid::text || '{name}'), 4) || '{}'", text.replace('\'', "''"));
        let value = match kind {
            "_text" | "_varchar" => format!("array_append(coalesce({column}, '{{}}'), {text})"),
            "json" | "jsonb" => format!("pg_temp.planted({column}::jsonb, {text}, '')::{kind}"),
            _ => text,
        };
        for condition in ["is not null", "is null"] {
            let sql = format!("update {table} t set {column} = {value} where t.{column} {condition}");
            let mut tx = conn.begin().await.expect("a transaction");
            match run(&mut tx, &sql).await {
                Ok(0) => {}
                Ok(rows) => {
                    tx.commit().await.expect("planting");
                    return PlantedText { column: name, rows, refused: None };
                }
                Err(error) => refused = Some(error.to_string()),
            }
        }
    }
    PlantedText { column: name, rows: 0, refused }
}
