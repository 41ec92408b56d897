//! What becomes of a process of a tool server that may not run any more? Somebody stopped the tools of its client, the server
//! or its program was turned off or removed, or the client lost its tokens: each process of ours hears of it by a notice or
//! looks by itself, and ends the one of the server, idle or busy, with the token that it holds.

use std::time::Duration;

use ::tools::{ProcessKey, Processes};
use store::listen::Note;
use store::tools::kill;
use store::{Db, tool_servers};
use tokio::sync::broadcast::error::RecvError;

use crate::http::pages::Shared;

/// How often is looked without a notice.
const EVERY: Duration = Duration::from_secs(30);
/// The topics under which switches, servers, programs and connections change.
const TOPICS: [&str; 3] = ["tool_policy.changed", "tool_servers.changed", "integration.changed"];

/// Ends the processes that may not run any more, until this process of ours stops.
pub async fn watch(shared: Shared, processes: Processes) {
    let mut notes = shared.server.notes.subscribe();
    let mut tick = tokio::time::interval(EVERY);
    let stopping = shared.server.stopping.clone();
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            _ = tick.tick() => {}
            // It was starting, and its call was judged, before the last notice.
            () = processes.begun() => {}
            note = notes.recv() => match note {
                Ok(note) if !concerns(&note) => continue,
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            },
        }
        end_stopped(&shared.app.db, &processes).await;
        end_not_allowed(&shared.app.db, &processes).await;
    }
}

fn concerns(note: &Note) -> bool {
    match note {
        Note::Happened { topic, .. } => TOPICS.contains(&topic.as_str()),
        Note::Credential(_) | Note::Reconnected => true,
        Note::Work(_) => false,
    }
}

/// Ends the processes of businesses whose tools are stopped.
async fn end_stopped(db: &Db, processes: &Processes) {
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

/// Ends the processes of servers that may not run for their clients.
async fn end_not_allowed(db: &Db, processes: &Processes) {
    let running: Vec<_> = processes.keys().into_iter().map(|key| (key.business, key.server)).collect();
    if running.is_empty() {
        return;
    }
    match tool_servers::not_allowed(db, &running).await {
        Ok(ended) => {
            for (business, server) in ended {
                let count = processes.stop_server(ProcessKey { business, server });
                tracing::info!(event = "tool_process.not_allowed", tenant_id = %business, %server, count, "a tool server may not run for its client any more, so its process ends");
            }
        }
        Err(error) => {
            tracing::warn!(event = "tools.servers_unread", %error, "it is not known which tool servers may still run; the next look finds it");
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::IntegrationId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn switches_servers_connections_and_secrets_concern_processes_and_work_does_not() {
        let happened =
            |topic: &str| Note::Happened { topic: topic.to_owned(), agency: None, business: None, subject: None };
        assert!(TOPICS.iter().all(|topic| concerns(&happened(topic))) && concerns(&Note::Reconnected));
        assert!(concerns(&Note::Credential(IntegrationId(Uuid::nil()))));
        assert!(!concerns(&happened("job.changed")) && !concerns(&Note::Work("mail".to_owned())));
        let known: Vec<&str> = domain::feature::FEATURES.iter().flat_map(|one| one.topics).copied().collect();
        assert!(TOPICS.iter().all(|topic| known.contains(topic)), "{known:?}");
    }
}
