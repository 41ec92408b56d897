//! Operations on the third-party tool servers of an agency: set one up, turn it on and off, remove it, ask it again; and
//! what the gateway offers of them to a client.

use domain::identity::Reach;
use domain::permission::Right;
use domain::tool_servers::{FoundTool, MOST_SERVERS, NewToolServer, Sorted, full_name, is_prefix};
use domain::{AgencyId, BusinessId, ToolServerId};
use secrecy::SecretString;
use store::tenant::{Scope, TenantTx};
use store::tool_servers::{self as servers, FULL, PREFIX_TAKEN, Runnable};
use store::vault::Vault;
use store::{Db, businesses, credentials};

use crate::actor::Allowed;
use crate::tools::{Compiled, find};
use crate::{Actor, Refusal};

/// Sets up a tool server and queues that it is asked which tools it has.
///
/// # Errors
/// `Invalid` if the prefix is none or taken, the command line is not allowed, or the actor sees no such client; `State` if
/// the agency has as many servers as it can have.
pub async fn add(actor: &Actor, new: &NewToolServer) -> Result<ToolServerId, Refusal> {
    let allowed = of_every_client(actor)?;
    if !is_prefix(&new.prefix) {
        let text = "Use lowercase letters and digits, at most 16, beginning with a letter.";
        return Err(Refusal::field("prefix", text));
    }
    let mut tx = allowed.begin().await?;
    if let Some(business) = new.business {
        match businesses::get(&mut tx, business).await {
            Err(store::Error::NotFound) => return Err(Refusal::field("business", "There is no such client.")),
            known => known?,
        };
    }
    let id = servers::add(&mut tx, new).await.map_err(refused)?;
    servers::ask(&mut tx, id).await?;
    tx.commit().await?;
    Ok(id)
}

/// The actor with the right. A server may serve every client, so whoever reaches only some has no say.
fn of_every_client(actor: &Actor) -> Result<Allowed<'_>, Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    match actor.access(Right::ConnectionsManage) {
        Ok(access) if access.reach == Reach::Listed => {
            Err(Refusal::State("Tool servers serve every client, and you reach only some. Ask an admin.".to_owned()))
        }
        _ => Ok(allowed),
    }
}

fn refused(error: store::Error) -> Refusal {
    match error {
        store::Error::Taken(key) if key == PREFIX_TAKEN => {
            Refusal::field("prefix", "Another tool server has this prefix.")
        }
        store::Error::Refused(key) if key == FULL => {
            Refusal::State(format!("There are {MOST_SERVERS} tool servers already. Remove one first."))
        }
        store::Error::NotFound => Refusal::field("command", "The platform allows no such program."),
        other => other.into(),
    }
}

/// Turns a tool server on or off, and returns its prefix. One that is turned on is asked again.
///
/// # Errors
/// `NotFound` if the agency has no such server.
pub async fn set_active(actor: &Actor, id: ToolServerId, active: bool) -> Result<String, Refusal> {
    let mut tx = of_every_client(actor)?.begin().await?;
    let prefix = servers::set_active(&mut tx, id, active).await?;
    if active {
        servers::ask(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(prefix)
}

/// Queues that a tool server is asked which tools it has.
///
/// # Errors
/// `NotFound` if the agency has no such server.
pub async fn ask(actor: &Actor, id: ToolServerId) -> Result<(), Refusal> {
    let mut tx = of_every_client(actor)?.begin().await?;
    servers::ask(&mut tx, id).await?;
    Ok(tx.commit().await?)
}

/// Removes a tool server, and returns its prefix.
///
/// # Errors
/// `NotFound` if the agency has no such server.
pub async fn remove(actor: &Actor, id: ToolServerId) -> Result<String, Refusal> {
    let mut tx = of_every_client(actor)?.begin().await?;
    let prefix = servers::remove(&mut tx, id).await?;
    tx.commit().await?;
    Ok(prefix)
}

/// Sorts what a server listed: a tool of ours keeps its name, and a schema that is none sets its tool aside.
#[must_use]
pub fn sorted(prefix: &str, found: Vec<FoundTool>) -> Sorted {
    domain::tool_servers::sorted(prefix, found, |full| find(full).is_some(), |schema| Compiled::of(schema).err())
}

/// A tool of a third-party server, as a client of the agency can call it.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Its full name, with the prefix of its server.
    pub name: String,
    /// The server, and how it is started.
    pub server: Runnable,
    /// The tool, as its server describes it.
    pub tool: FoundTool,
}

/// The tools of third-party servers that a client can call.
///
/// # Errors
/// `Store` if the database fails.
pub async fn offered(db: &Db, agency: AgencyId, business: BusinessId) -> Result<Vec<Offered>, Refusal> {
    let mut tx = TenantTx::begin(db, of(agency, business)).await?;
    let servers = servers::of_business(&mut tx, business).await?;
    tx.commit().await?;
    let tools = servers.into_iter().flat_map(|(server, tools)| {
        tools.into_iter().map(move |tool| Offered {
            name: full_name(&server.prefix, &tool.name),
            server: server.clone(),
            tool,
        })
    });
    // A tool of ours that is newer than what the server listed keeps its name.
    Ok(tools.filter(|one| find(&one.name).is_none()).collect())
}

/// What a server is started with for a client: the access token of its location, never a refresh token.
#[derive(Debug)]
pub struct Supplies {
    /// HighLevel's id of the location.
    pub location: String,
    /// The access token.
    pub access: SecretString,
}

/// Opens what a server is started with for a client. `None` if the client has no tokens.
///
/// # Errors
/// `Store` if the database fails.
pub async fn supplies(
    db: &Db,
    vault: &Vault,
    agency: AgencyId,
    business: BusinessId,
) -> Result<Option<Supplies>, Refusal> {
    let mut tx = TenantTx::begin(db, of(agency, business)).await?;
    let Some(supplied) = servers::supplied(&mut tx, Some(business)).await? else { return Ok(None) };
    let opened = credentials::current(&mut tx, vault, supplied.integration, "a tool server").await?;
    tx.commit().await?;
    Ok(opened.map(|opened| Supplies { location: supplied.location, access: opened.access }))
}

/// The scope of a client within its agency, which reaches no other client.
fn of(agency: AgencyId, business: BusinessId) -> Scope {
    let listed = vec![business];
    Scope::AgencyBusiness { user: None, agency, business, reach: Reach::Listed, listed }
}
