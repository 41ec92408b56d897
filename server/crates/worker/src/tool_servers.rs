//! Asks a third-party tool server which tools it has, so that the gateway can offer them and a person sees what is wrong.
//! Whatever it answers is foreign: each broken tool sets only itself aside, and a server that does not answer keeps what it
//! listed before.

use domain::tool_servers::Sorted;
use domain::{AgencyId, BusinessId, ToolServerId};
use outbound::Boxed;
use secrecy::SecretString;
use store::credentials;
use store::queue::Claimed;
use store::tool_servers::{self, Runnable};

use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::{agency_tx, tenant_tx};

/// Which server is asked, and what it is started with.
pub struct ToolProbe {
    /// How the server is started.
    pub server: Runnable,
    /// The agency whose server it is.
    pub agency: AgencyId,
    /// The client that it is started for.
    pub business: BusinessId,
    /// HighLevel's id of the client's location.
    pub location: String,
    /// The access token of the location.
    pub access: SecretString,
}

/// Starts a tool server and asks it which tools it has.
pub trait ToolProber: Send + Sync {
    /// What the server lists, sorted into what can be used and what cannot; or in words why it could not be asked.
    fn tools(&self, asked: ToolProbe) -> Boxed<'_, Result<Sorted, String>>;
}

/// Asks the server that the work is about, and stores what it listed or why it could not be asked.
pub async fn probe(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(subject)) = (item.agency, item.subject) else { return Ok(()) };
    let id = ToolServerId(subject);
    let mut tx = agency_tx(worker, agency).await?;
    // One that was removed or turned off meanwhile is not asked.
    let Some(server) = tool_servers::runnable(&mut tx, id).await? else { return Ok(()) };
    let supplied = tool_servers::supplied(&mut tx, server.business).await?;
    tx.commit().await?;
    let asked = match supplied {
        None => Err("No client has HighLevel tokens, and a tool server is started with those of one."),
        Some(supplied) => {
            let mut tx = tenant_tx(worker, agency, Some(supplied.business)).await?;
            let opened = credentials::current(&mut tx, &worker.vault, supplied.integration, "a tool server").await?;
            tx.commit().await?;
            match (opened, &worker.tool_prober) {
                (Some(opened), Some(prober)) => {
                    let (business, location) = (supplied.business, supplied.location);
                    let access = opened.access;
                    Ok(prober.tools(ToolProbe { server, agency, business, location, access }).await)
                }
                (None, _) => Err("The HighLevel tokens of the client ended."),
                (_, None) => Err("This installation runs no tool servers."),
            }
        }
    };
    let outcome = match asked {
        Ok(outcome) => outcome,
        Err(why) => {
            tracing::info!(event = "tool_server.not_asked", %agency, server = %id, why, "a tool server could not be started");
            let mut tx = agency_tx(worker, agency).await?;
            tool_servers::not_asked(&mut tx, id, why).await?;
            return Ok(tx.commit().await?);
        }
    };
    let (usable, aside) = outcome.as_ref().map_or((0, 0), |listed| (listed.tools.len(), listed.set_aside.len()));
    let trouble = outcome.as_ref().err().map(String::as_str).unwrap_or_default();
    tracing::info!(event = "tool_server.probed", %agency, server = %id, usable, aside, trouble, "a tool server was asked");
    let mut tx = agency_tx(worker, agency).await?;
    tool_servers::probed(&mut tx, id, &outcome).await?;
    Ok(tx.commit().await?)
}
