//! Would the tests of the catalog notice a violation? Each rule is checked in a database in which the test breaks
//! what the rule protects, table by table and policy by policy. The database is then thrown away.

use sqlx::{AssertSqlSafe, Executor};
use store::testing::TestDb;

use super::{
    CALLED_BACK, CLASSES, CUT, EMPTIED, FORCED, KEYS, OWN_TODOS, RENOUNCED, SWEPT, UNREAD, WRITTEN, differing, made,
    offenders,
};

async fn run(test: &TestDb, sql: String) {
    test.superuser().execute(AssertSqlSafe(sql)).await.unwrap();
}

#[tokio::test]
async fn a_table_that_does_not_force_its_rules_is_found() {
    let test = TestDb::new().await;
    assert_eq!(offenders(&test, FORCED).await, Vec::<String>::new());
    for (table, ..) in CLASSES {
        for (harm, remedy) in [("no force", "force"), ("disable", "enable")] {
            run(&test, format!("alter table {table} {harm} row level security")).await;
            assert_eq!(offenders(&test, FORCED).await, [*table], "{harm}");
            run(&test, format!("alter table {table} {remedy} row level security")).await;
        }
    }
}

#[tokio::test]
async fn a_rule_that_is_gone_or_lets_everybody_in_is_found() {
    let test = TestDb::new().await;
    let rules: Vec<(String, String, String, bool)> = sqlx::query_as(
        "select tablename::text, policyname::text, cmd, coalesce(case when cmd = 'INSERT' then with_check else qual end, '') = 'true' from pg_policies where schemaname = 'public' and policyname not in ('lookup', 'same_company', 'sweep', 'own_links', 'end_invites', 'own_todos', 'tick_own_todos', 'retention', 'emptying', 'cutting', 'unread', 'ahead') order by 1, 2",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap();
    assert!(rules.len() > CLASSES.len(), "every table has rules");
    let made = made(&test).await;
    let mut conn = test.superuser().acquire().await.unwrap();
    for (table, rule, command, is_open) in rules {
        let open = if command == "INSERT" { "with check (true)" } else { "using (true)" };
        let mut harms = vec![format!("drop policy \"{rule}\" on {table}")];
        // A policy for the platform's own role has no condition other than the role.
        harms.extend((!is_open).then(|| format!("alter policy \"{rule}\" on {table} {open}")));
        for harm in harms {
            conn.execute("begin").await.unwrap();
            conn.execute(AssertSqlSafe(harm.clone())).await.unwrap();
            let found = differing(&mut conn, &made).await;
            conn.execute("rollback").await.unwrap();
            assert!(found.iter().any(|line| line.starts_with(&format!("{table} | {rule}"))), "{harm}: {found:?}");
        }
    }
}

#[tokio::test]
async fn rules_without_a_question_and_keys_without_their_tenant_are_found() {
    let test = TestDb::new().await;
    for (law, harm, found) in [
        (WRITTEN, "create policy open on snapshots for insert to app_rt", "snapshots.open"),
        (SWEPT, "alter policy sweep on sessions using (true)", "sessions"),
        (CALLED_BACK, "alter policy end_invites on one_time_tokens with check (true)", "one_time_tokens"),
        (EMPTIED, "alter policy emptying on ai_answers with check (trace = '{}')", "ai_answers"),
        (CUT, "alter policy cutting on tool_chains using (true)", "tool_chains"),
        (UNREAD, "alter policy unread on contacts using (true)", "contacts.unread"),
        (OWN_TODOS, "alter policy own_todos on todos using (true)", "todos.own_todos"),
        (RENOUNCED, "alter policy own_links on one_time_tokens with check (true)", "one_time_tokens"),
        (KEYS, "alter table api_calls add snapshot uuid references snapshots (id)", "api_calls -> snapshots"),
    ] {
        assert_eq!(offenders(&test, law).await, Vec::<String>::new(), "{harm}");
        run(&test, harm.to_owned()).await;
        assert!(offenders(&test, law).await.iter().any(|line| line.starts_with(found)), "{harm} is not found");
    }
}
