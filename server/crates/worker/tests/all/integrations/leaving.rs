//! After a disconnect the app leaves HighLevel and its tokens are deleted.

use domain::integration::State;
use domain::work::Kind;
use serde_json::json;
use simulator::demo;
use store::{TenantTx, integrations};
use tokio::task::JoinHandle;
use worker::testing;

use crate::harness::connected::{keep, tokens, upsert};
use crate::harness::{Harness, client, fault};

/// Disconnects, as a person does.
async fn disconnect(harness: &Harness) {
    let mut tx = harness.work_tx(None).await;
    integrations::disconnect(&mut tx, harness.integration, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut tx, harness.integration).await.unwrap());
    tx.commit().await.unwrap();
}

fn installs(harness: &Harness) -> usize {
    harness.sim.world()["ghl"]["installs"]
        .as_array()
        .map_or(0, |all| all.iter().filter(|one| one["companyId"] == demo::HARBOR).count())
}

async fn secrets(harness: &Harness) -> i64 {
    store::provisioning::testing::secrets(&harness.db, harness.integration).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_takes_the_app_off_and_the_keys_away() {
    for ended in [false, true] {
        let harness = Harness::new().await;
        assert!(installs(&harness) > 0);
        if ended {
            harness.sim.expire(&json!({ "what": "access" })).unwrap();
        }
        disconnect(&harness).await;
        testing::run_due(&harness.worker).await;
        let facts = harness.connection(harness.integration).await;
        assert!(facts.uninstalled_at.is_some() && facts.uninstall_error.is_none(), "{facts:?}");
        assert_eq!((installs(&harness), secrets(&harness).await), (0, 0), "access ended: {ended}");
        harness.connect_again().await;
        assert_eq!(harness.version().await, 2, "numbers go on");
        assert!(harness.connection(harness.integration).await.uninstall_asked_at.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_could_not_be_removed_is_said_and_the_keys_go_all_the_same() {
    let harness = Harness::new().await;
    let path = format!("/marketplace/app/{}/installations", simulator::defaults().app_id);
    let refused = json!({ "fault": "status", "status": 403, "times": 100 });
    harness.sim.faults(fault("DELETE", &path, &refused)).unwrap();
    disconnect(&harness).await;
    harness.run().await;
    let facts = harness.connection(harness.integration).await;
    assert!(facts.uninstall_error.is_some() && facts.uninstalled_at.is_none(), "{facts:?}");
    assert_eq!(secrets(&harness).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_made_again_before_the_app_was_removed_stays() {
    let harness = Harness::new().await;
    disconnect(&harness).await;
    harness.connect_again().await;
    testing::run_due(&harness.worker).await;
    assert!(installs(&harness) > 0 && harness.word().await != State::Disconnected);
    harness.do_now(Kind::CheckIntegration).await;
    assert_eq!(harness.word().await, State::Working);
}

/// While processes of two versions run, the older one also claims work that it does not know.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_of_a_version_that_does_not_know_the_work_are_none() {
    let harness = Harness::new().await;
    disconnect(&harness).await;
    // The state that the previous version leaves: claimed and postponed more often than attempts are allowed.
    harness.db.execute("update work_ready set attempt = 40").await;
    testing::run_due(&harness.worker).await;
    let facts = harness.connection(harness.integration).await;
    assert!(facts.uninstalled_at.is_some() && facts.uninstall_error.is_none(), "{facts:?}");
    assert_eq!((installs(&harness), secrets(&harness).await), (0, 0));
    // The state that this version leaves for work that only a newer one knows.
    harness
        .db
        .execute("insert into work_ready (lane, tenant_key, kind) values ('chores', gen_random_uuid(), 'thing.new')")
        .await;
    for _ in 0..20 {
        testing::run_due(&harness.worker).await;
        harness.advance(std::time::Duration::from_secs(60)).await;
    }
    let left = store::queue::depth(&harness.work).await.unwrap();
    assert_eq!((left.scheduled + left.ready, left.dead), (1, 0));
    harness.db.execute("update work_scheduled set run_at = now()").await;
    store::queue::promote_and_recover(&harness.work, &mut store::queue::Eras::default(), 10).await.unwrap();
    let mut claimer = store::queue::Claimer::new(domain::work::Queue::Background, uuid::Uuid::now_v7());
    let claimed = store::queue::claim(&harness.work, &mut claimer).await.unwrap();
    assert_eq!(claimed.iter().map(|work| work.attempt).collect::<Vec<_>>(), [1], "it has all its tries");
}

/// However the work ends without a result, the person who disconnected sees what is left to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_could_not_even_be_tried_is_said() {
    for (how, sql, says) in [
        ("its key is gone", "delete from credentials", "keys had ended"),
        (
            "each process that tried it died",
            r#"update work_ready set attempt = 40, payload = '{"anew": true}'"#,
            "several times",
        ),
    ] {
        let harness = Harness::new().await;
        disconnect(&harness).await;
        harness.db.execute(sql).await;
        testing::run_due(&harness.worker).await;
        let facts = harness.connection(harness.integration).await;
        let said = facts.uninstall_error.unwrap_or_default();
        assert!(said.contains(says) && facts.uninstalled_at.is_none(), "{how}: {said}");
        assert!(said.ends_with('.') && said.chars().count() < 200, "{how}: {said}");
    }
}

/// Starts a disconnect by another process.
fn disconnecting(harness: &Harness) -> JoinHandle<()> {
    let (db, scope, integration) = (harness.work.clone(), harness.scope(), harness.integration);
    tokio::spawn(async move {
        let mut tx = TenantTx::begin(&db, scope).await.unwrap();
        integrations::disconnect(&mut tx, integration, "test").await.unwrap();
        integrations::ask_uninstall(&mut tx, integration).await.unwrap();
        tx.commit().await.unwrap();
    })
}

/// Starts the worker's own work.
fn working(harness: &Harness) -> JoinHandle<usize> {
    let worker = harness.worker.clone();
    tokio::spawn(async move { testing::run_due(&worker).await })
}

/// Waits until this work is blocked by a lock that a transaction of the test holds.
async fn stands<T>(harness: &Harness, work: &JoinHandle<T>) {
    while !harness.db.waits_for_a_lock().await {
        assert!(!work.is_finished(), "it did not wait");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn removals(harness: &Harness) -> usize {
    harness.sim.journal().iter().filter(|call| call["method"] == "DELETE").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_commits_while_the_app_is_removed_wins_and_is_looked_at() {
    let harness = Harness::new().await;
    disconnect(&harness).await;
    let brought = tokens(&client(&harness.sim), &harness.sim, demo::HARBOR).await;
    let mut consent = harness.work_tx(None).await;
    let id = upsert(&mut consent, demo::HARBOR).await;
    keep(&mut consent, &harness.vault, id, brought).await;
    let leaving = working(&harness);
    stands(&harness, &leaving).await;
    assert_eq!(removals(&harness), 1, "HighLevel was told already");
    consent.commit().await.unwrap();
    leaving.await.unwrap();
    let facts = harness.connection(harness.integration).await;
    assert!(facts.is_active && facts.uninstalled_at.is_none() && facts.uninstall_asked_at.is_none(), "{facts:?}");
    // Its tokens were removed with the app, and the card shows that without a request by a person.
    assert_eq!(harness.word().await, State::Expired);
    harness.connect_again().await;
    harness.do_now(Kind::CheckIntegration).await;
    assert_eq!(harness.word().await, State::Working);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_commits_after_the_app_was_removed_wins_and_is_looked_at() {
    let harness = Harness::new().await;
    disconnect(&harness).await;
    let brought = tokens(&client(&harness.sim), &harness.sim, demo::HARBOR).await;
    testing::run_due(&harness.worker).await;
    assert!(harness.connection(harness.integration).await.uninstalled_at.is_some());
    let mut consent = harness.work_tx(None).await;
    let id = upsert(&mut consent, demo::HARBOR).await;
    keep(&mut consent, &harness.vault, id, brought).await;
    consent.commit().await.unwrap();
    let facts = harness.connection(harness.integration).await;
    assert!(facts.is_active && facts.uninstalled_at.is_none() && facts.uninstall_asked_at.is_none(), "{facts:?}");
    assert_eq!(harness.version().await, 2, "numbers go on");
    // The consent itself requests this check.
    harness.do_now(Kind::CheckIntegration).await;
    assert_eq!(harness.word().await, State::Expired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_disconnect_while_the_app_is_removed_is_carried_out_too() {
    let harness = Harness::new().await;
    disconnect(&harness).await;
    let mut again = harness.work_tx(None).await;
    let id = upsert(&mut again, demo::HARBOR).await;
    let leaving = working(&harness);
    stands(&harness, &leaving).await;
    // The agency consented after HighLevel was called, and disconnected once more.
    let brought = tokens(&client(&harness.sim), &harness.sim, demo::HARBOR).await;
    keep(&mut again, &harness.vault, id, brought).await;
    integrations::disconnect(&mut again, id, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut again, id).await.unwrap());
    again.commit().await.unwrap();
    leaving.await.unwrap();
    harness.run().await;
    let facts = harness.connection(harness.integration).await;
    assert!(!facts.is_active && facts.uninstalled_at.is_some(), "{facts:?}");
    assert_eq!((removals(&harness), installs(&harness), secrets(&harness).await), (2, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_consent_and_a_disconnect_at_once_the_later_counts() {
    let harness = Harness::new().await;
    let mut consent = harness.work_tx(None).await;
    let id = upsert(&mut consent, demo::HARBOR).await;
    let leaving = disconnecting(&harness);
    stands(&harness, &leaving).await;
    keep(&mut consent, &harness.vault, id, tokens(&client(&harness.sim), &harness.sim, demo::HARBOR).await).await;
    consent.commit().await.unwrap();
    leaving.await.unwrap();
    testing::run_due(&harness.worker).await;
    let facts = harness.connection(harness.integration).await;
    assert!(!facts.is_active && facts.uninstalled_at.is_some(), "{facts:?}");
    assert_eq!((installs(&harness), secrets(&harness).await), (0, 0));

    let harness = Harness::new().await;
    let mut leaving = harness.work_tx(None).await;
    integrations::disconnect(&mut leaving, harness.integration, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut leaving, harness.integration).await.unwrap());
    let brought = tokens(&client(&harness.sim), &harness.sim, demo::HARBOR).await;
    let (mut consent, vault) = (harness.work_tx(None).await, harness.vault.clone());
    let connecting = tokio::spawn(async move {
        let id = upsert(&mut consent, demo::HARBOR).await;
        keep(&mut consent, &vault, id, brought).await;
        consent.commit().await.unwrap();
    });
    stands(&harness, &connecting).await;
    leaving.commit().await.unwrap();
    connecting.await.unwrap();
    testing::run_due(&harness.worker).await;
    assert_eq!((harness.word().await, removals(&harness)), (State::Working, 0));
    assert!(installs(&harness) > 0 && harness.version().await == 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn new_tokens_of_a_connection_that_was_removed_meanwhile_are_not_carried_about() {
    let harness = Harness::new().await;
    harness
        .db
        .execute(
            "create function gone() returns trigger language plpgsql security definer as $$ begin delete from public.integrations; return null; end $$",
        )
        .await;
    harness
        .db
        .execute(
            "create trigger gone after insert on audit_events for each row when (new.action = 'credential.opened' and new.payload ->> 'purpose' = 'renewal') execute function gone()",
        )
        .await;
    let ended = testing::renew_since(&harness.worker, harness.agency, harness.integration, 1);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), ended)
        .await
        .expect("it ends instead of trying for a quarter of an hour");
    assert_eq!((ended, harness.asked_to_renew()), (Err("NotConnected".to_owned()), 1));
}
