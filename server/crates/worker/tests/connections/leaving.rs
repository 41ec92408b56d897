//! Does the app leave HighLevel after a disconnect, and the keys with it?

use domain::integration::State;
use domain::work::Kind;
use serde_json::json;
use simulator::demo;
use store::integrations;
use worker::testing;

use crate::stage::{Stage, fault};

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
