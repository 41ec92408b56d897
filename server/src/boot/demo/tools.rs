//! What did an AI agent do with the demo's client? One is connected; it read three times, was refused once, and once said
//! what it would do. The value of its token is thrown away, so nobody can use it: people connect their own.

use anyhow::Context;
use domain::business::Business;
use domain::identity::Reach;
use domain::person::ApiToken;
use domain::tools::Policy;
use operations::tokens::Lifetime;
use operations::tools::tokens::{self, NewAgent, opens_tools};
use operations::tools::{Caller, ToolContext, ToolError, call, policy};
use serde_json::{Value, json};
use store::tenant::{Scope, TenantTx};

use super::conversations::{OWNER, actor};
use crate::boot::compose::Core;

/// The name of the agent.
const AGENT: &str = "Claude at the front desk";

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

/// Connects the agent and lets it call, unless the client has an agent.
///
/// # Errors
/// When the database fails, the owner is not there, or a call ends otherwise than it should.
pub async fn add(core: &Core, client: &Business) -> anyhow::Result<()> {
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
    Ok(())
}

/// The agent of the client, if there is one.
async fn agent(core: &Core, client: &Business) -> anyhow::Result<Option<ApiToken>> {
    let (agency, business) = (client.agency, client.id);
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&core.db, scope).await?;
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
    }
}
