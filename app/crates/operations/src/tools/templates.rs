//! Which tools read the message templates of a WhatsApp number, and send one?

use domain::messaging::template::{Template, TemplateName};
use domain::permission::Right;
use domain::{ConversationId, MessageId, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::messaging::{contacts, templates};
use uuid::Uuid;

use super::arguments::{flat, reads, told, typed};
use super::conversations::{OneConversation, line, line_in, named};
use super::messages::wants_messages;
use super::preview::{coming, quoted};
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};
use crate::inbox;

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "inbox_list_templates",
        title: "List templates",
        description: "Lists the approved message templates that can be sent in a WhatsApp conversation, at most 500.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<OneConversation>,
        output: of_output::<Templates>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, list_all),
        preview: reads,
    },
    Tool {
        name: "inbox_get_template",
        title: "Get a template",
        description: "Reads the text of a message template and the values that it takes, in their order.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<OneTemplate>,
        output: of_output::<WholeTemplate>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, get),
        preview: reads,
    },
    Tool {
        name: "inbox_send_template",
        title: "Send a template",
        description: "Sends an approved message template in a WhatsApp conversation, whose customer may have written long ago.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<SendTemplate>,
        output: of_output::<Sent>,
        masked: &["values"],
        run: |context, arguments| typed(context, arguments, send),
        preview: |context, arguments| told(context, arguments, told_of_send),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OneTemplate {
    /// The conversation.
    conversation: ConversationId,
    /// The template.
    template: Uuid,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendTemplate {
    /// The conversation.
    conversation: ConversationId,
    /// The template.
    template: Uuid,
    /// Its values, in the order of `values` of `inbox_get_template`.
    #[serde(default)]
    #[schemars(length(max = 20), inner(length(max = 250)))]
    values: Vec<String>,
    /// A key that you make up for this message, such as a UUID. The same key never sends a second one.
    #[schemars(length(min = 1, max = 100))]
    key: String,
}

#[derive(Serialize, JsonSchema)]
struct Templates {
    /// The templates.
    templates: Vec<ListedTemplate>,
}

#[derive(Serialize, JsonSchema)]
struct ListedTemplate {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// Its language, such as `en_US`.
    language: String,
    /// `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    category: String,
}

#[derive(Serialize, JsonSchema)]
struct WholeTemplate {
    /// Its id.
    id: Uuid,
    /// Its name.
    name: String,
    /// Its language, such as `en_US`.
    language: String,
    /// Its text, with the places that values fill.
    text: String,
    /// The values that it takes, in their order.
    values: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct Sent {
    /// The message.
    message: MessageId,
}

impl From<TemplateName> for ListedTemplate {
    fn from(one: TemplateName) -> Self {
        Self { id: one.id, name: one.name, language: one.language, category: one.category }
    }
}

async fn list_all(context: ToolContext, input: OneConversation) -> Result<Templates, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    let line = line_in(&mut tx, input.conversation).await?;
    let approved = templates::approved(&mut tx, line.channel).await?;
    Ok(Templates { templates: approved.into_iter().map(ListedTemplate::from).collect() })
}

async fn template(context: &ToolContext, conversation: ConversationId, id: Uuid) -> Result<Template, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    let line = line_in(&mut tx, conversation).await?;
    Ok(templates::get(&mut tx, line.channel, id).await?)
}

async fn get(context: ToolContext, input: OneTemplate) -> Result<WholeTemplate, ToolError> {
    let one = template(&context, input.conversation, input.template).await?;
    let (text, values) = (one.text(), one.variables().into_iter().map(|variable| variable.label).collect());
    Ok(WholeTemplate { id: one.id, name: one.name, language: one.language, text, values })
}

async fn send(context: ToolContext, input: SendTemplate) -> Result<Sent, ToolError> {
    let line = line(&context, input.conversation).await?;
    let mut tx = context.actor.require(Right::InboxReply)?.begin().await?;
    wants_messages(contacts::get(&mut tx, line.contact).await?.opted_out_at)?;
    drop(tx);
    let SendTemplate { conversation, template, values, key } = input;
    let message = inbox::send_template(&context.actor, conversation, template, &values, &key).await?;
    Ok(Sent { message })
}

async fn told_of_send(context: ToolContext, input: SendTemplate) -> Result<String, ToolError> {
    let line = line(&context, input.conversation).await?;
    let one = template(&context, input.conversation, input.template).await?;
    let labels = one.variables().into_iter().map(|variable| variable.label);
    let values: Vec<String> = labels
        .zip(&input.values)
        .map(|(label, value)| format!("{}: {}", flat(&label), quoted(&text::line(value))))
        .collect();
    let (name, text) = (flat(&one.name), coming(&one.text()));
    Ok(format!("Sends the template \"{name}\" in {}:\n{text}\n{}", named(&line), values.join("\n")))
}
