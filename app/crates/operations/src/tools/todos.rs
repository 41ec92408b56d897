//! Which tools read the to-dos of a business and tick them?

use chrono::{DateTime, Utc};
use domain::TodoId;
use domain::permission::Right;
use domain::todos::OwnTodo;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::todos as rows;

use super::arguments::{NoArguments, flat, reads, told, typed};
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};
use crate::{Refusal, todos};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "todos_list_tasks",
        title: "List to-dos",
        description: "Lists the to-dos that are left to the people of the business: the open ones, and those done in the last 30 days, at most 50.",
        effect: Effect::Read,
        needs: Right::BusinessRead,
        input: of_input::<NoArguments>,
        output: of_output::<Tasks>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, list),
        preview: reads,
    },
    Tool {
        name: "todos_complete_task",
        title: "Complete a to-do",
        description: "Ticks a to-do of the business. One that is done already stays done.",
        effect: Effect::Write,
        needs: Right::BusinessTodos,
        input: of_input::<OneTask>,
        output: of_output::<Completed>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, complete),
        preview: |context, arguments| told(context, arguments, told_of_complete),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OneTask {
    /// The to-do.
    todo: TodoId,
}

#[derive(Serialize, JsonSchema)]
struct Tasks {
    /// The to-dos: the open ones, oldest first, then those that are done.
    todos: Vec<Task>,
}

#[derive(Serialize, JsonSchema)]
struct Task {
    /// Its id.
    id: TodoId,
    /// What has to be done.
    what: String,
    /// Why, or where.
    why: String,
    /// When it was done.
    done_at: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
struct Completed {
    /// The to-do.
    todo: TodoId,
    /// What it asks for.
    what: String,
}

async fn own(context: &ToolContext) -> Result<Vec<OwnTodo>, ToolError> {
    let mut tx = context.actor.require(Right::BusinessRead)?.begin().await?;
    Ok(rows::of_own(&mut tx).await?)
}

async fn list(context: ToolContext, _: NoArguments) -> Result<Tasks, ToolError> {
    let own = own(&context).await?.into_iter();
    let todos = own.map(|one| Task { id: one.id, what: one.what, why: one.why, done_at: one.done_at }).collect();
    Ok(Tasks { todos })
}

async fn complete(context: ToolContext, input: OneTask) -> Result<Completed, ToolError> {
    let what = todos::set_own_done(&context.actor, input.todo, true).await?;
    Ok(Completed { todo: input.todo, what })
}

async fn told_of_complete(context: ToolContext, input: OneTask) -> Result<String, ToolError> {
    let found = own(&context).await?.into_iter().find(|one| one.id == input.todo).ok_or(Refusal::NotFound)?;
    Ok(format!("Checks off the to-do \"{}\".", flat(&found.what)))
}
