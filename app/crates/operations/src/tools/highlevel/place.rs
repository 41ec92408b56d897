//! Which tools read the client's HighLevel sub-account itself: its details and its custom values?

use domain::permission::Right;
use ghl::crm::location;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::answer::{rows, unwrapped};
use super::connected;
use crate::tools::arguments::{NoArguments, reads, typed};
use crate::tools::schema::{of_input, of_output};
use crate::tools::{Effect, Tool, ToolContext, ToolError};

pub(in crate::tools) const TOOLS: &[Tool] = &[
    Tool {
        name: "highlevel_get_location",
        title: "Get the HighLevel sub-account",
        description: "Reads the client's HighLevel sub-account: name, address, time zone and settings.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<NoArguments>,
        output: of_output::<Place>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, get),
        preview: reads,
    },
    Tool {
        name: "highlevel_list_values",
        title: "List HighLevel custom values",
        description: "Lists the custom values of the client's HighLevel sub-account, such as the booking link.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<NoArguments>,
        output: of_output::<CustomValues>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, values),
        preview: reads,
    },
];

#[derive(Serialize, JsonSchema)]
struct Place {
    /// The sub-account, as HighLevel sends it.
    details: Value,
}

#[derive(Serialize, JsonSchema)]
struct CustomValues {
    /// The custom values, as HighLevel sends them.
    values: Vec<Value>,
}

async fn get(context: ToolContext, _: NoArguments) -> Result<Place, ToolError> {
    let highlevel = connected(&context, Right::InboxRead)?;
    let answer = highlevel.ask(context.now, &location::get(highlevel.location())).await?;
    Ok(Place { details: unwrapped(answer, &["location"]) })
}

async fn values(context: ToolContext, _: NoArguments) -> Result<CustomValues, ToolError> {
    let highlevel = connected(&context, Right::InboxRead)?;
    let mut answer = highlevel.ask(context.now, &location::custom_values(highlevel.location())).await?;
    Ok(CustomValues { values: rows(&mut answer, "customValues") })
}
