//! Which processes of tool servers run on the other servers of this installation, and how does a person stop or restart one
//! there? Each server reports its processes, and does what it was asked for itself.

use domain::permission::Right;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Db;
use store::audit::{self, Act};
use store::platform::tool_hosts;
use store::tenant::PlatformTx;
use uuid::Uuid;

use super::tool_processes::{Found, ProcessView, ended};
use crate::{PlatformActor, Refusal};

/// The most processes of which a server tells. Each client whose tool server does not start has one, too, and a report that is
/// larger than the table takes would tell nothing.
const MOST: usize = 1000;

/// A server that runs processes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostView {
    /// Its id from its start to its end.
    pub id: Uuid,
    /// The name of its machine or container.
    pub host: String,
    /// Its processes when it last said so, at most a minute ago.
    pub processes: Vec<ProcessView>,
}

/// How a server ends a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// At once; the next call starts another.
    Stop,
    /// Once its calls ended; from now on calls start another.
    Restart,
}

/// What a server was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// How to end it.
    pub how: Ending,
    /// The name of the process on that server.
    pub process: String,
}

/// The servers that run processes, by name. What another version wrote and this one cannot read is left out.
///
/// # Errors
/// `Store` if the database fails.
pub async fn hosts(tx: &mut PlatformTx) -> Result<Vec<HostView>, Refusal> {
    let known = tool_hosts::hosts(tx).await?;
    let read = known.into_iter().map(|one| HostView { id: one.id, host: one.host, processes: readable(one.processes) });
    Ok(read.collect())
}

/// The items of a list that this version can read.
fn readable<T: DeserializeOwned>(list: Value) -> Vec<T> {
    let Value::Array(items) = list else { return Vec::new() };
    items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect()
}

/// Reports which processes a server runs; of very many only some, first those that run. `is_news` tells open pages at once.
///
/// # Errors
/// `Store` if the database fails.
pub async fn report(db: &Db, id: Uuid, host: &str, processes: &[ProcessView], is_news: bool) -> Result<(), Refusal> {
    let processes = serde_json::to_value(told(processes)).unwrap_or_default();
    Ok(tool_hosts::report(db, id, host, &processes, is_news).await?)
}

fn told(processes: &[ProcessView]) -> Vec<&ProcessView> {
    let mut told: Vec<&ProcessView> = processes.iter().collect();
    told.sort_by_key(|process| process.pid.is_none());
    told.truncate(MOST);
    told
}

/// Says that a server stops.
///
/// # Errors
/// `Store` if the database fails.
pub async fn gone(db: &Db, id: Uuid) -> Result<(), Refusal> {
    Ok(tool_hosts::gone(db, id).await?)
}

/// What a server was asked for since it looked last. What another version asked and this one cannot read is left out.
///
/// # Errors
/// `Store` if the database fails.
pub async fn asked(db: &Db, id: Uuid) -> Result<Vec<Asked>, Refusal> {
    Ok(readable(tool_hosts::asked(db, id).await?))
}

/// Asks the server that runs a process to end it. Once it was asked to stop it, it is not asked again until it reports.
///
/// # Errors
/// `Forbidden` unless the actor manages the platform; `NotFound` if no process can have this name, or that server says
/// nothing any more.
pub async fn ask(actor: &PlatformActor, host: Uuid, asked: Asked) -> Result<Found, Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let mut tx = allowed.begin().await?;
    let known = hosts(&mut tx).await?.into_iter().find(|one| one.id == host).ok_or(Refusal::NotFound)?;
    let running = known.processes.into_iter().find(|one| one.id == asked.process);
    let Some(process) = running else { return ended(&asked.process) };
    if asked.how == Ending::Stop && !tool_hosts::mark(&mut tx, host, &asked.process).await? {
        return Ok(Found::Ended);
    }
    if !tool_hosts::ask(&mut tx, host, &serde_json::to_value(&asked).unwrap_or_default()).await? {
        return Err(Refusal::NotFound);
    }
    let action = match asked.how {
        Ending::Stop => "tool_process.stopped",
        Ending::Restart => "tool_process.restarted",
    };
    let payload = serde_json::json!({ "server": process.server, "business": process.business });
    let act = Act::new(action, "tool_process").object(process.business).payload(payload);
    audit::record_platform(&mut tx, None, act).await?;
    tx.commit().await?;
    Ok(Found::Running)
}

#[cfg(test)]
mod tests {
    use domain::BusinessId;
    use serde_json::json;

    use super::super::tool_processes::ProcessState;
    use super::*;

    fn process(number: u128, pid: Option<u32>) -> ProcessView {
        let business = BusinessId(Uuid::from_u128(u128::MAX - number));
        ProcessView {
            id: format!("{business}.{}", Uuid::max()),
            business,
            server: "x".repeat(16),
            state: if pid.is_some() { ProcessState::Running } else { ProcessState::BackingOff },
            pid,
            started_at: Some(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::nanoseconds(1)),
            used_at: Some(chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::nanoseconds(1)),
            in_use: u32::MAX,
            calls: u64::MAX,
            restarts: u64::MAX,
            memory: Some(u64::MAX),
        }
    }

    #[test]
    fn a_report_fits_its_row_and_tells_of_what_runs_before_what_does_not_start() {
        let mut all: Vec<ProcessView> = (0..5000).map(|number| process(number, None)).collect();
        all.push(process(5000, Some(u32::MAX)));
        let told = told(&all);
        assert_eq!((told.len(), told[0]), (MOST, &all[5000]));
        // The database writes a blank behind each colon and comma, and takes a mebibyte.
        let text = serde_json::to_string(&told).unwrap();
        let blanks = text.bytes().filter(|one| matches!(one, b':' | b',')).count();
        assert!(text.len() + blanks <= 1 << 20, "{} bytes", text.len() + blanks);
        assert_eq!(readable::<ProcessView>(serde_json::to_value(told).unwrap()).len(), MOST);
    }

    #[test]
    fn what_another_version_wrote_hides_nothing_of_what_this_one_reads() {
        let list = json!([{ "how": "pause", "process": "a" }, { "how": "stop", "process": "b", "since": 7 }, 7]);
        assert_eq!(readable::<Asked>(list), [Asked { how: Ending::Stop, process: "b".to_owned() }]);
        let newer = json!([{ "state": "frozen" }, process(1, None)]);
        assert_eq!(readable::<ProcessView>(newer), [process(1, None)]);
        assert!(readable::<Asked>(json!({ "how": "stop" })).is_empty());
    }
}
