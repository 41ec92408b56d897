//! Is everything that was acknowledged to Meta in the inbox exactly once, although Postgres crashes again and again?

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, StatusCode, header};
use domain::work::Queue;
use embedded::Postgres;
use embedded::process::{Signal, send};
use slipway::http::meta_webhook::PATH;
use store::{Db, DbRole, migrate};
use tokio::sync::Semaphore;
use tower::ServiceExt;
use worker::testing::run_due_in;

use crate::helpers::{master, process, until};
use crate::meta_webhook::{CONNECT, SECRET, samples, settings, signature};
use crate::shuffled_webhooks::named;

/// How often Postgres is killed.
const ROUNDS: u32 = 10;
/// How many senders there are in a round, and how many messages each of them sends one after the other.
const SENDERS: u32 = 4;
const MESSAGES: u32 = 6;

/// A message by its id, as Meta sends it.
type Sent = (String, String);

/// Every wait of a body is over, and every claim of a worker whose transaction was lost.
const NOW: [&str; 2] = [
    "update work_scheduled set run_at = now() where lane = 'messages_in'",
    "update work_leases set lease_until = now() - interval '1 second' where lane = 'messages_in'",
];

/// A Postgres that keeps what it commits, with the product's schema and one business that has connected everything.
async fn postgres(folder: &Path) -> Postgres {
    let data = folder.to_owned();
    let start = move || {
        std::fs::create_dir_all(&data).unwrap();
        Postgres::join_or_start(&data, embedded::Options::default()).unwrap()
    };
    let postgres = tokio::task::spawn_blocking(start).await.unwrap();
    postgres.ensure_database("slipway").unwrap();
    let (owner, url) = (postgres.superuser_url("slipway"), postgres.url("slipway", "slipway"));
    migrate::prepare(&owner, Some(&url)).await.unwrap();
    migrate::run(&owner).await.unwrap();
    for sql in [
        "insert into agencies (id, name, slug) values (gen_random_uuid(), 'Harbor', 'harbor')",
        "insert into sub_accounts (id, agency_id, name, slug) select gen_random_uuid(), id, 'Shop', 'shop' from agencies",
        CONNECT,
    ] {
        ask(&postgres, sql);
    }
    postgres
}

/// The rows of a statement, as text.
fn ask(postgres: &Postgres, sql: &str) -> Vec<Vec<String>> {
    let rows = postgres.session("slipway").unwrap().run(sql).unwrap();
    rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
}

/// The messages of one sender of a round.
fn messages(sample: &str, round: u32, sender: u32) -> Vec<Sent> {
    let id = |number: u32| format!("wamid.crash.{round}.{sender}.{number}");
    (0..MESSAGES).map(id).map(|id| (id.clone(), sample.replace(&named(sample), &id))).collect()
}

async fn post(router: &Router, body: &str) -> StatusCode {
    let request = Request::post(PATH)
        .header(header::CONTENT_TYPE, "application/json")
        .header(meta::signature::HEADER, signature(SECRET, body.as_bytes()));
    let mut request = request.body(Body::from(body.to_owned())).unwrap();
    request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 5000))));
    router.clone().oneshot(request).await.unwrap().status()
}

/// Sends messages one after the other, and returns those that were not acknowledged.
async fn send_all(router: &Router, messages: Vec<Sent>, answered: &Semaphore) -> Vec<Sent> {
    let mut refused = Vec::new();
    for message in messages {
        let status = post(router, &message.1).await;
        assert!([StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(&status), "{status}");
        answered.add_permits(1);
        if status != StatusCode::OK {
            refused.push(message);
        }
    }
    refused
}

/// Kills a process of Postgres once so many requests were answered. Postgres then disconnects everybody and recovers.
async fn crash(postgres: &Postgres, answered: &Semaphore, after: u32) {
    let mut session = postgres.session("postgres").unwrap();
    let victim = session.run("select pg_backend_pid()").unwrap().remove(0).remove(0).unwrap();
    answered.acquire_many(after).await.unwrap().forget();
    assert!(send(victim.parse().unwrap(), Signal::Kill));
}

/// Waits until Postgres has recovered for everybody.
async fn recovered(postgres: &Postgres, web: &Db, work: &Db) {
    until("Postgres is back", async || {
        let is_back = postgres.session("slipway").is_ok() && web.ping().await.is_ok() && work.ping().await.is_ok();
        is_back.then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_every_crash_and_is_done_once() {
    let folder = std::env::temp_dir().join(format!("slipway-crashed-events-{}", std::process::id()));
    let postgres = postgres(&folder).await;
    let url = postgres.url("slipway", "slipway");
    let (web, work) =
        (Db::connect(&url, DbRole::Web, 4).await.unwrap(), Db::connect(&url, DbRole::Worker, 4).await.unwrap());
    let master = master();
    let (router, worker) = process(&web, &work, &settings(&master)).await;
    let (_, sample) = samples().into_iter().find(|(name, _)| name == "wa_text.json").unwrap();
    let (sample, queue) = (String::from_utf8(sample).unwrap(), [Queue::MessagesIn]);
    let (mut expected, mut refused) = (BTreeSet::new(), Vec::new());
    for round in 0..ROUNDS {
        let answered = Semaphore::new(0);
        let sent: Vec<Vec<Sent>> = (0..SENDERS).map(|sender| messages(&sample, round, sender)).collect();
        expected.extend(sent.iter().flatten().map(|(id, _)| id.clone()));
        let senders = sent.into_iter().map(|messages| send_all(&router, messages, &answered));
        // Each round kills at another moment: before the first answer, and later and later.
        let after = round * SENDERS * MESSAGES / ROUNDS;
        let (left, (), _) = tokio::join!(
            futures::future::join_all(senders),
            crash(&postgres, &answered, after),
            run_due_in(&worker, &queue)
        );
        refused.extend(left.into_iter().flatten());
        recovered(&postgres, &web, &work).await;
    }
    // Meta sends again what was not acknowledged, also what was stored all the same.
    for (_, body) in &refused {
        until("it is acknowledged", async || (post(&router, body).await == StatusCode::OK).then_some(())).await;
    }
    until("every body is done", async || {
        NOW.iter().for_each(|sql| drop(ask(&postgres, sql)));
        run_due_in(&worker, &queue).await;
        ask(&postgres, "select 1 from inbound_events where state = 'received'").is_empty().then_some(())
    })
    .await;
    let stored = ask(&postgres, "select external_id, count(*) from messages group by 1");
    let stored: BTreeMap<String, String> = stored.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(stored.keys().cloned().collect::<BTreeSet<_>>(), expected, "nothing is lost or invented");
    assert!(stored.values().all(|count| count == "1"), "{stored:?}");
    let unread = ask(&postgres, "select unread from conversations");
    assert_eq!(unread, [[expected.len().to_string()]], "one conversation, and each message counts once");
    drop((router, worker, web, work));
    tokio::task::spawn_blocking(move || postgres.stop()).await.unwrap();
    let _ = embedded::forget(&folder);
    let _ = std::fs::remove_dir_all(&folder);
}
