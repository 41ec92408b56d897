//! Does the app leave HighLevel after a disconnect, and the keys with it?

use domain::integration::State;
use domain::work::Kind;
use serde_json::json;
use simulator::demo;
use store::{TenantTx, integrations};
use tokio::task::JoinHandle;
use worker::testing;

use crate::stage::connected::{keep, tokens, upsert};
use crate::stage::{Stage, client, fault};

/// A person disconnects.
async fn disconnect(stage: &Stage) {
    let mut tx = stage.work_tx(None).await;
    integrations::disconnect(&mut tx, stage.integration, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut tx, stage.integration).await.unwrap());
    tx.commit().await.unwrap();
}

fn installs(stage: &Stage) -> usize {
    stage.sim.world()["ghl"]["installs"]
        .as_array()
        .map_or(0, |all| all.iter().filter(|one| one["companyId"] == demo::HARBOR).count())
}

async fn secrets(stage: &Stage) -> i64 {
    store::provisioning::testing::secrets(&stage.db, stage.integration).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn disconnecting_takes_the_app_off_and_the_keys_away() {
    for ended in [false, true] {
        let stage = Stage::new().await;
        assert!(installs(&stage) > 0);
        if ended {
            stage.sim.expire(&json!({ "what": "access" })).unwrap();
        }
        disconnect(&stage).await;
        testing::run_due(&stage.worker).await;
        let facts = stage.connection(stage.integration).await;
        assert!(facts.uninstalled_at.is_some() && facts.uninstall_error.is_none(), "{facts:?}");
        assert_eq!((installs(&stage), secrets(&stage).await), (0, 0), "access ended: {ended}");
        stage.connect_again().await;
        assert_eq!(stage.version().await, 2, "numbers go on");
        assert!(stage.connection(stage.integration).await.uninstall_asked_at.is_none());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_that_could_not_be_removed_is_said_and_the_keys_go_all_the_same() {
    let stage = Stage::new().await;
    let path = format!("/marketplace/app/{}/installations", simulator::defaults().app_id);
    let refused = json!({ "fault": "status", "status": 403, "times": 100 });
    stage.sim.faults(fault("DELETE", &path, &refused)).unwrap();
    disconnect(&stage).await;
    stage.run().await;
    let facts = stage.connection(stage.integration).await;
    assert!(facts.uninstall_error.is_some() && facts.uninstalled_at.is_none(), "{facts:?}");
    assert_eq!(secrets(&stage).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_made_again_before_the_app_was_removed_stays() {
    let stage = Stage::new().await;
    disconnect(&stage).await;
    stage.connect_again().await;
    testing::run_due(&stage.worker).await;
    assert!(installs(&stage) > 0 && stage.word().await != State::Disconnected);
    stage.do_now(Kind::CheckIntegration).await;
    assert_eq!(stage.word().await, State::Working);
}

/// While processes of two versions run, the older one claims what it does not know, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tries_of_a_version_that_does_not_know_the_work_are_none() {
    let stage = Stage::new().await;
    disconnect(&stage).await;
    // As the version before leaves it: claimed and put off, more often than it may be tried.
    stage.db.execute("update work_ready set attempt = 9").await;
    testing::run_due(&stage.worker).await;
    let facts = stage.connection(stage.integration).await;
    assert!(facts.uninstalled_at.is_some() && facts.uninstall_error.is_none(), "{facts:?}");
    assert_eq!((installs(&stage), secrets(&stage).await), (0, 0));
    // And as this one leaves what only a newer one knows.
    stage
        .db
        .execute("insert into work_ready (lane, tenant_key, kind) values ('chores', gen_random_uuid(), 'thing.new')")
        .await;
    for _ in 0..20 {
        testing::run_due(&stage.worker).await;
        stage.advance(std::time::Duration::from_secs(60)).await;
    }
    let left = store::queue::depth(&stage.work).await.unwrap();
    assert_eq!((left.scheduled + left.ready, left.dead), (1, 0));
    stage.db.execute("update work_scheduled set run_at = now()").await;
    store::queue::tidy(&stage.work, 10).await.unwrap();
    let mut claimer = store::queue::Claimer::new(domain::work::Queue::Background, uuid::Uuid::now_v7());
    let claimed = store::queue::claim(&stage.work, &mut claimer).await.unwrap();
    assert_eq!(claimed.iter().map(|work| work.attempt).collect::<Vec<_>>(), [1], "it has all its tries");
}

/// However the work ends without a word, whoever disconnected reads what is left to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_could_not_even_be_tried_is_said() {
    for (how, sql, says) in [
        ("its key is gone", "delete from credentials", "keys had ended"),
        (
            "each process that tried it died",
            r#"update work_ready set attempt = 9, payload = '{"anew": true}'"#,
            "several times",
        ),
    ] {
        let stage = Stage::new().await;
        disconnect(&stage).await;
        stage.db.execute(sql).await;
        testing::run_due(&stage.worker).await;
        let facts = stage.connection(stage.integration).await;
        let said = facts.uninstall_error.unwrap_or_default();
        assert!(said.contains(says) && facts.uninstalled_at.is_none(), "{how}: {said}");
        assert!(said.ends_with('.') && said.chars().count() < 200, "{how}: {said}");
    }
}

/// A disconnect by another process, which begins now.
fn disconnecting(stage: &Stage) -> JoinHandle<()> {
    let (db, scope, integration) = (stage.work.clone(), stage.scope(), stage.integration);
    tokio::spawn(async move {
        let mut tx = TenantTx::begin(&db, scope).await.unwrap();
        integrations::disconnect(&mut tx, integration, "test").await.unwrap();
        integrations::ask_uninstall(&mut tx, integration).await.unwrap();
        tx.commit().await.unwrap();
    })
}

/// The worker's own work, which begins now.
fn working(stage: &Stage) -> JoinHandle<usize> {
    let worker = stage.worker.clone();
    tokio::spawn(async move { testing::run_due(&worker).await })
}

/// Until that stands before a lock that a transaction of the test holds.
async fn stands<T>(stage: &Stage, work: &JoinHandle<T>) {
    while !stage.db.waits_for_a_lock().await {
        assert!(!work.is_finished(), "it did not wait");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

fn removals(stage: &Stage) -> usize {
    stage.sim.journal().iter().filter(|call| call["method"] == "DELETE").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_commits_while_the_app_is_removed_wins_and_is_looked_at() {
    let stage = Stage::new().await;
    disconnect(&stage).await;
    let brought = tokens(&client(&stage.sim), &stage.sim, demo::HARBOR).await;
    let mut consent = stage.work_tx(None).await;
    let id = upsert(&mut consent, demo::HARBOR).await;
    keep(&mut consent, &stage.vault, id, brought).await;
    let leaving = working(&stage);
    stands(&stage, &leaving).await;
    assert_eq!(removals(&stage), 1, "HighLevel was told already");
    consent.commit().await.unwrap();
    leaving.await.unwrap();
    let facts = stage.connection(stage.integration).await;
    assert!(facts.is_active && facts.uninstalled_at.is_none() && facts.uninstall_asked_at.is_none(), "{facts:?}");
    // Its tokens went with the app, and the card says so without being asked.
    assert_eq!(stage.word().await, State::Expired);
    stage.connect_again().await;
    stage.do_now(Kind::CheckIntegration).await;
    assert_eq!(stage.word().await, State::Working);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_that_commits_after_the_app_was_removed_wins_and_is_looked_at() {
    let stage = Stage::new().await;
    disconnect(&stage).await;
    let brought = tokens(&client(&stage.sim), &stage.sim, demo::HARBOR).await;
    testing::run_due(&stage.worker).await;
    assert!(stage.connection(stage.integration).await.uninstalled_at.is_some());
    let mut consent = stage.work_tx(None).await;
    let id = upsert(&mut consent, demo::HARBOR).await;
    keep(&mut consent, &stage.vault, id, brought).await;
    consent.commit().await.unwrap();
    let facts = stage.connection(stage.integration).await;
    assert!(facts.is_active && facts.uninstalled_at.is_none() && facts.uninstall_asked_at.is_none(), "{facts:?}");
    assert_eq!(stage.version().await, 2, "numbers go on");
    // The consent itself asks for this look.
    stage.do_now(Kind::CheckIntegration).await;
    assert_eq!(stage.word().await, State::Expired);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_disconnect_while_the_app_is_removed_is_carried_out_too() {
    let stage = Stage::new().await;
    disconnect(&stage).await;
    let mut again = stage.work_tx(None).await;
    let id = upsert(&mut again, demo::HARBOR).await;
    let leaving = working(&stage);
    stands(&stage, &leaving).await;
    // Consented to after HighLevel was told, and disconnected once more.
    let brought = tokens(&client(&stage.sim), &stage.sim, demo::HARBOR).await;
    keep(&mut again, &stage.vault, id, brought).await;
    integrations::disconnect(&mut again, id, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut again, id).await.unwrap());
    again.commit().await.unwrap();
    leaving.await.unwrap();
    stage.run().await;
    let facts = stage.connection(stage.integration).await;
    assert!(!facts.is_active && facts.uninstalled_at.is_some(), "{facts:?}");
    assert_eq!((removals(&stage), installs(&stage), secrets(&stage).await), (2, 0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_consent_and_a_disconnect_at_once_the_later_counts() {
    let stage = Stage::new().await;
    let mut consent = stage.work_tx(None).await;
    let id = upsert(&mut consent, demo::HARBOR).await;
    let leaving = disconnecting(&stage);
    stands(&stage, &leaving).await;
    keep(&mut consent, &stage.vault, id, tokens(&client(&stage.sim), &stage.sim, demo::HARBOR).await).await;
    consent.commit().await.unwrap();
    leaving.await.unwrap();
    testing::run_due(&stage.worker).await;
    let facts = stage.connection(stage.integration).await;
    assert!(!facts.is_active && facts.uninstalled_at.is_some(), "{facts:?}");
    assert_eq!((installs(&stage), secrets(&stage).await), (0, 0));

    let stage = Stage::new().await;
    let mut leaving = stage.work_tx(None).await;
    integrations::disconnect(&mut leaving, stage.integration, "test").await.unwrap();
    assert!(integrations::ask_uninstall(&mut leaving, stage.integration).await.unwrap());
    let brought = tokens(&client(&stage.sim), &stage.sim, demo::HARBOR).await;
    let (mut consent, vault) = (stage.work_tx(None).await, stage.vault.clone());
    let connecting = tokio::spawn(async move {
        let id = upsert(&mut consent, demo::HARBOR).await;
        keep(&mut consent, &vault, id, brought).await;
        consent.commit().await.unwrap();
    });
    stands(&stage, &connecting).await;
    leaving.commit().await.unwrap();
    connecting.await.unwrap();
    testing::run_due(&stage.worker).await;
    assert_eq!((stage.word().await, removals(&stage)), (State::Working, 0));
    assert!(installs(&stage) > 0 && stage.version().await == 2);
}
