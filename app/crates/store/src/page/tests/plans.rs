//! Does an index give each order of each list, and how many statements does a page cost?

use domain::messaging::received::MOST_SEARCHED;
use domain::page::{COUNTED, ListQuery, Operator};
use sqlx::{PgConnection, Row as _};

use super::seed::World;
use super::{Reader, filtered, ordered, readers};
use crate::page::selection::Selection;
use crate::page::{KeyKind, LISTS, List, statement};

/// Number of statements that a page of a list costs at most.
const MOST_STATEMENTS: usize = 4;

/// The lines of the plan for a query, without those of plans inside it: the count, and what the policies ask.
async fn plan(reader: &mut Reader, list: &'static List, query: &ListQuery) -> Vec<String> {
    let selection = Selection::read(list, query).expect("a query");
    let mut sql = statement::page("explain ", list, reader.within(), &selection);
    let rows = sql.build().persistent(false).fetch_all(reader.conn()).await.expect("a plan");
    let (mut lines, mut inner) = (Vec::new(), None);
    for line in rows.iter().map(|row| row.get::<String, _>(0)) {
        let indent = line.len() - line.trim_start().len();
        if inner.is_some_and(|outside| indent > outside) {
            continue;
        }
        let is_inner = ["InitPlan", "SubPlan"].iter().any(|kind| line.trim_start().starts_with(kind));
        inner = is_inner.then_some(indent);
        if !is_inner {
            lines.push(line);
        }
    }
    lines
}

async fn switch_off(conn: &mut PgConnection, ways: &[&str]) {
    for way in ways {
        sqlx::query("select set_config($1, 'off', true)").bind(way).execute(&mut *conn).await.expect("a setting");
    }
}

/// Whether a line of a plan sorts all rows that come before it. An incremental sort only sorts rows of the same key.
fn sorts(line: &str) -> bool {
    line.trim_start_matches([' ', '-', '>']).starts_with("Sort  (cost")
}

#[tokio::test]
async fn an_index_gives_each_order_and_where_a_page_begins() {
    let world = World::new().await;
    // With few rows of others, reading all of them by their age costs as little as reading the agency's own.
    let others = world.test.agency().await;
    world.seed("sub_accounts", others, 5_000, 20_000).await;
    for table in [
        "snapshots",
        "integrations",
        "provisioning_jobs",
        "audit_events",
        "api_calls",
        "phone_routing",
        "webhook_deliveries",
        "todos",
        "ghl_locations",
        "notifications",
        "conversations",
        "inbound_items",
    ] {
        world.seed(table, others, 5_000, 20_000).await;
    }
    world.test.execute("analyze").await;
    for list in LISTS {
        for mut reader in readers(&world, list).await {
            // A plan that sorts is then chosen only if no index gives the order.
            switch_off(reader.conn(), &["enable_seqscan", "enable_bitmapscan", "enable_sort"]).await;
            for order in list.orders {
                let mut query = ordered(order, 20);
                let within = reader.within();
                query.cursor = list.find(reader.conn(), within, &query).await.expect("a page").next;
                assert!(query.cursor.is_some(), "{} has a second page", list.key);
                for query in [ordered(order, 20), query] {
                    let lines = plan(&mut reader, list, &query).await;
                    let what = format!("{} by {order}:\n{}", list.key, lines.join("\n"));
                    assert!(!lines.iter().any(|line| sorts(line)), "all rows are sorted: {what}");
                    assert!(!lines.iter().any(|line| line.contains("Seq Scan")), "no index is used: {what}");
                    let ranges = || lines.iter().filter(|line| line.contains("Index Cond:"));
                    assert!(
                        within.agency.is_none() || ranges().any(|line| line.contains("agency_id")),
                        "rows of all agencies are read: {what}"
                    );
                    // A time is compared in the index. A lower-case name is not, because the policies come first.
                    let key = list.key(order.trim_start_matches('-')).expect("a key");
                    let column = key.sql.rsplit('.').next().expect("a column");
                    assert!(
                        query.cursor.is_none()
                            || !matches!(key.kind, KeyKind::Time)
                            || ranges().any(|line| line.contains(column)),
                        "the page does not begin in the index: {what}"
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn a_search_of_the_platform_is_found_by_an_index() {
    let world = World::new().await;
    for (list, index) in
        [(&crate::businesses::LIST, "sub_accounts_searchable"), (&crate::identity::LIST, "users_searchable")]
    {
        let mut reader = Reader::Platform(world.platform().await);
        switch_off(reader.conn(), &["enable_seqscan", "enable_indexscan", "enable_indexonlyscan"]).await;
        let lines = plan(&mut reader, list, &ListQuery { q: "alpha".into(), ..ListQuery::default() }).await;
        let found = lines.iter().any(|line| line.contains("Bitmap Index Scan") && line.contains(index));
        assert!(found, "{}:\n{}", list.key, lines.join("\n"));
    }
}

#[tokio::test]
async fn what_failed_is_found_without_reading_all_that_came_in() {
    let world = World::new().await;
    world.seed("inbound_items", world.mine, 5_000, 20_000).await;
    world.test.execute("update inbound_items set outcome = 'processed' where position('77' in key) = 0").await;
    world.test.execute("vacuum analyze inbound_items").await;
    for view in ["quarantined", "unroutable", "waiting"] {
        for mut reader in readers(&world, &crate::inbound::LIST).await {
            switch_off(reader.conn(), &["enable_seqscan", "enable_bitmapscan", "enable_sort"]).await;
            let query = ListQuery { view: view.into(), ..ordered("-created", 20) };
            let lines = plan(&mut reader, &crate::inbound::LIST, &query).await;
            let found = lines.iter().any(|line| line.contains("inbound_items_undone"));
            assert!(found, "{view}:\n{}", lines.join("\n"));
        }
    }
}

#[tokio::test]
async fn a_search_of_an_agencys_conversations_is_found_by_an_index() {
    let world = World::new().await;
    world.seed("conversations", world.mine, 11_000, 50_000).await;
    world.test.execute("vacuum analyze conversations").await;
    let mut tx = world.tenant().await;
    let query = ListQuery { q: "ECLAIR 2501".into(), view: "all".into(), limit: 100, ..ListQuery::default() };
    let found = crate::messaging::list::list(&mut tx, &query, None).await.expect("a page").rows;
    assert!((1..100).contains(&found.len()), "{}", found.len());
    assert!(found.iter().all(|row| row.contact_name == "Éclair 2501"), "{found:?}");
    let used = "select pg_stat_get_xact_numscans('conversations_searchable'::regclass)";
    let scans: i64 = sqlx::query_scalar(used).fetch_one(tx.conn()).await.expect("a number");
    assert!(scans > 0, "the names are found by their index");
    let mut reader = Reader::Tenant(Box::new(world.tenant().await));
    switch_off(reader.conn(), &["enable_seqscan"]).await;
    let lines = plan(&mut reader, &crate::messaging::LIST, &query).await;
    let by_id = lines.iter().any(|line| line.contains("Index Cond:") && line.contains("id = ANY"));
    assert!(by_id, "the rows are found by their ids:\n{}", lines.join("\n"));
    for (words, expected) in [("(305) 555-0042", 1), ("no such name", 0), ("%", 0), ("éc", 1), ("cl", 0), ("el", 0)] {
        let query = ListQuery { q: words.into(), ..query.clone() };
        let rows = crate::messaging::list::list(&mut tx, &query, None).await.expect("a page").rows;
        assert!(rows.len() >= expected && (expected > 0 || rows.is_empty()), "{words}: {}", rows.len());
    }
    let all: i64 = sqlx::query_scalar("select count(*) from lookup.find_conversations('%hello%', '')")
        .fetch_one(tx.conn())
        .await
        .expect("a number");
    assert_eq!(all, COUNTED + 1, "as many as a list counts");
    let other = world.test.agency().await;
    world.seed("sub_accounts", other, 20, 90_000).await;
    world.seed("conversations", other, 40, 50_000).await;
    let again = crate::messaging::list::list(&mut world.tenant().await, &query, None).await.expect("a page").rows;
    assert_eq!(again.len(), found.len(), "those of another agency are not found");
}

#[tokio::test]
async fn a_search_of_what_came_in_reads_the_newest_alone() {
    let world = World::new().await;
    let more = i32::try_from(MOST_SEARCHED).expect("a number") + 5_000;
    world.seed("inbound_items", world.mine, more, 20_000).await;
    world.test.execute("vacuum analyze inbound_items").await;
    let (newest, oldest) = ("k20001".to_owned(), format!("k{}", 20_000 + more));
    let by_key = |key: &str, filters: ListQuery| ListQuery { q: key.to_owned(), ..filters };
    let all = ListQuery::default;
    for mut reader in readers(&world, &crate::inbound::LIST).await {
        switch_off(reader.conn(), &["enable_seqscan", "enable_bitmapscan"]).await;
        let lines = plan(&mut reader, &crate::inbound::LIST, &by_key(&oldest, all())).await;
        let is_range = |line: &String| line.contains("Index Cond:") && line.contains("created_at >=");
        assert!(lines.iter().any(is_range), "the index bounds what is read:\n{}", lines.join("\n"));
        let within = reader.within();
        // A kind leaves a third of the rows, so that the search reaches back to the first one.
        let of_its_kind = filtered("kind", Operator::Is, "message");
        for (query, found) in
            [(by_key(&newest, all()), 1), (by_key(&oldest, all()), 0), (by_key(&oldest, of_its_kind), 1)]
        {
            let ids = crate::inbound::LIST.find(reader.conn(), within, &query).await.expect("a page").ids;
            assert_eq!(ids.len(), found, "{query:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_what_is_unread_waits_or_is_nobodys_reads_no_other_conversation() {
    let world = World::new().await;
    world.seed("conversations", world.mine, 5_000, 50_000).await;
    world
        .test
        .execute(
            "update conversations set unread = 0 where id not in (select id from conversations where status = 'open' and unread > 0 limit 5);
             update conversations set assigned_to = (select id from users order by email limit 1) where id not in
               (select id from conversations where status = 'open' and assigned_to is null limit 5);
             update conversations set waiting_since = null where id not in (select id from conversations where status = 'open' and waiting_since is not null limit 5)",
        )
        .await;
    world.test.execute("vacuum analyze conversations").await;
    for (view, words) in [
        ("unread", ["Index Scan", "unread on conversations"]),
        ("unassigned", ["Index Scan", "unassigned on conversations"]),
        ("waiting", ["Index Cond:", "waiting_order <"]),
    ] {
        let mut reader = Reader::Tenant(Box::new(world.tenant().await));
        switch_off(reader.conn(), &["enable_seqscan", "enable_bitmapscan"]).await;
        let query = ListQuery { view: view.into(), ..ListQuery::default() };
        let lines = plan(&mut reader, &crate::messaging::LIST, &query).await;
        let is_found = lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(is_found, "{view}:\n{}", lines.join("\n"));
    }
}

/// Number of times that the connection has run its prepared statements. Each run takes one plan, so a statement that
/// runs for every row counts as often as it runs. The question itself is not prepared.
async fn executed(conn: &mut PgConnection) -> usize {
    let sql = "select coalesce(sum(generic_plans + custom_plans), 0)::bigint from pg_prepared_statements";
    let count: i64 = sqlx::query_scalar(sql).persistent(false).fetch_one(conn).await.expect("a count");
    usize::try_from(count).expect("a number")
}

/// Reads a page of a list as the product does.
async fn read(reader: &mut Reader, list: &List, query: &ListQuery) -> usize {
    match (list.key, reader) {
        ("calls", Reader::Tenant(tx)) => crate::api_calls::list(tx, query).await.map(|page| page.rows.len()),
        ("audit", Reader::Tenant(tx)) => crate::audit::list(tx, query).await.map(|page| page.rows.len()),
        ("audit", Reader::Platform(tx)) => {
            crate::audit::list_platform(tx, None, query).await.map(|page| page.rows.len())
        }
        ("businesses", Reader::Tenant(tx)) => crate::businesses::list(tx, query).await.map(|page| page.rows.len()),
        ("businesses", Reader::Platform(tx)) => {
            crate::businesses::list_platform(tx, None, query).await.map(|page| page.rows.len())
        }
        ("agencies", Reader::Platform(tx)) => crate::agencies::list(tx, query).await.map(|page| page.rows.len()),
        ("people", Reader::Platform(tx)) => crate::identity::list(tx, query).await.map(|page| page.rows.len()),
        ("integrations", Reader::Tenant(tx)) => crate::integrations::list(tx, query).await.map(|page| page.rows.len()),
        ("conversations", Reader::Tenant(tx)) => {
            let me = tx.user();
            crate::messaging::list::list(tx, query, me).await.map(|page| page.rows.len())
        }
        ("importable", Reader::Tenant(tx)) => crate::imports::list(tx, query).await.map(|page| page.rows.len()),
        ("notifications", Reader::Tenant(tx)) => {
            let user = tx.user().expect("a person");
            crate::notifications::list(tx, user, query).await.map(|page| page.rows.len())
        }
        ("incoming_events", Reader::Tenant(tx)) => crate::inbound::list(tx, query).await.map(|page| page.rows.len()),
        ("incoming_events", Reader::Platform(tx)) => {
            crate::inbound::list_platform(tx, query).await.map(|page| page.rows.len())
        }
        ("jobs", Reader::Tenant(tx)) => crate::provisioning::list(tx, query).await.map(|page| page.rows.len()),
        ("webhook_deliveries", Reader::Tenant(tx)) => {
            crate::webhooks::deliveries(tx, query).await.map(|page| page.rows.len())
        }
        ("phone_routes", Reader::Tenant(tx)) => crate::phone_routes::list(tx, query).await.map(|page| page.rows.len()),
        ("snapshots", Reader::Tenant(tx)) => crate::snapshots::list(tx, query).await.map(|page| page.rows.len()),
        ("todos", Reader::Tenant(tx)) => crate::todos::list(tx, query).await.map(|page| page.rows.len()),
        (key, _) => panic!("{key} is read by no line of this test"),
    }
    .expect("a page")
}

#[tokio::test]
async fn a_page_costs_few_statements() {
    let world = World::new().await;
    for list in LISTS {
        for mut reader in readers(&world, list).await {
            // The first time, the driver also asks which types the connection's database has.
            assert_eq!(read(&mut reader, list, &ListQuery::default()).await, 50, "{}", list.key);
            let before = executed(reader.conn()).await;
            assert_eq!(read(&mut reader, list, &ListQuery::default()).await, 50, "{}", list.key);
            let statements = executed(reader.conn()).await - before;
            assert!((1..=MOST_STATEMENTS).contains(&statements), "{}: {statements} statements", list.key);
        }
    }
}
