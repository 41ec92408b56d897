//! Which processes of tool servers run on the other servers of this installation, and how does a person stop or restart one
//! there? Each server reports its processes, and does what it was asked for itself.

use domain::permission::Right;
use serde::{Deserialize, Serialize};
use store::Db;
use store::audit::{self, Act};
use store::platform::tool_hosts;
use store::tenant::PlatformTx;
use uuid::Uuid;

use super::tool_processes::ProcessView;
use crate::{PlatformActor, Refusal};

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
    let read = known.into_iter().map(|one| HostView {
        id: one.id,
        host: one.host,
        processes: serde_json::from_value(one.processes).unwrap_or_default(),
    });
    Ok(read.collect())
}

/// Reports which processes a server runs. `is_news` tells open pages at once.
///
/// # Errors
/// `Store` if the database fails.
pub async fn report(db: &Db, id: Uuid, host: &str, processes: &[ProcessView], is_news: bool) -> Result<(), Refusal> {
    let processes = serde_json::to_value(processes).unwrap_or_default();
    Ok(tool_hosts::report(db, id, host, &processes, is_news).await?)
}

/// Says that a server stops.
///
/// # Errors
/// `Store` if the database fails.
pub async fn gone(db: &Db, id: Uuid) -> Result<(), Refusal> {
    Ok(tool_hosts::gone(db, id).await?)
}

/// What a server was asked for since it looked last.
///
/// # Errors
/// `Store` if the database fails.
pub async fn asked(db: &Db, id: Uuid) -> Result<Vec<Asked>, Refusal> {
    Ok(serde_json::from_value(tool_hosts::asked(db, id).await?).unwrap_or_default())
}

/// Asks the server that runs a process to end it.
///
/// # Errors
/// `Forbidden` unless the actor manages the platform; `NotFound` if that server runs no such process, or says nothing any
/// more.
pub async fn ask(actor: &PlatformActor, host: Uuid, asked: Asked) -> Result<(), Refusal> {
    let allowed = actor.require(Right::PlatformManage)?;
    let mut tx = allowed.begin().await?;
    let known = hosts(&mut tx).await?.into_iter().find(|one| one.id == host).ok_or(Refusal::NotFound)?;
    let process = known.processes.into_iter().find(|one| one.id == asked.process).ok_or(Refusal::NotFound)?;
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
    Ok(tx.commit().await?)
}
