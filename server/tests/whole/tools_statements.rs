//! How often does one call of a tool ask the database? A reading one asks a known number of times, so that nobody adds a round
//! trip to every call unseen.

use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex};

use axum::http::StatusCode;
use operations::tools::{Effect, TOOLS, check};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};

use crate::helpers::TestApp;
use crate::tools_access::{json as body, owners, post};

/// The statements of a reading call beside what begins and ends its three transactions: the token with its business and whoever made it,
/// and the count of the minute; the judgement and the tool itself; and the end in the log.
const MOST_STATEMENTS: usize = 5;
const MOST_TRANSACTIONS: usize = 3;
/// Listeners read the outbox now and then beside a call, more often the slower it is, so the fewest of some calls count.
const TRIES: usize = 20;

/// What stands for the begin of a transaction, which says for whom it acts in the same message.
const BEGIN: &str = "BEGIN";

/// Every statement that this thread sent to a database, and every transaction that it began for somebody.
#[derive(Clone, Default)]
pub struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Listens on this thread until the guard is dropped.
    pub fn watch() -> (Self, DefaultGuard) {
        // While there is only one listener, a place that logs asks that of the thread that comes first, which may have none, and
        // is silent from then on.
        static SECOND: LazyLock<Dispatch> =
            LazyLock::new(|| Dispatch::new(tracing_subscriber::registry().with(Statements::default())));
        LazyLock::force(&SECOND);
        let all = Self::default();
        let guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(all.clone()));
        (all, guard)
    }

    /// What was sent since the last look, without commits and the notices that follow them, and how many transactions began.
    pub fn take(&self) -> (Vec<String>, usize) {
        let mut sent = std::mem::take(&mut *self.0.lock().unwrap());
        let all = sent.len();
        sent.retain(|sql| sql != BEGIN);
        let begun = all - sent.len();
        sent.retain(|sql| sql != "COMMIT" && !sql.contains("pg_notify"));
        (sent, begun)
    }
}

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        match event.metadata().target() {
            "sqlx::query" => {
                let mut sql = Sql::default();
                event.record(&mut sql);
                self.0.lock().unwrap().push(sql.whole());
            }
            "store::tenant" => self.0.lock().unwrap().push(BEGIN.to_owned()),
            _ => {}
        }
    }
}

/// The text of a statement: its first words, and the whole if it is longer.
#[derive(Default)]
struct Sql {
    summary: String,
    statement: String,
}

impl Sql {
    fn whole(self) -> String {
        if self.statement.is_empty() { self.summary } else { self.statement }
    }
}

impl Visit for Sql {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => value.clone_into(&mut self.summary),
            "db.statement" => value.clone_into(&mut self.statement),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

#[tokio::test]
async fn a_reading_call_asks_the_database_as_rarely_as_it_can() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let (statements, _watching) = Statements::watch();
    let call = async || {
        let params = json!({ "name": "inbox_list_contacts", "arguments": {} });
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let answer = post(&app, "/mcp", &secret, call).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        assert_eq!(body(&answer)["result"]["structuredContent"]["contacts"], json!([]), "{}", answer.body);
        statements.take()
    };
    // The first call begins what the others find: the counts of the minute and of the day, the chain of the log, and in this process to
    // whom the token belongs.
    let (first, _) = call().await;
    assert!(first.len() > MOST_STATEMENTS, "statements are seen: {first:#?}");
    let (mut fewest, mut transactions) = call().await;
    for _ in 1..TRIES {
        let (sent, begun) = call().await;
        if sent.len() < fewest.len() {
            fewest = sent;
        }
        transactions = transactions.min(begun);
        if fewest.len() <= MOST_STATEMENTS && transactions <= MOST_TRANSACTIONS {
            break;
        }
    }
    assert!(fewest.len() <= MOST_STATEMENTS, "{} statements: {fewest:#?}", fewest.len());
    assert!((1..=MOST_TRANSACTIONS).contains(&transactions), "{transactions} transactions: {fewest:#?}");
}

#[tokio::test]
async fn a_reading_call_waits_for_no_second_connection_while_it_holds_one() {
    let app = TestApp::with_one_connection().await;
    let tenant = app.tenant().await;
    let secret = owners(&app, &tenant).await;
    let own = TOOLS.iter().copied().flatten().filter(|tool| tool.effect == Effect::Read);
    for tool in own.filter(|tool| check(tool, &json!({})).is_ok()) {
        let answer = post(&app, &format!("/tools/{}", tool.name), &secret, json!({})).await;
        assert_ne!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{}: {}", tool.name, answer.body);
    }
}
