//! How do the pages of other servers know the processes of tool servers that run here, and how do they end one? Every few
//! seconds this server says which run, and it does what it was asked for by a notice.

use std::time::Duration;

use ::tools::{Processes, ToolProcesses as _};
use operations::platform::tool_hosts::{self, Asked, Ending};
use store::Db;
use store::listen::Note;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use crate::http::pages::Shared;

/// How often it says so. Pages show what was said within a minute.
const EVERY: Duration = Duration::from_secs(15);
/// The topic under which pages ask for something.
const ASKED: &str = "tool_process.asked";

/// Reports the processes of this server and ends those that pages ask for, until it stops.
pub async fn report(shared: Shared, processes: Processes) {
    let (db, id, host) = (&shared.app.db, processes.host(), name());
    let mut notes = shared.server.notes.subscribe();
    let mut tick = tokio::time::interval(EVERY);
    let mut is_settled = true;
    loop {
        let is_asked = tokio::select! {
            () = shared.server.stopping.cancelled() => break,
            _ = tick.tick() => false,
            note = notes.recv() => match note {
                Ok(note) if !is_for(&note, id) => continue,
                Ok(_) | Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => break,
            },
        };
        if is_settled && !is_asked && Processes::shown(&processes).is_empty() {
            continue;
        }
        is_settled = look(db, (id, host.as_str()), &processes).await;
    }
    if let Err(error) = tool_hosts::gone(db, id).await {
        tracing::warn!(event = "tools.not_signed_off", %error, "pages name the tool processes of this server for a minute");
    }
}

/// Whether somebody asks this server for something. After a lost connection they may have.
fn is_for(note: &Note, id: Uuid) -> bool {
    match note {
        Note::Happened { topic, subject, .. } => topic == ASKED && *subject == Some(id),
        Note::Reconnected => true,
        Note::Work(_) | Note::Credential(_) => false,
    }
}

/// Ends what this server was asked to end and says what runs. True if nothing runs, and pages know it: whoever reads otherwise
/// may ask for the end of a process that is gone, and what nobody takes would end the next one of its client.
async fn look(db: &Db, (id, host): (Uuid, &str), processes: &Processes) -> bool {
    let ended = end_asked(db, id, processes).await;
    let shown = Processes::shown(processes);
    let told = tool_hosts::report(db, id, host, &shown, ended == Some(true)).await;
    if let Err(error) = &told {
        tracing::warn!(event = "tools.not_reported", %error, "pages of other servers do not see the tool processes of this one; trying again in a moment");
    }
    shown.is_empty() && ended.is_some() && told.is_ok()
}

/// Ends what this server was asked to end. True if there was any; `None` if that is not known.
async fn end_asked(db: &Db, id: Uuid, processes: &Processes) -> Option<bool> {
    let asked = match tool_hosts::asked(db, id).await {
        Ok(asked) => asked,
        Err(error) => {
            tracing::warn!(event = "tools.asks_unread", %error, "it is not known which tool processes are to end; the next look finds it");
            return None;
        }
    };
    for Asked { how, process } in &asked {
        // One that is not there any more ended by itself.
        match how {
            Ending::Stop => Processes::stop(processes, process),
            Ending::Restart => Processes::restart(processes, process),
        };
    }
    Some(!asked.is_empty())
}

/// The name of this machine or container, with the number of this process.
fn name() -> String {
    let host = std::fs::read_to_string("/etc/hostname").unwrap_or_else(|_| "unnamed".to_owned());
    format!("{}, process {}", host.trim(), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_server_is_asked_for_concerns_it() {
        let (own, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let happened =
            |topic: &str, subject| Note::Happened { topic: topic.to_owned(), agency: None, business: None, subject };
        assert!(is_for(&happened(ASKED, Some(own)), own) && is_for(&Note::Reconnected, own));
        for other in [happened(ASKED, Some(other)), happened(ASKED, None), happened("tool_process.changed", Some(own))]
        {
            assert!(!is_for(&other, own), "{other:?}");
        }
        assert!(!is_for(&Note::Work("mail".to_owned()), own));
    }
}
