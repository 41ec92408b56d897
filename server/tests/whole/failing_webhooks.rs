//! Is what fails by a fault of ours tried for hours, seen before it is given up, and done once the fault is mended?

use axum::http::StatusCode;
use domain::identity::Role;
use domain::work::Queue;
use serde_json::Value;
use uuid::Uuid;
use worker::testing::run_due_in;

use crate::helpers::TestApp;
use crate::meta_webhook::{CONNECT, SECRET, app, post, samples, signature, table};

/// No message can be stored, or no item at all.
const NO_MESSAGE: &str = "alter table messages add constraint broken check (false) not valid";
const NO_ITEM: &str = "alter table inbound_items add constraint broken check (false) not valid";
const MENDED: &str =
    "alter table messages drop constraint if exists broken; alter table inbound_items drop constraint if exists broken";

/// Every wait is over.
const NOW: &str = "update work_scheduled set run_at = now() where lane = 'messages_in'";
/// Everything came seven hours ago.
const LONG_AGO: &str = "update inbound_events set created_at = now() - interval '7 hours'; update inbound_items set created_at = now() - interval '7 hours'";

/// What became of the items, and whether each failed often.
const ITEMS: &str = "create table test_look as select outcome, attempts >= 5 as is_often from inbound_items";
/// Whether the work waits for about ten minutes, and used few of its tries.
const WAITS: &str = "create table test_look as select run_at between now() + interval '9 minutes' and now() + interval '13 minutes' as is_slow, attempt <= 5 as is_free
    from work_scheduled where lane = 'messages_in'";
/// What became of the bodies, and whether they are kept.
const BODIES: &str = "create table test_look as select state, body <> '' as is_kept from inbound_events";
/// The messages.
const MESSAGES: &str = "create table test_look as select direction, body <> '' as is_text from messages";

/// A server whose business has connected everything, with a message that came for it.
struct Received {
    app: TestApp,
    admin: String,
}

impl Received {
    async fn new() -> Self {
        let app = app().await;
        let tenant = app.tenant().await;
        app.base.execute(CONNECT).await;
        let admin = app.sign_in(app.person(Role::SuperAdmin, &tenant).await).await;
        let (_, sample) = samples().into_iter().find(|(name, _)| name == "wa_text.json").unwrap();
        assert_eq!(post(&app, sample.clone(), &signature(SECRET, &sample)).await.status, StatusCode::OK);
        Self { app, admin }
    }

    /// Does what is due, and then so often what waits.
    async fn work(&self, more: usize) {
        run_due_in(&self.app.worker, &[Queue::MessagesIn]).await;
        for _ in 0..more {
            self.app.base.execute(NOW).await;
            run_due_in(&self.app.worker, &[Queue::MessagesIn]).await;
        }
    }

    /// The rows that a statement stores, without the transaction that stored them.
    async fn look(&self, sql: &'static str) -> Vec<String> {
        self.app.base.execute("drop table if exists test_look").await;
        self.app.base.execute(sql).await;
        let rows = table(&self.app, "test_look").await;
        rows.iter().filter_map(|row| row.split_once('(')).map(|(_, row)| row.trim_end_matches(')').to_owned()).collect()
    }

    /// What `/health` says of all, and of what came in. It remembers its answer, so this is asked once.
    async fn health(&self) -> (StatusCode, Value, Value) {
        let answer = self.app.get("/health", None).await;
        let said: Value = serde_json::from_str(&answer.body).unwrap();
        (answer.status, said["status"].clone(), said["checks"]["incoming"].clone())
    }

    /// Replays the event that failed.
    async fn replay(&self) {
        let list = self.app.browse("/admin/incoming?view=quarantined", Some(&self.admin)).await.body;
        let id: Uuid = list.split("event=").find_map(|rest| rest.get(..36)?.parse().ok()).unwrap();
        let done = self.app.submit("replay_platform_event", &format!("id={id}"), Some(&self.admin)).await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    }
}

#[tokio::test]
async fn what_fails_by_a_fault_of_ours_is_done_once_it_is_mended() {
    let received = Received::new().await;
    received.app.base.execute(NO_MESSAGE).await;
    received.work(10).await;
    assert_eq!(received.look(ITEMS).await, ["waiting,t"]);
    assert_eq!(received.look(WAITS).await, ["t,t"], "a slow try costs nothing");
    assert_eq!(received.health().await, (StatusCode::OK, "degraded".into(), "failing".into()));
    received.app.base.execute(MENDED).await;
    received.work(1).await;
    assert_eq!(received.look(ITEMS).await, ["processed,t"]);
    assert_eq!(received.look(MESSAGES).await, ["in,t"]);
    assert_eq!(received.look(BODIES).await, ["done,f"]);
    assert_eq!(received.look(WAITS).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_fails_for_hours_is_put_aside_and_done_by_a_replay() {
    let received = Received::new().await;
    received.app.base.execute(NO_MESSAGE).await;
    received.work(0).await;
    received.app.base.execute(LONG_AGO).await;
    received.work(10).await;
    assert_eq!(received.look(ITEMS).await, ["quarantined,t"]);
    assert_eq!(received.health().await, (StatusCode::OK, "degraded".into(), "failing".into()));
    received.app.base.execute(MENDED).await;
    received.replay().await;
    received.work(1).await;
    assert_eq!(received.look(ITEMS).await, ["processed,f"]);
    assert_eq!(received.look(MESSAGES).await, ["in,t"]);
}

#[tokio::test]
async fn a_body_whose_items_cannot_be_stored_is_tried_for_hours_and_kept() {
    let received = Received::new().await;
    received.app.base.execute(NO_ITEM).await;
    received.work(10).await;
    assert_eq!(received.look(BODIES).await, ["received,t"]);
    assert_eq!(received.look(WAITS).await, ["t,t"]);
    received.app.base.execute(LONG_AGO).await;
    received.work(1).await;
    assert_eq!(received.look(BODIES).await, ["quarantined,t"]);
    assert_eq!(received.health().await, (StatusCode::OK, "degraded".into(), "failing".into()));
    received.app.base.execute(MENDED).await;
    let id = table(&received.app, "inbound_events").await.remove(0);
    let id: Uuid = id.split_once('(').unwrap().1.get(..36).unwrap().parse().unwrap();
    let done = received.app.submit("replay_platform_body", &format!("id={id}"), Some(&received.admin)).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    received.work(1).await;
    assert_eq!(received.look(MESSAGES).await, ["in,t"]);
    assert_eq!(received.look(BODIES).await, ["done,f"]);
}

/// A body that is no text of its form stays so: it is put aside at once, and whoever runs the platform sees it at once.
#[tokio::test]
async fn what_cannot_be_read_is_seen_at_once() {
    let received = Received::new().await;
    received.work(0).await;
    assert_eq!(received.look(ITEMS).await, ["processed,f"]);
    let body = b"no json";
    assert_eq!(post(&received.app, body.to_vec(), &signature(SECRET, body)).await.status, StatusCode::OK);
    received.work(0).await;
    assert_eq!(received.look(BODIES).await, ["done,f", "quarantined,t"]);
    assert_eq!(received.health().await, (StatusCode::OK, "degraded".into(), "failing".into()));
    let page = received.app.browse("/admin/system", Some(&received.admin)).await.body;
    assert!(page.contains("1 incoming webhook failed for good in the last hour."), "{page}");
}

#[tokio::test]
async fn nothing_fails_while_everything_is_done() {
    let received = Received::new().await;
    received.work(0).await;
    assert_eq!(received.health().await, (StatusCode::OK, "ok".into(), Value::Null));
    let page = received.app.browse("/admin/system", Some(&received.admin)).await.body;
    assert!(!page.contains("incoming webhook"), "{page}");
}
