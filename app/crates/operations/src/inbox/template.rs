//! How is an approved template sent, and when is the list of them read anew?

use std::collections::BTreeMap;

use domain::messaging::{Channel, Sender};
use domain::permission::Right;
use domain::text;
use domain::{ChannelId, ConversationId, MessageId};
use serde_json::{Value, json};
use store::assistant::answers;
use store::messaging::outgoing::{self, NewOutgoing, Place, TEMPLATE};
use store::messaging::{channels, templates};
use store::tenant::TenantTx;
use uuid::Uuid;

use super::draft::ANSWERED;
use super::in_use;
use super::once::{self, Once};
use super::reply::{done, messages};
use crate::{BusinessActor, Refusal};

/// Sends a template with its values, in the order of the template's variables. The same form sends once.
///
/// # Errors
/// `Invalid` with each value that is missing or does not fit, or if the template is not approved or the customer refuses
/// advertising; `NotFound`, `State` and `KeyReused` as an answer.
pub async fn send_template(
    actor: &BusinessActor,
    conversation: ConversationId,
    template: Uuid,
    values: &[String],
    key: &str,
) -> Result<MessageId, Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let values: Vec<String> = values.iter().map(|value| text::line(value)).collect();
    let of_form: Vec<String> =
        [conversation.to_string(), template.to_string()].into_iter().chain(values.iter().cloned()).collect();
    let of_form: Vec<&str> = of_form.iter().map(String::as_str).collect();
    let key = match once::begin(&mut tx, key, "inbox.template", &of_form).await? {
        Once::Done(done) => return messages(&done).pop().ok_or(Refusal::NotFound),
        Once::New(key) => key,
    };
    let place = outgoing::place(&mut tx, conversation).await?;
    in_use(&place)?;
    let (body, details) = filled(&mut tx, &place, template, values).await?;
    let new = NewOutgoing {
        conversation,
        sender: Sender::Person,
        user: Some(actor.user()),
        kind: TEMPLATE,
        body: &body,
        details,
        reply_to: None,
    };
    let id = outgoing::add(&mut tx, &new).await?;
    answers::drop_drafts(&mut tx, conversation, ANSWERED).await?;
    done(tx, conversation, key, "message.template", &[id]).await?;
    Ok(id)
}

/// The text and the details of a template with its values, in the order of its variables, if it may be sent.
pub(super) async fn filled(
    tx: &mut TenantTx,
    place: &Place,
    template: Uuid,
    values: Vec<String>,
) -> Result<(String, Value), Refusal> {
    let chosen = templates::get(tx, place.channel, template).await?;
    may_be_sent(place, chosen.is_approved(), chosen.is_marketing())?;
    let keys = chosen.variables().into_iter().map(|variable| variable.key);
    let values: BTreeMap<_, _> = keys.zip(values).collect();
    let filled = chosen.fill(&values).map_err(Refusal::Invalid)?;
    let details = json!({ "template": {
        "name": chosen.name, "language": chosen.language, "category": chosen.category, "parameters": filled.parameters,
    } });
    Ok((filled.text, details))
}

fn may_be_sent(place: &Place, is_approved: bool, is_marketing: bool) -> Result<(), Refusal> {
    if place.kind != Channel::Whatsapp {
        return Err(Refusal::field("template", "Only WhatsApp has templates."));
    }
    if !is_approved {
        return Err(Refusal::field(
            "template",
            "WhatsApp hasn't approved this template or withdrew it. Choose another.",
        ));
    }
    if is_marketing && place.refuses_marketing() {
        return Err(Refusal::field(
            "template",
            "The customer opted out of marketing. Choose a template that isn't marketing.",
        ));
    }
    Ok(())
}

/// Asks a worker to read the templates of a channel's account anew.
///
/// # Errors
/// `NotFound` if there is no such channel; `State` if it has no templates, or is disconnected.
pub async fn sync_templates(actor: &BusinessActor, channel: ChannelId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::InboxReply)?.begin().await?;
    let known = channels::get(&mut tx, channel).await?;
    let integration = known.integration.filter(|_| known.active && known.kind == Channel::Whatsapp);
    let integration = integration.ok_or_else(|| Refusal::State("This channel has no templates.".to_owned()))?;
    templates::request(&mut tx, integration).await?;
    Ok(tx.commit().await?)
}
