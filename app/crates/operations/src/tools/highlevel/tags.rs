//! Which tools add tags to a HighLevel contact and remove them?

use domain::permission::Right;
use ghl::crm::contacts;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::rows;
use super::{connected, contact, who};
use crate::tools::arguments::{told, typed};
use crate::tools::preview::all_quoted;
use crate::tools::schema::{of_input, of_output};
use crate::tools::{Effect, Tool, ToolContext, ToolError};

pub(in crate::tools) const TOOLS: &[Tool] = &[
    Tool {
        name: "highlevel_add_tags",
        title: "Add tags to a HighLevel contact",
        description: "Adds tags to a contact of the client's HighLevel sub-account. HighLevel writes them in lower case and creates those that do not exist. Workflows may start.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<Tagging>,
        output: of_output::<Tagged>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, add),
        preview: |context, arguments| told(context, arguments, told_of_add),
    },
    Tool {
        name: "highlevel_remove_tags",
        title: "Remove tags from a HighLevel contact",
        description: "Removes tags from a contact of the client's HighLevel sub-account. The other tags stay.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<Tagging>,
        output: of_output::<Tagged>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, remove),
        preview: |context, arguments| told(context, arguments, told_of_remove),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tagging {
    /// HighLevel's id of the contact.
    #[schemars(length(min = 1, max = 64))]
    contact_id: String,
    /// The tags.
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = 100)))]
    tags: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Tagged {
    /// The tags that HighLevel names in its answer.
    tags: Vec<Value>,
}

async fn add(context: ToolContext, input: Tagging) -> Result<Tagged, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    let mut answer = highlevel.ask(context.now, &contacts::add_tags(&input.contact_id, &input.tags)).await?;
    Ok(Tagged { tags: rows(&mut answer, "tags") })
}

async fn remove(context: ToolContext, input: Tagging) -> Result<Tagged, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    let mut answer = highlevel.ask(context.now, &contacts::remove_tags(&input.contact_id, &input.tags)).await?;
    Ok(Tagged { tags: rows(&mut answer, "tags") })
}

async fn told_of_add(context: ToolContext, input: Tagging) -> Result<String, ToolError> {
    let contact = contact(&context, &input.contact_id).await?;
    Ok(format!("Adds the tags {} to the HighLevel contact {}.", all_quoted(&input.tags), who(&contact)))
}

async fn told_of_remove(context: ToolContext, input: Tagging) -> Result<String, ToolError> {
    let contact = contact(&context, &input.contact_id).await?;
    Ok(format!("Removes the tags {} from the HighLevel contact {}.", all_quoted(&input.tags), who(&contact)))
}
