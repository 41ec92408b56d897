//! What does one item of a platform change for a business? Everything happens in the transaction that claimed the item's
//! key.

use domain::integration::Kind;
use domain::messaging::inbound::{Account, InboundMessage, Item, StatusState, What};
use domain::work::Kind as WorkKind;
use domain::{ConversationId, MessageId};
use serde_json::Value;
use store::inbound::{self, Route};
use store::messaging::channels::{self, ChannelRow, NewChannel};
use store::messaging::{contacts, locks, messages, reactions, statuses, watermarks};
use store::queue::{self, Work};
use store::{Result, TenantTx, integrations};

use crate::assistant;

/// Facts about an account after which nothing of it works until somebody connects it again (Meta, `account_update`).
const ENDED: [&str; 4] = ["PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED"];

/// Facts about an account that are bad news.
const BAD: [&str; 9] = [
    "REJECTED",
    "PAUSED",
    "DISABLED",
    "FLAGGED",
    "DOWNGRADE",
    "ACCOUNT_VIOLATION",
    "ACCOUNT_RESTRICTION",
    "DISABLED_UPDATE",
    "RED",
];

/// What became of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The conversation that changed.
    pub conversation: Option<ConversationId>,
    /// The message that it became.
    pub message: Option<MessageId>,
    /// Whether it changed nothing.
    pub is_ignored: bool,
}

/// The kind of integration that is known by the id of such an account.
pub const fn integration_of(account: &Account) -> Option<Kind> {
    match account {
        Account::PhoneNumber(_) => Some(Kind::Whatsapp),
        Account::Page(_) => Some(Kind::Facebook),
        Account::Instagram(_) => Some(Kind::Instagram),
        Account::Waba(_) | Account::Unknown(_) => None,
    }
}

/// Does what an item says, for the business of the route.
pub async fn apply(tx: &mut TenantTx, route: &Route, item: &Item) -> Result<Applied> {
    integrations::record_event(tx, route.integration).await?;
    if let What::AccountEvent { field, value } = &item.what {
        notice(tx, route, field, value).await?;
        return Ok(Applied::default());
    }
    let Some(channel) = channel(tx, route, &item.account).await? else {
        return Ok(Applied { is_ignored: true, ..Applied::default() });
    };
    if let What::Message(message) = &item.what {
        return received(tx, &channel, item, message).await;
    }
    lock(tx, &channel, &item.what).await?;
    let changed = match &item.what {
        What::Status(status) => statuses::report(tx, &channel, item.at, status).await?,
        What::Watermark { person, read, until } => watermarks::reached(tx, &channel, person, *read, *until).await?,
        What::Reaction { person, echo, target, emoji } => {
            reactions::react(tx, &channel, person, *echo, target, emoji, item.at).await?
        }
        What::Edit { person, target, text } => messages::edit(tx, &channel, person, target, text, item.at).await?,
        What::Revoke { person, target } => messages::revoke(tx, &channel, person, target).await?,
        What::Moved { from, to, .. } => {
            contacts::moved(tx, &channel, from, to).await?;
            None
        }
        What::Preference { person, marketing } => {
            contacts::set_marketing(tx, &channel, person, *marketing).await?;
            None
        }
        What::Message(_) | What::AccountEvent { .. } | What::Other(_) | What::Unreadable(_) => None,
    };
    Ok(Applied { conversation: changed, ..Applied::default() })
}

/// Locks the conversation before the message, where an item changes both.
async fn lock(tx: &mut TenantTx, channel: &ChannelRow, what: &What) -> Result<()> {
    match what {
        // Whose message failed waits again. All other statuses change the message alone.
        What::Status(status) if status.state == StatusState::Failed => {
            locks::of_message(tx, channel, &status.message, status.correlation.as_deref()).await
        }
        // The line of the conversation shows the new text.
        What::Edit { target, .. } | What::Revoke { target, .. } => locks::of_message(tx, channel, target, None).await,
        _ => Ok(()),
    }
}

/// The inbox of an account. One that was never made is made now, in use only if its connection is, so that nothing that
/// a customer writes is lost.
async fn channel(tx: &mut TenantTx, route: &Route, account: &Account) -> Result<Option<ChannelRow>> {
    let Some(kind) = account.channel() else { return Ok(None) };
    if let Some(known) = channels::find(tx, kind, account.id()).await? {
        return Ok(Some(known));
    }
    let receiver = inbound::receiver(tx, route.integration).await?;
    let new = NewChannel {
        kind,
        external_id: account.id(),
        integration: route.integration,
        name: &receiver.name,
        display_address: "",
    };
    let id = channels::upsert(tx, &new).await?;
    if !receiver.is_active {
        channels::set_active(tx, id, false).await?;
    }
    channels::get(tx, id).await.map(Some)
}

async fn received(tx: &mut TenantTx, channel: &ChannelRow, item: &Item, message: &InboundMessage) -> Result<Applied> {
    let Some(received) = messages::receive(tx, channel, item.at, message).await? else {
        return Ok(Applied { is_ignored: true, ..Applied::default() });
    };
    if received.wakes_assistant {
        assistant::wake(tx, received.conversation).await?;
    }
    Ok(Applied { conversation: Some(received.conversation), message: received.message, is_ignored: false })
}

/// Records a fact about the account, so that its page shows it, and follows it where it changes what we know.
async fn notice(tx: &mut TenantTx, route: &Route, field: &str, value: &Value) -> Result<()> {
    let (words, ok) = said(value);
    integrations::record_notice(tx, route.integration, field, ok, &words).await?;
    if ENDED.iter().any(|ended| value["event"] == *ended) {
        integrations::needs_reauth(tx, route.integration, &words.to_lowercase()).await?;
    }
    if field.starts_with("message_template") || field == "template_category_update" {
        let read = Work::new(WorkKind::SyncTemplates).subject(route.integration);
        queue::add(tx, &read.once(format!("templates:{}", route.integration))).await?;
    }
    Ok(())
}

/// A fact in the platform's words, and whether it is no bad news.
fn said(value: &Value) -> (String, bool) {
    let fields = [
        "event",
        "decision",
        "new_quality_score",
        "new_category",
        "message_template_name",
        "name",
        "display_phone_number",
        "reason",
        "current_limit",
    ];
    let words: Vec<&str> = fields.iter().filter_map(|field| value[*field].as_str()).collect();
    let ok = !words.iter().any(|word| BAD.contains(word) || ENDED.contains(word));
    (words.join(" "), ok)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_fact_is_told_in_the_platforms_words() {
        let rejected = json!({"event": "REJECTED", "message_template_name": "hello", "reason": "PROMOTIONAL", "x": {}});
        assert_eq!(said(&rejected), ("REJECTED hello PROMOTIONAL".to_owned(), false));
        assert_eq!(said(&json!({"event": "APPROVED"})), ("APPROVED".to_owned(), true));
        assert!(ENDED.iter().all(|event| !said(&json!({ "event": event })).1));
        assert_eq!(said(&json!(null)), (String::new(), true));
    }
}
