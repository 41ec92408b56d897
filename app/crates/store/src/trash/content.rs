//! How is what a business and its customers said removed in pieces? The platform sees none of it, so it names the businesses,
//! and the worker removes their rows.

use std::time::Duration;

use super::pieces::Piece;
use crate::PlatformTx;
use crate::removal::go_on_as_worker;

/// A table of content. The tenant is a business, or an agency with all its businesses.
macro_rules! content {
    ($name:ident, $table:tt, $sql:tt) => {
        pub(super) const $name: Piece = Piece {
            table: $table,
            remove: |db, tenant, most| {
                Box::pin(async move {
                    let mut tx = PlatformTx::begin(db, None).await?;
                    let businesses =
                        sqlx::query_scalar!("select id from sub_accounts where id = $1 or agency_id = $1", tenant)
                            .fetch_all(tx.conn())
                            .await?;
                    go_on_as_worker(tx.conn(), Duration::ZERO).await?;
                    let gone = sqlx::query!($sql, &businesses, most).execute(tx.conn()).await?;
                    tx.commit().await?;
                    Ok(gone.rows_affected())
                })
            },
        };
    };
}

content!(
    REACTIONS,
    "message_reactions",
    "delete from message_reactions where ctid = any(array(select ctid from message_reactions where sub_account_id = any ($1) limit $2))"
);
content!(
    ATTACHMENTS,
    "message_attachments",
    "delete from message_attachments where ctid = any(array(select ctid from message_attachments where sub_account_id = any ($1) limit $2))"
);
content!(
    SENDS,
    "message_sends",
    "delete from message_sends where ctid = any(array(select ctid from message_sends where sub_account_id = any ($1) limit $2))"
);
content!(
    EARLY_STATUSES,
    "early_statuses",
    "delete from early_statuses where ctid = any(array(select ctid from early_statuses where sub_account_id = any ($1) limit $2))"
);
content!(
    MESSAGES,
    "messages",
    "delete from messages where ctid = any(array(select ctid from messages where sub_account_id = any ($1) limit $2))"
);
content!(
    IDENTITIES,
    "contact_identities",
    "delete from contact_identities where ctid = any(array(select ctid from contact_identities where sub_account_id = any ($1) limit $2))"
);
content!(
    CONTACT_MERGES,
    "contact_merges",
    "delete from contact_merges where ctid = any(array(select ctid from contact_merges where sub_account_id = any ($1) limit $2))"
);
content!(
    CONTACTS,
    "contacts",
    "delete from contacts where ctid = any(array(select ctid from contacts where sub_account_id = any ($1) limit $2))"
);
content!(
    TEMPLATES,
    "message_templates",
    "delete from message_templates where ctid = any(array(select ctid from message_templates where sub_account_id = any ($1) limit $2))"
);
content!(
    CHANNEL_CHOICES,
    "channel_choices",
    "delete from channel_choices where ctid = any(array(select ctid from channel_choices where sub_account_id = any ($1) limit $2))"
);
content!(
    USAGE,
    "usage_counters",
    "delete from usage_counters where ctid = any(array(select ctid from usage_counters where sub_account_id = any ($1) limit $2))"
);
content!(
    REHEARSAL_CASES,
    "ai_rehearsal_cases",
    "delete from ai_rehearsal_cases where ctid = any(array(select ctid from ai_rehearsal_cases where sub_account_id = any ($1) limit $2))"
);
content!(
    REHEARSALS,
    "ai_rehearsals",
    "delete from ai_rehearsals where ctid = any(array(select ctid from ai_rehearsals where sub_account_id = any ($1) limit $2))"
);
content!(
    FILE_USAGE,
    "file_usage",
    "delete from file_usage where ctid = any(array(select ctid from file_usage where sub_account_id = any ($1) limit $2))"
);
content!(
    ANSWERS,
    "ai_answers",
    "delete from ai_answers where ctid = any(array(select ctid from ai_answers where sub_account_id = any ($1) limit $2))"
);
content!(
    SCHEDULED,
    "scheduled_messages",
    "delete from scheduled_messages where ctid = any(array(select ctid from scheduled_messages where sub_account_id = any ($1) limit $2))"
);
content!(
    SNIPPETS,
    "snippets",
    "delete from snippets where ctid = any(array(select ctid from snippets where sub_account_id = any ($1) limit $2))"
);
content!(
    PASSAGES,
    "knowledge_passages",
    "delete from knowledge_passages where ctid = any(array(select ctid from knowledge_passages where sub_account_id = any ($1) limit $2))"
);
content!(
    KNOWLEDGE,
    "knowledge",
    "delete from knowledge where ctid = any(array(select ctid from knowledge where sub_account_id = any ($1) limit $2))"
);
content!(
    AGENT_VERSIONS,
    "ai_agent_versions",
    "delete from ai_agent_versions where ctid = any(array(select ctid from ai_agent_versions where sub_account_id = any ($1) limit $2))"
);
content!(
    AGENTS,
    "ai_agents",
    "delete from ai_agents where ctid = any(array(select ctid from ai_agents where sub_account_id = any ($1) limit $2))"
);
content!(
    WEB_CHATS,
    "web_chats",
    "delete from web_chats where ctid = any(array(select ctid from web_chats where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_POLICIES,
    "tool_policies",
    "delete from tool_policies where ctid = any(array(select ctid from tool_policies where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_BUDGETS,
    "tool_budgets",
    "delete from tool_budgets where ctid = any(array(select ctid from tool_budgets where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_DAYS,
    "tool_days",
    "delete from tool_days where ctid = any(array(select ctid from tool_days where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_APPROVALS,
    "tool_approvals",
    "delete from tool_approvals where ctid = any(array(select ctid from tool_approvals where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_STOPS,
    "tool_stops",
    "delete from tool_stops where ctid = any(array(select ctid from tool_stops where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_CALLS,
    "tool_calls",
    "delete from tool_calls where ctid = any(array(select ctid from tool_calls where sub_account_id = any ($1) limit $2))"
);
content!(
    TOOL_CHAINS,
    "tool_chains",
    "delete from tool_chains where ctid = any(array(select ctid from tool_chains where sub_account_id = any ($1) limit $2))"
);
