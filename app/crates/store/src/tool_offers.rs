//! Which single tools of third-party servers can a client of an agency call? One is found by its name and many page by page,
//! so that no request reads the whole lists of all servers.

use domain::tool_servers::FoundTool;
use domain::{BusinessId, ToolServerId};
use serde_json::Value;

use crate::tool_servers::Runnable;
use crate::{Result, TenantTx};

/// The tool that this server of the agency listed last, if the client can use the server.
pub async fn named(
    tx: &mut TenantTx,
    business: BusinessId,
    prefix: &str,
    name: &str,
) -> Result<Option<(Runnable, FoundTool)>> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select s.id as "id!: ToolServerId", s.prefix as "prefix!", c.program as "program!", c.arguments as "arguments!", s.business_id as "business?: BusinessId", t.tool as "tool!: Value"
           from tool_servers s join tool_commands c on c.id = s.command_id
             cross join lateral jsonb_path_query_first(s.tools, '$[*] ? (@.name == $name)', jsonb_build_object('name', $4::text)) t (tool)
           where s.agency_id = $1 and s.prefix = $3 and (s.business_id is null or s.business_id = $2) and s.is_active and c.is_active and t.tool is not null"#,
        agency.0,
        business.0,
        prefix,
        name
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.and_then(|row| {
        let server = Runnable {
            id: row.id,
            prefix: row.prefix,
            program: row.program,
            arguments: row.arguments,
            business: row.business,
        };
        Some((server, readable(row.tool)?))
    }))
}

/// The tools that the client can use, by their full names: at most so many, from the one after `after` on. Those that have a
/// name in `taken` are left out.
pub async fn page(
    tx: &mut TenantTx,
    business: BusinessId,
    after: Option<&str>,
    taken: &[String],
    most: i64,
) -> Result<Vec<(Runnable, FoundTool)>> {
    let agency = tx.agency()?;
    let rows = sqlx::query!(
        r#"select s.id as "id!: ToolServerId", s.prefix as "prefix!", c.program as "program!", c.arguments as "arguments!", s.business_id as "business?: BusinessId", t.tool as "tool!: Value"
           from tool_servers s join tool_commands c on c.id = s.command_id cross join lateral jsonb_array_elements(s.tools) t (tool)
           where s.agency_id = $1 and (s.business_id is null or s.business_id = $2) and s.is_active and c.is_active
             and ($3::text is null or (s.prefix || '_' || (t.tool ->> 'name')) collate "C" > $3::text) and s.prefix || '_' || (t.tool ->> 'name') <> all ($4::text[])
           order by (s.prefix || '_' || (t.tool ->> 'name')) collate "C" limit $5"#,
        agency.0,
        business.0,
        after,
        taken,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    let tools = rows.into_iter().filter_map(|row| {
        let server = Runnable {
            id: row.id,
            prefix: row.prefix,
            program: row.program,
            arguments: row.arguments,
            business: row.business,
        };
        Some((server, readable(row.tool)?))
    });
    Ok(tools.collect())
}

/// A tool as it is stored. What a newer version stored in another form is no tool until its server is asked again.
fn readable(stored: Value) -> Option<FoundTool> {
    serde_json::from_value(stored).ok()
}
