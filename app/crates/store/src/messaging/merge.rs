//! What becomes of two contacts that turn out to be one person? What both said stands in one thread.

use std::collections::BTreeSet;

use domain::work::Kind;
use domain::{BusinessId, ContactId, ConversationId};

use super::{conversations, details, merging, outgoing};
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// Locks contacts that may become one, in one order. Whoever begins a conversation with one of them is waited for, so that it is
/// moved, too, and not deleted with its contact.
pub(super) async fn hold(tx: &mut TenantTx, business: BusinessId, contacts: &[ContactId]) -> Result<()> {
    for contact in contacts.iter().copied().collect::<BTreeSet<_>>() {
        sqlx::query_scalar!(
            "select id from contacts where sub_account_id = $1 and id = $2 for update",
            business.0,
            contact.0
        )
        .fetch_optional(tx.conn())
        .await?;
    }
    Ok(())
}

/// Moves everything of a contact to another one and removes it. A contact that still has a number of its own is somebody
/// else and stays. The transaction holds both.
pub(super) async fn into(tx: &mut TenantTx, business: BusinessId, kept: ContactId, gone: ContactId) -> Result<()> {
    let is_other = sqlx::query_scalar!(
        r#"select exists (select from contact_identities where sub_account_id = $1 and contact_id = $2 and ended_at is null and kind = 'wa_id') as "is_other!""#,
        business.0,
        gone.0
    )
    .fetch_one(tx.conn())
    .await?;
    if is_other {
        return Ok(());
    }
    let pairs = sqlx::query!(
        r#"select g.id as "gone: ConversationId", k.id as "kept?: ConversationId" from conversations g
             left join conversations k on k.sub_account_id = g.sub_account_id and k.channel_id = g.channel_id and k.contact_id = $3
           where g.sub_account_id = $1 and g.contact_id = $2 order by g.id for update of g"#,
        business.0,
        gone.0,
        kept.0
    )
    .fetch_all(tx.conn())
    .await?;
    for pair in pairs {
        match pair.kept {
            Some(thread) => join(tx, business, pair.gone, thread).await?,
            None => hand_over(tx, business, pair.gone, kept).await?,
        }
    }
    take_over_details(tx, business, kept, gone).await?;
    sqlx::query!("delete from contacts where sub_account_id = $1 and id = $2", business.0, gone.0)
        .execute(tx.conn())
        .await?;
    conversations::show_name(tx, business, kept).await
}

async fn hand_over(tx: &mut TenantTx, business: BusinessId, thread: ConversationId, to: ContactId) -> Result<()> {
    sqlx::query!(
        "update conversations set contact_id = $3 where sub_account_id = $1 and id = $2",
        business.0,
        thread.0,
        to.0
    )
    .execute(tx.conn())
    .await?;
    outgoing::changed(tx, thread).await
}

/// Moves the messages of a thread into another one of the same channel and removes it. The line shows the later of both, and
/// the assistant may do what it may do in both.
async fn join(tx: &mut TenantTx, business: BusinessId, gone: ConversationId, kept: ConversationId) -> Result<()> {
    move_rows(tx, business, gone, kept).await?;
    let wakes = sqlx::query_scalar!(
        r#"update conversations k set unread = k.unread + g.unread, waiting_since = least(k.waiting_since, g.waiting_since), window_closes_at = greatest(k.window_closes_at, g.window_closes_at),
           status = case when 'open' in (k.status, g.status) then 'open' else k.status end, assigned_to = coalesce(k.assigned_to, g.assigned_to),
           last_preview = case when g.last_message_at > k.last_message_at then g.last_preview else k.last_preview end,
           last_direction = case when g.last_message_at > k.last_message_at then g.last_direction else k.last_direction end,
           last_sender = case when g.last_message_at > k.last_message_at then g.last_sender else k.last_sender end,
           last_message_at = greatest(k.last_message_at, g.last_message_at), last_failed_at = greatest(k.last_failed_at, g.last_failed_at), ai_paused_until = greatest(k.ai_paused_until, g.ai_paused_until), ai_since = greatest(k.ai_since, g.ai_since), last_person_at = greatest(k.last_person_at, g.last_person_at), read_up_to = null,
           ai_state = case when 'human' in (k.ai_state, g.ai_state) then 'human' when 'waiting_human' in (k.ai_state, g.ai_state) then 'waiting_human' else k.ai_state end,
           ai_mode = case when 'off' in (k.ai_mode, g.ai_mode) then 'off' when 'draft' in (k.ai_mode, g.ai_mode) then 'draft' else coalesce(k.ai_mode, g.ai_mode) end
         from conversations g where k.sub_account_id = $1 and k.id = $3 and g.sub_account_id = $1 and g.id = $2
         returning k.waiting_since is not null and k.ai_state = 'bot' as "wakes!""#,
        business.0,
        gone.0,
        kept.0
    )
    .fetch_optional(tx.conn())
    .await?;
    sqlx::query!("delete from conversations where sub_account_id = $1 and id = $2", business.0, gone.0)
        .execute(tx.conn())
        .await?;
    if wakes == Some(true) {
        // The work of the thread that is gone finds nothing any more.
        let work = Work::new(Kind::AnswerConversation).subject(kept.0).once(format!("answer:{kept}"));
        queue::add(tx, &work).await?;
    }
    outgoing::changed(tx, gone).await?;
    outgoing::changed(tx, kept).await
}

/// Gives what belongs to a thread to the thread that stays.
async fn move_rows(tx: &mut TenantTx, business: BusinessId, gone: ConversationId, kept: ConversationId) -> Result<()> {
    sqlx::query!(
        "update messages m set conversation_id = $3 where m.sub_account_id = $1 and m.conversation_id = $2
           and not exists (select from messages o where o.sub_account_id = $1 and o.conversation_id = $3 and o.external_id = m.external_id)",
        business.0,
        gone.0,
        kept.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update message_sends set conversation_id = $3 where sub_account_id = $1 and conversation_id = $2",
        business.0,
        gone.0,
        kept.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update ai_answers set conversation_id = $3 where sub_account_id = $1 and conversation_id = $2",
        business.0,
        gone.0,
        kept.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update scheduled_messages set conversation_id = $3 where sub_account_id = $1 and conversation_id = $2",
        business.0,
        gone.0,
        kept.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What people wrote about the contact that goes fills what is empty, and what the person refused stays refused.
async fn take_over_details(tx: &mut TenantTx, business: BusinessId, kept: ContactId, gone: ContactId) -> Result<()> {
    let (own, others) = (details::read(tx, business, kept).await?, details::read(tx, business, gone).await?);
    details::write(tx, business, kept, &own.with(&others)).await?;
    // What was taken into that contact by hand can be taken out of this one.
    merging::carry(tx, business, gone, kept).await?;
    sqlx::query!(
        "update contact_identities set contact_id = $2 where sub_account_id = $1 and contact_id = $3",
        business.0,
        kept.0,
        gone.0
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
