//! Operations on the third-party tool servers of an agency: set one up, turn it on and off, remove it, ask it again; and
//! what the gateway offers of them to a client.

use std::cell::Cell;

use domain::identity::Reach;
use domain::permission::Right;
use domain::tool_servers::{
    FoundTool, MOST_SERVERS, NewToolServer, Sorted, ToolServer, full_name, is_prefix, is_tool_name,
};
use domain::{AgencyId, BusinessId, ToolServerId};
use secrecy::SecretString;
use serde_json::Value;
use store::tenant::{Scope, TenantTx};
use store::tool_servers::{self as servers, FULL, PREFIX_TAKEN, PREFIX_USED, Runnable};
use store::vault::Vault;
use store::{Db, businesses, credentials, tool_offers};

use crate::actor::Allowed;
use crate::tools::{Compiled, TOOLS, find, patterns};
use crate::{Actor, Refusal};

/// The most patterns in the schemas of all tools of one server. Compiling each takes milliseconds.
const MOST_PATTERNS: usize = 300;

/// Sets up a tool server and queues that it is asked which tools it has.
///
/// # Errors
/// `Invalid` if the prefix is none, is taken or reads like a tool of ours, the command line is not allowed, or the actor sees no such client; `State` if
/// the agency has as many servers as it can have.
pub async fn add(actor: &Actor, new: &NewToolServer) -> Result<ToolServerId, Refusal> {
    let allowed = of_every_client(actor)?;
    if !is_prefix(&new.prefix) {
        let text = "Use lowercase letters and digits, at most 16, beginning with a letter.";
        return Err(Refusal::field("prefix", text));
    }
    if is_ours(&new.prefix) {
        return Err(Refusal::field("prefix", "Built-in tools start with this. Choose another prefix."));
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

/// Whether names of tools of ours begin with this prefix, so that those of a server would pass for ours.
fn is_ours(prefix: &str) -> bool {
    TOOLS.iter().copied().flatten().any(|tool| tool.name.split('_').next() == Some(prefix))
}

/// The actor with the right. A server may serve every client, so whoever reaches only some has no say.
fn of_every_client(actor: &Actor) -> Result<Allowed<'_>, Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    match actor.access(Right::ConnectionsManage) {
        Ok(access) if access.reach == Reach::Listed => Err(Refusal::State(
            "Tool servers work for every client, and you only have access to some. Ask an agency admin.".to_owned(),
        )),
        _ => Ok(allowed),
    }
}

fn refused(error: store::Error) -> Refusal {
    match error {
        store::Error::Taken(key) if key == PREFIX_TAKEN => {
            Refusal::field("prefix", "Another tool server has this prefix.")
        }
        store::Error::Refused(key) if key == PREFIX_USED => {
            let text = "A removed tool server with another program had this prefix. Choose another one.";
            Refusal::field("prefix", text)
        }
        store::Error::Refused(key) if key == FULL => {
            Refusal::State(format!("There are {MOST_SERVERS} tool servers already. Remove one first."))
        }
        store::Error::NotFound => Refusal::field("command", "This program isn't allowed."),
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

/// Sorts what a server listed: a tool of ours keeps its name, and a schema that is none or costs too much sets its tool aside.
/// This takes a processor for up to some seconds.
#[must_use]
pub fn sorted(prefix: &str, found: Vec<FoundTool>) -> Sorted {
    let left = Cell::new(MOST_PATTERNS);
    let fault = |schema: &Value| match left.get().checked_sub(patterns(schema)) {
        Some(rest) => {
            left.set(rest);
            Compiled::of_foreign(schema).err()
        }
        None => Some(format!("The tools of the server have more than {MOST_PATTERNS} patterns.")),
    };
    domain::tool_servers::sorted(prefix, found, |full| find(full).is_some(), fault)
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

/// The tools of third-party servers that a client can call, by name.
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
    let mut offered: Vec<Offered> = tools.filter(|one| find(&one.name).is_none()).collect();
    offered.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(offered)
}

/// The tool of a third-party server with this full name, if a client can call it. A tool of ours keeps its name.
///
/// # Errors
/// `Store` if the database fails.
pub async fn offered_named(
    db: &Db,
    agency: AgencyId,
    business: BusinessId,
    name: &str,
) -> Result<Option<Offered>, Refusal> {
    let Some((prefix, tool)) = name.split_once('_') else { return Ok(None) };
    if !is_tool_name(name) || find(name).is_some() {
        return Ok(None);
    }
    let mut tx = TenantTx::begin(db, of(agency, business)).await?;
    let found = tool_offers::named(&mut tx, business, prefix, tool).await?;
    tx.commit().await?;
    Ok(found.map(|(server, tool)| Offered { name: name.to_owned(), server, tool }))
}

/// The tools of third-party servers that a client can call, by name: at most so many, from the one after this name on.
///
/// # Errors
/// `Store` if the database fails.
pub async fn offered_after(
    db: &Db,
    agency: AgencyId,
    business: BusinessId,
    after: Option<&str>,
    most: i64,
) -> Result<Vec<Offered>, Refusal> {
    let ours: Vec<String> = TOOLS.iter().copied().flatten().map(|tool| tool.name.to_owned()).collect();
    let mut tx = TenantTx::begin(db, of(agency, business)).await?;
    let found = tool_offers::page(&mut tx, business, after, &ours, most).await?;
    tx.commit().await?;
    let offered = found.into_iter().map(|(server, tool)| {
        let name = full_name(&server.prefix, &tool.name);
        Offered { name, server, tool }
    });
    Ok(offered.collect())
}

/// The third-party servers that a client is served by, on or off, with what each listed last. A tool that has the name of one
/// of ours is left out.
///
/// # Errors
/// `Store` if the database fails.
pub async fn of_client(db: &Db, agency: AgencyId, business: BusinessId) -> Result<Vec<ToolServer>, Refusal> {
    let mut tx = TenantTx::begin(db, of(agency, business)).await?;
    let mut all = servers::list(&mut tx).await?;
    tx.commit().await?;
    all.retain(|server| server.business.is_none_or(|only| only == business));
    for server in &mut all {
        let prefix = &server.prefix;
        server.tools.retain(|tool| find(&full_name(prefix, &tool.name)).is_none());
    }
    Ok(all)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_prefix_reads_like_a_tool_of_ours() {
        for tool in TOOLS.iter().copied().flatten() {
            let first = tool.name.split('_').next().unwrap_or_default();
            assert!(is_prefix(first) && is_ours(first), "{first} is a prefix that anybody might want");
        }
        assert!(["demo", "everything", "inboxes", ""].iter().all(|prefix| !is_ours(prefix)));
    }

    #[test]
    fn what_costs_too_much_sets_only_its_tool_aside() {
        let tool = |name: &str, input: Value| FoundTool {
            name: name.to_owned(),
            description: String::new(),
            input,
            output: None,
        };
        let level = |below: &str| json!({ "allOf": [{ "$ref": below }, { "$ref": below }] });
        let mut defs: serde_json::Map<String, Value> =
            (1..100).map(|at| (format!("a{at}"), level(&format!("#/$defs/a{}", at - 1)))).collect();
        defs.insert("a0".to_owned(), json!({ "type": "string" }));
        let doubled = json!({ "type": "object", "$defs": defs, "properties": { "a": { "$ref": "#/$defs/a99" } } });
        let several = |at: usize| {
            let fields = (0..40).map(|field| (format!("p{field}"), json!({ "pattern": format!("^{at}x+{field}") })));
            json!({ "type": "object", "properties": fields.collect::<serde_json::Map<_, _>>() })
        };
        let found = vec![tool("doubled", doubled), tool("plain", json!({ "type": "object" }))];
        let many = (0..10).map(|at| tool(&format!("t{at}"), several(at)));
        let sorted = sorted("demo", found.into_iter().chain(many).collect());
        let names: Vec<&str> = sorted.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(names, ["plain", "t0", "t1", "t2", "t3", "t4", "t5", "t6"], "280 patterns");
        assert_eq!(sorted.set_aside.len(), 4, "{:?}", sorted.set_aside);
        assert!(sorted.set_aside[0].name == "doubled" && sorted.set_aside[0].reason.contains("reference"));
        assert!(sorted.set_aside[1..].iter().all(|one| one.reason.contains("more than 300 patterns")));
    }
}
