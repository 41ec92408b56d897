//! Third-party tool servers: which command lines the platform allows, which servers an agency has, and what they listed
//! the last time they were asked.

use std::time::Duration;

use domain::tool_servers::{FoundTool, MOST_SERVERS, NewToolCommand, NewToolServer, Sorted, ToolCommand, ToolServer};
use domain::work::Kind;
use domain::{AgencyId, BusinessId, IntegrationId, ToolCommandId, ToolServerId};
use serde_json::{Value, json};

use crate::audit::{self, Act};
use crate::queue::{self, Work};
use crate::{Db, Error, PlatformTx, Result, TenantTx, new_id, outbox};

/// What `Refused` carries when the agency has as many servers as it can have.
pub const FULL: &str = "tool_servers_full";
/// The constraint that two servers of an agency have two prefixes.
pub const PREFIX_TAKEN: &str = "tool_servers_agency_id_prefix_key";
/// The constraint that two commands have two names.
pub const NAME_TAKEN: &str = "tool_commands_name_key";

/// Every command line that the platform allowed, by name.
pub async fn commands(tx: &mut PlatformTx) -> Result<Vec<ToolCommand>> {
    let commands = sqlx::query_as!(
        ToolCommand,
        r#"select c.id as "id: ToolCommandId", c.name, c.program, c.arguments, c.is_active as active,
                  (select count(*) from tool_servers s where s.command_id = c.id) as "servers!"
           from tool_commands c order by c.name limit 200"#
    );
    Ok(commands.fetch_all(tx.conn()).await?)
}

/// Allows a command line. Returns `Taken(NAME_TAKEN)` if another one has its name.
pub async fn allow(tx: &mut PlatformTx, new: &NewToolCommand) -> Result<ToolCommandId> {
    let id: ToolCommandId = new_id();
    sqlx::query!(
        "insert into tool_commands (id, name, program, arguments) values ($1, $2, $3, $4)",
        id.0,
        new.name,
        new.program,
        &new.arguments
    )
    .execute(tx.conn())
    .await?;
    let payload = json!({ "name": new.name, "program": new.program, "arguments": new.arguments });
    audit::record_platform(tx, None, Act::new("tool_command.allowed", "tool_command").object(id).payload(payload))
        .await?;
    Ok(id)
}

/// Says whether servers that use the command line are started, and returns its name.
pub async fn set_command_active(tx: &mut PlatformTx, id: ToolCommandId, active: bool) -> Result<String> {
    let name =
        sqlx::query_scalar!("update tool_commands set is_active = $2 where id = $1 returning name", id.0, active)
            .fetch_optional(tx.conn())
            .await?
            .ok_or(Error::NotFound)?;
    let action = if active { "tool_command.on" } else { "tool_command.off" };
    let act = Act::new(action, "tool_command").object(id).payload(json!({ "name": name }));
    audit::record_platform(tx, None, act).await?;
    Ok(name)
}

/// The command lines that an agency can choose, as id and name.
pub async fn choices(tx: &mut TenantTx) -> Result<Vec<(ToolCommandId, String)>> {
    let rows = sqlx::query!(
        r#"select id as "id: ToolCommandId", name from tool_commands where is_active order by name limit 200"#
    );
    Ok(rows.fetch_all(tx.conn()).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// The agency's servers, by prefix.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<ToolServer>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"select s.id as "id!: ToolServerId", s.prefix as "prefix!", c.name as "command!", c.is_active as "allowed!", s.business_id as "business?: BusinessId",
                  b.name as "business_name?", s.is_active as "active!", s.tools as "tools!", s.set_aside as "set_aside!", s.probed_at as "probed_at?", s.trouble as "trouble?"
           from tool_servers s join tool_commands c on c.id = s.command_id left join sub_accounts b on b.id = s.business_id
           where s.agency_id = $1 order by s.prefix"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    let servers = rows.into_iter().map(|row| ToolServer {
        id: row.id,
        prefix: row.prefix,
        command: row.command,
        allowed: row.allowed,
        business: row.business,
        business_name: row.business_name,
        active: row.active,
        tools: readable(row.tools),
        set_aside: readable(row.set_aside),
        probed_at: row.probed_at,
        trouble: row.trouble,
    });
    Ok(servers.collect())
}

/// A list as it is stored. What a newer version stored in another form counts as empty until the server is asked again.
fn readable<T: serde::de::DeserializeOwned>(stored: Value) -> Vec<T> {
    serde_json::from_value(stored).unwrap_or_default()
}

/// Sets up a server. Returns `Refused(FULL)` if there are as many as an agency can have, `Taken(PREFIX_TAKEN)` if another
/// one has its prefix, and `NotFound` if the platform does not allow the command line.
pub async fn add(tx: &mut TenantTx, new: &NewToolServer) -> Result<ToolServerId> {
    let agency = tx.agency()?;
    let command = sqlx::query_scalar!("select name from tool_commands where id = $1 and is_active", new.command.0);
    let command = command.fetch_optional(tx.conn()).await?.ok_or(Error::NotFound)?;
    let id = sqlx::query_scalar!(
        r#"insert into tool_servers (id, agency_id, business_id, command_id, prefix)
           select $1, $2, $3, $4, $5 where (select count(*) from tool_servers where agency_id = $2) < $6
           returning id as "id: ToolServerId""#,
        new_id::<ToolServerId>().0,
        agency.0,
        new.business.map(|business| business.0),
        new.command.0,
        new.prefix,
        MOST_SERVERS
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or_else(|| Error::Refused(FULL.to_owned()))?;
    let payload = json!({ "prefix": new.prefix, "command": command, "business": new.business });
    changed(tx, id, Act::new("tool_server.added", "tool_server").payload(payload)).await?;
    Ok(id)
}

/// Turns a server on or off, and returns its prefix.
pub async fn set_active(tx: &mut TenantTx, id: ToolServerId, active: bool) -> Result<String> {
    let agency = tx.agency()?;
    let prefix = sqlx::query_scalar!(
        "update tool_servers set is_active = $3 where agency_id = $1 and id = $2 returning prefix",
        agency.0,
        id.0,
        active
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    let action = if active { "tool_server.on" } else { "tool_server.off" };
    changed(tx, id, Act::new(action, "tool_server").payload(json!({ "prefix": prefix }))).await?;
    Ok(prefix)
}

/// Removes a server, and returns its prefix.
pub async fn remove(tx: &mut TenantTx, id: ToolServerId) -> Result<String> {
    let agency = tx.agency()?;
    let prefix = sqlx::query_scalar!(
        "delete from tool_servers where agency_id = $1 and id = $2 returning prefix",
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    changed(tx, id, Act::new("tool_server.removed", "tool_server").payload(json!({ "prefix": prefix }))).await?;
    Ok(prefix)
}

/// Queues that the server is asked which tools it has. `NotFound` if the agency has no such server.
pub async fn ask(tx: &mut TenantTx, id: ToolServerId) -> Result<()> {
    let agency = tx.agency()?;
    let known = sqlx::query_scalar!(
        r#"select exists (select from tool_servers where agency_id = $1 and id = $2) as "known!""#,
        agency.0,
        id.0
    );
    if !known.fetch_one(tx.conn()).await? {
        return Err(Error::NotFound);
    }
    queue::add(tx, &Work::new(Kind::ProbeToolServer).subject(id.0).once(format!("tool_server:{id}"))).await?;
    Ok(())
}

/// The servers of any agency that are on and were not asked for this long, one page after `after`. It returns ids only,
/// because each is then asked in the scope of its own agency.
pub async fn due(db: &Db, age: Duration, after: Option<ToolServerId>) -> Result<Vec<(AgencyId, ToolServerId)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select s.id as "id: ToolServerId", s.agency_id as "agency: AgencyId"
           from tool_servers s join tool_commands c on c.id = s.command_id join agencies a on a.id = s.agency_id
           where s.is_active and c.is_active and a.deleted_at is null
             and (s.probed_at is null or s.probed_at not between now() - make_interval(secs => $1) and now() + interval '1 hour')
             and ($2::uuid is null or s.id > $2) order by s.id limit 500"#,
        age.as_secs_f64(),
        after.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(|row| (row.agency, row.id)).collect())
}

/// How a server is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runnable {
    /// The server.
    pub id: ToolServerId,
    /// What the names of its tools begin with.
    pub prefix: String,
    /// The absolute path of the program.
    pub program: String,
    /// The arguments of the program.
    pub arguments: Vec<String>,
    /// The one client that it is for.
    pub business: Option<BusinessId>,
}

/// How the server is started. `None` if it is gone or off, or the platform allows its command line no more.
pub async fn runnable(tx: &mut TenantTx, id: ToolServerId) -> Result<Option<Runnable>> {
    let agency = tx.agency()?;
    let row = sqlx::query_as!(
        Runnable,
        r#"select s.id as "id: ToolServerId", s.prefix, c.program, c.arguments, s.business_id as "business: BusinessId"
           from tool_servers s join tool_commands c on c.id = s.command_id
           where s.agency_id = $1 and s.id = $2 and s.is_active and c.is_active"#,
        agency.0,
        id.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// The servers that a client of the agency can use, each with the tools that it listed last.
pub async fn of_business(tx: &mut TenantTx, business: BusinessId) -> Result<Vec<(Runnable, Vec<FoundTool>)>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"select s.id as "id: ToolServerId", s.prefix, c.program, c.arguments, s.business_id as "business: BusinessId", s.tools
           from tool_servers s join tool_commands c on c.id = s.command_id
           where s.agency_id = $1 and (s.business_id is null or s.business_id = $2) and s.is_active and c.is_active order by s.prefix"#,
        agency.0,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    let servers = rows.into_iter().map(|row| {
        let server = Runnable {
            id: row.id,
            prefix: row.prefix,
            program: row.program,
            arguments: row.arguments,
            business: row.business,
        };
        (server, readable(row.tools))
    });
    Ok(servers.collect())
}

/// A client whose tokens a server can be started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supplied {
    /// The client.
    pub business: BusinessId,
    /// HighLevel's id of its location.
    pub location: String,
    /// The integration of the location.
    pub integration: IntegrationId,
}

/// A client of the agency that has tokens of its location: this one, or any if none is named. One whose tokens HighLevel
/// refused comes last: a server lists its tools without them, and says itself what it cannot do.
pub async fn supplied(tx: &mut TenantTx, business: Option<BusinessId>) -> Result<Option<Supplied>> {
    let agency = tx.agency()?;
    let row = sqlx::query_as!(
        Supplied,
        r#"select b.id as "business: BusinessId", i.platform_id as location, i.id as "integration: IntegrationId"
           from sub_accounts b join integrations i on i.agency_id = b.agency_id and i.sub_account_id = b.id
           where b.agency_id = $1 and ($2::uuid is null or b.id = $2) and b.deleted_at is null and i.type = 'GOHIGHLEVEL'
             and i.platform_id = b.ghl_location_id and i.is_active
             and exists (select from credentials k where k.integration_id = i.id and k.slot = 'current' and k.revoked_at is null)
           order by i.needs_reauth_at is not null, b.created_at, b.id limit 1"#,
        agency.0,
        business.map(|business| business.0)
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// Stores what a server listed, or why it could not be asked; then what it listed before stays. The same again only moves
/// the time.
pub async fn probed(tx: &mut TenantTx, id: ToolServerId, outcome: &std::result::Result<Sorted, String>) -> Result<()> {
    let agency = tx.agency()?;
    let listed = outcome.as_ref().ok();
    let (tools, set_aside) = (listed.map(|listed| json!(listed.tools)), listed.map(|listed| json!(listed.set_aside)));
    let trouble = outcome.as_ref().err().map(String::as_str);
    sqlx::query!(
        "update tool_servers set tools = coalesce($3, tools), set_aside = coalesce($4, set_aside), trouble = left($5, 1000), probed_at = now()
         where agency_id = $1 and id = $2",
        agency.0,
        id.0,
        tools,
        set_aside,
        trouble
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "tool_servers.changed", Some(id.0), &json!({})).await
}

async fn changed(tx: &mut TenantTx, id: ToolServerId, act: Act) -> Result<()> {
    audit::record(tx, act.object(id)).await?;
    outbox::add(tx, "tool_servers.changed", Some(id.0), &json!({})).await
}
