//! What becomes of the processes of tool servers when somebody stops the tools? Whichever process of ours the switch was
//! pressed in, each hears of it by a notice or looks by itself, and ends those of the stopped businesses, idle and busy ones.

use std::time::Duration;

use ::tools::Processes;
use store::Db;
use store::listen::Note;
use store::tools::kill;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::http::pages::Shared;

/// How often the switches are looked at without a notice. It also finds a process that was starting at the moment of one.
const EVERY: Duration = Duration::from_secs(30);
/// The topic under which switches tell.
const TOPIC: &str = "tool_policy.changed";

/// Ends the processes of stopped businesses until this process of ours stops.
pub async fn watch(shared: Shared, processes: Processes) {
    let mut notes = shared.server.notes.subscribe();
    let mut tick = tokio::time::interval(EVERY);
    let stopping = shared.server.stopping.clone();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = tick.tick() => {}
            () = told(&mut notes) => {}
        }
        end(&shared.app.db, &processes).await;
    }
}

/// Waits for a notice that may come from a switch. Missed ones count as one.
async fn told(notes: &mut Receiver<Note>) {
    loop {
        match notes.recv().await {
            Ok(note) if !may_be_a_switch(&note) => {}
            Ok(_) | Err(RecvError::Lagged(_)) => return,
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn may_be_a_switch(note: &Note) -> bool {
    match note {
        Note::Happened { topic, .. } => topic == TOPIC,
        Note::Reconnected => true,
        Note::Work(_) | Note::Credential(_) => false,
    }
}

async fn end(db: &Db, processes: &Processes) {
    match kill::stopped(db, processes.businesses()).await {
        Ok(stopped) => {
            for tenant_id in stopped {
                let count = processes.stop_of(tenant_id);
                tracing::info!(event = "tool_process.switched_off", %tenant_id, count, "the tools of a business are stopped, so its tool processes end");
            }
        }
        Err(error) => {
            tracing::warn!(event = "tools.switches_unread", %error, "it is not known whose tools are stopped; the next look finds it");
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    fn happened(topic: &str) -> Note {
        Note::Happened { topic: topic.to_owned(), agency: None, business: None, subject: None }
    }

    #[tokio::test]
    async fn a_switch_is_heard_and_so_is_that_notices_were_missed() {
        assert!(EVERY <= Duration::from_secs(60));
        assert!(may_be_a_switch(&happened(TOPIC)) && may_be_a_switch(&Note::Reconnected));
        let (tell, mut notes) = tokio::sync::broadcast::channel(2);
        for note in [Note::Work("mail".to_owned()), happened("job.changed")] {
            assert!(!may_be_a_switch(&note));
            tell.send(note).unwrap();
        }
        assert!(told(&mut notes).now_or_never().is_none(), "other notices wake nobody");
        tell.send(happened(TOPIC)).unwrap();
        told(&mut notes).await;
        for _ in 0..3 {
            tell.send(happened("job.changed")).unwrap();
        }
        told(&mut notes).await;
    }
}
