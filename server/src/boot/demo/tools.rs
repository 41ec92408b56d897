//! What did AI agents do with the demo's client? One is connected; it read three times, was refused once, once said what
//! it would do, and asks for one approval. Another one signed in by browser. The values of their tokens are thrown away, so
//! nobody can use them: people connect their own. The agency has a third-party tool server, too, which is off, because its
//! program does not come with the demo.

use anyhow::Context;
use domain::agent_sign_in::{Asked, Parameters, Program};
use domain::business::Business;
use domain::identity::Reach;
use domain::person::ApiToken;
use domain::tool_servers::{FoundTool, NewToolCommand, NewToolServer};
use domain::tools::Policy;
use operations::tokens::Lifetime;
use operations::tool_servers::sorted;
use operations::tools::sign_in::{self, Proof};
use operations::tools::tokens::{self, NewAgent, opens_tools};
use operations::tools::{Caller, ToolContext, ToolError, call, policy};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::tool_servers;

use super::conversations::{OWNER, actor};
use crate::boot::compose::Core;

/// The name of the agent.
const AGENT: &str = "Claude at the front desk";

/// What it asks for.
const ASKED: &str = "todos_complete_task";
/// The agent that signs in by browser, and where it leads its person back to.
const BY_BROWSER: (&str, &str) = ("ChatGPT", "https://chatgpt.com/connector_platform_oauth_redirect");
/// The program of the third-party tool server, as the platform calls it, and what the names of its tools begin with.
const PROGRAM: (&str, &str) = ("price-list", "prices");

/// What it called: the tool and its arguments.
fn calls() -> [(&'static str, Value); 5] {
    [
        ("business_get_details", json!({})),
        ("inbox_list_contacts", json!({})),
        ("knowledge_search_passages", json!({ "query": "How much does a cleaning cost?" })),
        ("knowledge_remove_entry", json!({ "knowledge": "01985f2a-7c4e-7d3b-9a51-5f0c2e8b6d17" })),
        (
            "knowledge_add_entry",
            json!({ "kind": "question", "title": "Do you sell gift cards?", "content": "Yes, at the front desk." }),
        ),
    ]
}

/// What the third-party tool server lists. One of its tools cannot be used.
fn found() -> Vec<FoundTool> {
    let tool = |name: &str, description: &str, input| FoundTool {
        name: name.to_owned(),
        description: description.to_owned(),
        input,
        output: None,
    };
    let by_name = json!({ "type": "object", "properties": { "treatment": { "type": "string" } } });
    vec![
        tool("list", "Lists every treatment with its price.", json!({ "type": "object" })),
        tool("find", "Finds the price of a treatment.", by_name),
        tool("import", "Reads a price list from a file.", json!({ "type": "string" })),
    ]
}

/// Connects the agents and lets one call, unless the client has them, and sets the tool server up, unless the agency has one.
///
/// # Errors
/// When the database fails, the owner is not there, or a call ends otherwise than it should.
pub async fn add(core: &Core, client: &Business) -> anyhow::Result<()> {
    server(core, client).await?;
    connected(core, client).await?;
    signed_in(core, client).await
}

/// Connects an agent by its token and lets it call.
async fn connected(core: &Core, client: &Business) -> anyhow::Result<()> {
    let owner = actor(core, client, OWNER).await?;
    if agent(core, client).await?.is_some() {
        return Ok(());
    }
    let now = web::clock::now();
    tokens::create_once(&owner, &NewAgent { name: AGENT, lifetime: Lifetime::Year, now }, "demo").await?;
    // Somebody disconnected the one of an interrupted run.
    let Some(token) = agent(core, client).await? else { return Ok(()) };
    let dry = [("knowledge_add_entry".to_owned(), Policy::DryRun)];
    policy::save(&owner, token.id, &dry.into_iter().collect()).await?;
    let caller = Caller { token: token.id, business: client.id, agency: client.agency, name: token.name };
    let context = ToolContext { actor: owner, highlevel: None, now };
    for (tool, arguments) in calls() {
        match call(&context, &caller, tool, arguments).await {
            Ok(_) | Err(ToolError::Denied(_)) => {}
            Err(error) => return Err(error).context(tool),
        }
    }
    let mut tx = in_client(core, client).await?;
    let open = store::todos::of_own(&mut tx).await?.into_iter().find(|todo| todo.done_at.is_none());
    tx.commit().await?;
    let Some(todo) = open else { return Ok(()) };
    match call(&context, &caller, ASKED, json!({ "todo": todo.id })).await {
        Ok(_) | Err(ToolError::Waiting(_)) => Ok(()),
        Err(error) => Err(error).context(ASKED),
    }
}

/// Signs an agent in by browser, as its program and the owner do together.
async fn signed_in(core: &Core, client: &Business) -> anyhow::Result<()> {
    let mut tx = in_client(core, client).await?;
    let known = store::agent_sign_ins::list(&mut tx).await?;
    tx.commit().await?;
    if !known.is_empty() {
        return Ok(());
    }
    let (id, redirect) = (by_browser()?.id(), BY_BROWSER.1);
    // The verifier of this challenge is not needed: whoever redeems shows the challenge that belongs to theirs.
    let challenge = "demo".repeat(11)[..43].to_owned();
    let sent = Parameters { client: &id, redirect, challenge: &challenge, ..Parameters::default() };
    let asked = Asked::check(&sent, "").map_err(|fault| anyhow::anyhow!("the demo's agent: {fault:?}"))?;
    let (owner, now) = (actor(core, client, OWNER).await?, web::clock::now());
    let form = store::new_id::<uuid::Uuid>().to_string();
    let Some(code) = sign_in::allow(&owner, &asked, &form, now).await? else { return Ok(()) };
    let (client, code) = (asked.client.as_str(), code.expose_secret());
    let proof = Proof { code, client, redirect, challenge: &challenge, business: None };
    sign_in::redeem(&core.db, &proof, now).await?;
    Ok(())
}

/// The program that signs in by browser, as it registers.
fn by_browser() -> anyhow::Result<Program> {
    let (name, redirect) = BY_BROWSER;
    Program::new(name, &[redirect.to_owned()]).map_err(|unfit| anyhow::anyhow!("the demo's agent: {unfit:?}"))
}

/// Sets the tool server up as if it had been asked and then turned off.
async fn server(core: &Core, client: &Business) -> anyhow::Result<()> {
    let scope = Scope::Agency { user: None, agency: client.agency, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&core.db, scope.clone()).await?;
    let known = tool_servers::list(&mut tx).await?;
    tx.commit().await?;
    if !known.is_empty() {
        return Ok(());
    }
    let (name, prefix) = PROGRAM;
    let mut platform = PlatformTx::begin(&core.db, None).await?;
    let allowed = tool_servers::commands(&mut platform).await?.into_iter().find(|command| command.name == name);
    let command = match allowed {
        Some(command) => command.id,
        None => {
            let program = format!("/opt/{name}/bin/{name}");
            let new = NewToolCommand { name: name.to_owned(), program, arguments: Vec::new() };
            tool_servers::allow(&mut platform, &new).await?
        }
    };
    platform.commit().await?;
    let mut tx = TenantTx::begin(&core.db, scope).await?;
    let new = NewToolServer { prefix: prefix.to_owned(), command, business: None };
    let id = tool_servers::add(&mut tx, &new).await?;
    tool_servers::probed(&mut tx, id, &Ok(sorted(prefix, found()))).await?;
    tool_servers::set_active(&mut tx, id, false).await?;
    Ok(tx.commit().await?)
}

async fn in_client(core: &Core, client: &Business) -> anyhow::Result<TenantTx> {
    let (agency, business) = (client.agency, client.id);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    Ok(TenantTx::begin(&core.db, scope).await?)
}

/// The agent of the client, if there is one.
async fn agent(core: &Core, client: &Business) -> anyhow::Result<Option<ApiToken>> {
    let mut tx = in_client(core, client).await?;
    let known = store::api_tokens::list(&mut tx).await?;
    tx.commit().await?;
    Ok(known.into_iter().find(opens_tools))
}

#[cfg(test)]
mod tests {
    use operations::tools::{check, find};

    use super::*;

    #[test]
    fn the_agent_calls_tools_that_there_are_with_arguments_that_fit() {
        for (name, arguments) in calls() {
            let tool = find(name).unwrap_or_else(|| panic!("{name}: there is no such tool"));
            assert!(check(tool, &arguments).is_ok(), "{name}");
        }
        assert!(find(ASKED).is_some());
    }

    #[test]
    fn the_agent_that_signs_in_by_browser_is_one_that_may() {
        let program = by_browser().unwrap();
        assert!(program.leads_to(BY_BROWSER.1) && program.name == BY_BROWSER.0);
    }

    #[test]
    fn the_tool_server_offers_tools_and_shows_one_that_is_set_aside() {
        let (name, prefix) = PROGRAM;
        let new =
            NewToolCommand { name: name.to_owned(), program: format!("/opt/{name}/bin/{name}"), arguments: vec![] };
        assert!(new.errors().is_empty() && domain::tool_servers::is_prefix(prefix));
        let sorted = sorted(prefix, found());
        assert_eq!((sorted.tools.len(), sorted.set_aside.len()), (2, 1), "{sorted:?}");
    }
}
