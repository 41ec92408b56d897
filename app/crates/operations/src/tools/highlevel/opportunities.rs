//! Which tools read, create and change the opportunities of the client's HighLevel sub-account?

use domain::field::FieldError;
use domain::permission::Right;
use ghl::crm::opportunities::{self, NewOpportunity, OpportunityChange, OpportunitySearch, OpportunityStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::{rows, text, unwrapped};
use super::{changes, connected, contact, no_cursor, set, shown, who};
use crate::tools::arguments::{NoArguments, flat, reads, told, typed, usual};
use crate::tools::preview::changed;
use crate::tools::schema::{of_input, of_output};
use crate::tools::{Effect, Tool, ToolContext, ToolError};

/// The last page that HighLevel gives: it shows 10 000 rows, and the smallest page has one.
const LAST_PAGE: u32 = 10_000;

pub(in crate::tools) const TOOLS: &[Tool] = &[
    Tool {
        name: "highlevel_search_opportunities",
        title: "Search HighLevel opportunities",
        description: "Lists or searches the opportunities of the client's HighLevel sub-account, page by page.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<SearchOpportunities>,
        output: of_output::<OpportunityPage>,
        masked: &["query"],
        run: |context, arguments| typed(context, arguments, search),
        preview: reads,
    },
    Tool {
        name: "highlevel_list_pipelines",
        title: "List HighLevel pipelines",
        description: "Lists the pipelines of the client's HighLevel sub-account with their stages.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<NoArguments>,
        output: of_output::<Pipelines>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, pipelines),
        preview: reads,
    },
    Tool {
        name: "highlevel_create_opportunity",
        title: "Create an opportunity",
        description: "Creates an opportunity for a contact in a pipeline of the client's HighLevel sub-account. After an unclear end, search before you repeat it.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<NewOpportunity>,
        output: of_output::<Opportunity>,
        masked: &["name", "monetary_value"],
        run: |context, arguments| typed(context, arguments, create),
        preview: |context, arguments| told(context, arguments, told_of_create),
    },
    Tool {
        name: "highlevel_update_opportunity",
        title: "Update an opportunity",
        description: "Changes an opportunity of the client's HighLevel sub-account: its name, value, stage or status. What is left out stays as it is.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<UpdateOpportunity>,
        output: of_output::<Opportunity>,
        masked: &["fields"],
        run: |context, arguments| typed(context, arguments, update),
        preview: |context, arguments| told(context, arguments, told_of_update),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SearchOpportunities {
    /// Words of the name or of the contact.
    #[schemars(length(min = 1, max = 200))]
    query: Option<String>,
    /// HighLevel's id of a pipeline.
    #[schemars(length(min = 1, max = 64))]
    pipeline_id: Option<String>,
    /// HighLevel's id of a stage.
    #[schemars(length(min = 1, max = 64))]
    pipeline_stage_id: Option<String>,
    /// HighLevel's id of a contact.
    #[schemars(length(min = 1, max = 64))]
    contact_id: Option<String>,
    /// How they stand; all if left out.
    status: Option<OpportunityStatus>,
    /// The value of `next` of the page before. Leave it out to begin with the first page.
    #[schemars(length(max = 8))]
    cursor: Option<String>,
    /// How many opportunities, at most.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 100))]
    limit: u16,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateOpportunity {
    /// HighLevel's id of the opportunity.
    #[schemars(length(min = 1, max = 64))]
    opportunity_id: String,
    /// The fields to change.
    fields: OpportunityChange,
}

#[derive(Serialize, JsonSchema)]
struct OpportunityPage {
    /// The opportunities, as HighLevel sends them.
    opportunities: Vec<Value>,
    /// How many there are on all pages, if HighLevel says so.
    total: Option<u64>,
    /// The cursor of the next page, if there is one.
    next: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Pipelines {
    /// The pipelines, as HighLevel sends them.
    pipelines: Vec<Value>,
}

#[derive(Serialize, JsonSchema)]
struct Opportunity {
    /// The opportunity, as HighLevel sends it.
    opportunity: Value,
}

async fn search(context: ToolContext, input: SearchOpportunities) -> Result<OpportunityPage, ToolError> {
    let highlevel = connected(&context, Right::InboxRead)?;
    let page = input.cursor.as_deref().map_or(Ok(1), read_page)?;
    let find = OpportunitySearch {
        query: input.query.as_deref(),
        pipeline: input.pipeline_id.as_deref(),
        stage: input.pipeline_stage_id.as_deref(),
        contact: input.contact_id.as_deref(),
        status: input.status,
        limit: input.limit,
        page,
    };
    let mut answer = highlevel.ask(context.now, &opportunities::search(highlevel.location(), &find)).await?;
    let opportunities = rows(&mut answer, "opportunities");
    let meta = answer.get("meta");
    let total = meta.and_then(|meta| meta.get("total")?.as_u64());
    let full = opportunities.len() >= usize::from(input.limit);
    let next = meta.and_then(|meta| meta.get("nextPage")?.as_u64()).filter(|next| full && *next > u64::from(page));
    Ok(OpportunityPage { opportunities, total, next: next.map(|next| next.to_string()) })
}

fn read_page(cursor: &str) -> Result<u32, ToolError> {
    cursor.parse().ok().filter(|page| (1..=LAST_PAGE).contains(page)).ok_or_else(no_cursor)
}

async fn pipelines(context: ToolContext, _: NoArguments) -> Result<Pipelines, ToolError> {
    Ok(Pipelines { pipelines: all_pipelines(&context).await? })
}

async fn all_pipelines(context: &ToolContext) -> Result<Vec<Value>, ToolError> {
    let highlevel = connected(context, Right::InboxRead)?;
    let mut answer = highlevel.ask(context.now, &opportunities::pipelines(highlevel.location())).await?;
    Ok(rows(&mut answer, "pipelines"))
}

async fn create(context: ToolContext, input: NewOpportunity) -> Result<Opportunity, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    let answer = highlevel.ask(context.now, &opportunities::create(highlevel.location(), &input)).await?;
    Ok(Opportunity { opportunity: unwrapped(answer, &["opportunity"]) })
}

async fn update(context: ToolContext, input: UpdateOpportunity) -> Result<Opportunity, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    given(&input.fields)?;
    let answer = highlevel.ask(context.now, &opportunities::update(&input.opportunity_id, &input.fields)).await?;
    Ok(Opportunity { opportunity: unwrapped(answer, &["opportunity"]) })
}

fn given(fields: &OpportunityChange) -> Result<(), ToolError> {
    if *fields == OpportunityChange::default() {
        return Err(ToolError::Invalid(vec![FieldError::new("/fields", "Give at least one field to change.")]));
    }
    Ok(())
}

async fn told_of_create(context: ToolContext, input: NewOpportunity) -> Result<String, ToolError> {
    connected(&context, Right::InboxReply)?;
    let pipelines = all_pipelines(&context).await?;
    let Some(pipeline) = pipelines.iter().find(|pipeline| text(pipeline, "id") == input.pipeline_id) else {
        return Err(ToolError::Invalid(vec![FieldError::new("/pipeline_id", "There is no such pipeline.")]));
    };
    let contact = contact(&context, &input.contact_id).await?;
    let ids = ["pipelineId", "contactId"];
    let lines = set(&input).into_iter().filter(|(name, _)| !ids.contains(&name.as_str()));
    let lines: Vec<String> = lines.map(|(name, value)| changed(&name, "", &shown(&value))).collect();
    let pipeline = flat(text(pipeline, "name"));
    let who = who(&contact);
    Ok(format!("Creates an opportunity in the pipeline \"{pipeline}\" for {who}:\n{}", lines.join("\n")))
}

async fn told_of_update(context: ToolContext, input: UpdateOpportunity) -> Result<String, ToolError> {
    let highlevel = connected(&context, Right::InboxReply)?;
    given(&input.fields)?;
    let answer = highlevel.ask(context.now, &opportunities::get(&input.opportunity_id)).await?;
    let before = unwrapped(answer, &["opportunity"]);
    let name = flat(text(&before, "name"));
    Ok(format!("Changes the opportunity \"{name}\":\n{}", changes(&before, &input.fields)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_the_number_of_a_page() {
        assert_eq!(read_page("2").ok(), Some(2));
        for wrong in ["", "0", "-1", "1.5", "two", "10001", "99999999"] {
            assert!(matches!(read_page(wrong), Err(ToolError::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn a_change_of_nothing_is_refused() {
        assert!(given(&OpportunityChange::default()).is_err());
        assert!(given(&OpportunityChange { monetary_value: Some(1.0), ..OpportunityChange::default() }).is_ok());
    }
}
