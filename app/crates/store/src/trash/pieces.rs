//! Defines which rows are deleted, in which order, before the row of an agency or a business itself. Children go
//! first, a few thousand at a time, so that the foreign keys have nothing left to delete in one long cascade. A
//! test compares this table with the foreign keys.

use std::pin::Pin;

use uuid::Uuid;

use super::content;
use crate::{Db, PlatformTx, Result, retention};

/// Removes at most the given number of a tenant's rows from one table.
pub(super) type Remove = for<'a> fn(&'a Db, Uuid, i64) -> Pin<Box<dyn Future<Output = Result<u64>> + Send + 'a>>;

/// A table, and how a batch of a tenant's rows is removed from it.
pub struct Piece {
    /// Name of the table.
    pub table: &'static str,
    pub(super) remove: Remove,
}

/// A table that nobody updates. Only the worker may remove rows from it.
macro_rules! kept {
    ($table:tt, $sql:tt) => {
        Piece {
            table: $table,
            remove: |db, tenant, most| {
                Box::pin(async move {
                    let mut tx = retention::begin(db, std::time::Duration::ZERO).await?;
                    let gone = sqlx::query!($sql, tenant, most).execute(tx.conn()).await?;
                    tx.commit().await?;
                    Ok(gone.rows_affected())
                })
            },
        }
    };
}

/// Any other table. Its rows are removed in the program's own platform scope.
macro_rules! other {
    ($table:tt, $sql:tt) => {
        Piece {
            table: $table,
            remove: |db, tenant, most| {
                Box::pin(async move {
                    let mut tx = PlatformTx::begin(db, None).await?;
                    let gone = sqlx::query!($sql, tenant, most).execute(tx.conn()).await?;
                    tx.commit().await?;
                    Ok(gone.rows_affected())
                })
            },
        }
    };
}

/// Tables to empty before an agency's row is deleted. The agency's businesses are deleted before it, too.
pub const OF_AGENCY: &[Piece] = &[
    content::TOOL_POLICIES,
    content::TOOL_BUDGETS,
    content::TOOL_DAYS,
    content::TOOL_APPROVALS,
    content::TOOL_STOPS,
    content::TOOL_CALLS,
    content::TOOL_CHAINS,
    content::USAGE,
    content::FILE_USAGE,
    content::REHEARSAL_CASES,
    content::REHEARSALS,
    content::ANSWERS,
    content::SCHEDULED,
    content::SNIPPETS,
    content::PASSAGES,
    content::KNOWLEDGE,
    content::AGENT_VERSIONS,
    content::AGENTS,
    content::WEB_CHATS,
    content::REACTIONS,
    content::ATTACHMENTS,
    content::SENDS,
    content::EARLY_STATUSES,
    content::MESSAGES,
    other!(
        "conversations",
        "delete from conversations where id = any(array(select id from conversations where agency_id = $1 limit $2)) and agency_id = $1"
    ),
    content::IDENTITIES,
    content::CONTACT_MERGES,
    content::CONTACTS,
    content::TEMPLATES,
    other!(
        "channels",
        "delete from channels where id = any(array(select id from channels where agency_id = $1 limit $2)) and agency_id = $1"
    ),
    content::CHANNEL_CHOICES,
    other!(
        "inbound_items",
        "delete from inbound_items where id = any(array(select id from inbound_items where agency_id = $1 limit $2)) and agency_id = $1"
    ),
    kept!(
        "api_calls",
        "delete from api_calls where ctid = any(array(select ctid from api_calls where agency_id = $1 limit $2))"
    ),
    kept!(
        "provisioning_logs",
        "delete from provisioning_logs where ctid = any(array(select ctid from provisioning_logs where agency_id = $1 limit $2))"
    ),
    kept!(
        "integration_evidence",
        "delete from integration_evidence where ctid = any(array(select ctid from integration_evidence where agency_id = $1 limit $2))"
    ),
    kept!(
        "effect_observations",
        "delete from effect_observations where ctid = any(array(select ctid from effect_observations where agency_id = $1 limit $2))"
    ),
    other!(
        "effects",
        "delete from effects where id = any(array(select id from effects where agency_id = $1 limit $2))"
    ),
    other!(
        "provisioning_attempts",
        "delete from provisioning_attempts where id = any(array(select id from provisioning_attempts where agency_id = $1 limit $2))"
    ),
    other!(
        "people_leases",
        "delete from people_leases where id = any(array(select id from people_leases where agency_id = $1 limit $2))"
    ),
    other!(
        "provisioning_steps",
        "delete from provisioning_steps where id = any(array(select id from provisioning_steps where agency_id = $1 limit $2))"
    ),
    other!("todos", "delete from todos where id = any(array(select id from todos where agency_id = $1 limit $2))"),
    other!(
        "provisioning_jobs",
        "delete from provisioning_jobs where id = any(array(select id from provisioning_jobs where agency_id = $1 limit $2))"
    ),
    other!(
        "credentials",
        "delete from credentials where id = any(array(select id from credentials where agency_id = $1 limit $2))"
    ),
    other!(
        "integrations",
        "delete from integrations where id = any(array(select id from integrations where agency_id = $1 limit $2))"
    ),
    other!(
        "notifications",
        "delete from notifications where id = any(array(select id from notifications where agency_id = $1 limit $2))"
    ),
    other!(
        "one_time_tokens",
        "delete from one_time_tokens where id = any(array(select id from one_time_tokens where agency_id = $1 limit $2))"
    ),
    other!(
        "idempotency_keys",
        "delete from idempotency_keys where id = any(array(select id from idempotency_keys where agency_id = $1 limit $2))"
    ),
    other!(
        "agent_sign_ins",
        "delete from agent_sign_ins where id = any(array(select id from agent_sign_ins where agency_id = $1 limit $2))"
    ),
    other!(
        "api_tokens",
        "delete from api_tokens where id = any(array(select id from api_tokens where agency_id = $1 limit $2))"
    ),
    other!(
        "user_sub_account_memberships",
        "delete from user_sub_account_memberships where id = any(array(select id from user_sub_account_memberships where agency_id = $1 limit $2))"
    ),
    other!(
        "user_agency_memberships",
        "delete from user_agency_memberships where id = any(array(select id from user_agency_memberships where agency_id = $1 limit $2))"
    ),
    other!(
        "phone_routing",
        "delete from phone_routing where id = any(array(select id from phone_routing where agency_id = $1 limit $2)) and agency_id = $1"
    ),
    other!(
        "location_updates",
        "delete from location_updates where id = any(array(select id from location_updates where agency_id = $1 limit $2)) and agency_id = $1"
    ),
    other!(
        "tool_servers",
        "delete from tool_servers where id = any(array(select id from tool_servers where agency_id = $1 limit $2))"
    ),
    other!(
        "client_presets",
        "delete from client_presets where id = any(array(select id from client_presets where agency_id = $1 limit $2))"
    ),
    other!(
        "client_drafts",
        "delete from client_drafts where id = any(array(select id from client_drafts where agency_id = $1 limit $2)) and agency_id = $1"
    ),
    other!(
        "saved_views",
        "delete from saved_views where id = any(array(select id from saved_views where agency_id = $1 limit $2))"
    ),
    other!(
        "webhook_attempts",
        "delete from webhook_attempts where id = any(array(select id from webhook_attempts where agency_id = $1 limit $2))"
    ),
    other!(
        "webhook_deliveries",
        "delete from webhook_deliveries where id = any(array(select id from webhook_deliveries where agency_id = $1 limit $2))"
    ),
    other!(
        "webhook_endpoints",
        "delete from webhook_endpoints where id = any(array(select id from webhook_endpoints where agency_id = $1 limit $2))"
    ),
    other!(
        "ghl_locations",
        "delete from ghl_locations where id = any(array(select id from ghl_locations where agency_id = $1 limit $2))"
    ),
    other!(
        "location_lists",
        "delete from location_lists where agency_id = any(array(select agency_id from location_lists where agency_id = $1 limit $2))"
    ),
    other!(
        "snapshot_syncs",
        "delete from snapshot_syncs where agency_id = any(array(select agency_id from snapshot_syncs where agency_id = $1 limit $2))"
    ),
    other!(
        "snapshots",
        "delete from snapshots where id = any(array(select id from snapshots where agency_id = $1 limit $2))"
    ),
    other!(
        "agency_logos",
        "delete from agency_logos where agency_id = any(array(select agency_id from agency_logos where agency_id = $1 limit $2))"
    ),
    other!(
        "sub_accounts",
        "delete from sub_accounts where id = any(array(select id from sub_accounts where agency_id = $1 limit $2))"
    ),
];

/// Tables to empty before a business's row is deleted.
pub const OF_BUSINESS: &[Piece] = &[
    content::TOOL_POLICIES,
    content::TOOL_BUDGETS,
    content::TOOL_DAYS,
    content::TOOL_APPROVALS,
    content::TOOL_STOPS,
    content::TOOL_CALLS,
    content::TOOL_CHAINS,
    content::USAGE,
    content::FILE_USAGE,
    content::REHEARSAL_CASES,
    content::REHEARSALS,
    content::ANSWERS,
    content::SCHEDULED,
    content::SNIPPETS,
    content::PASSAGES,
    content::KNOWLEDGE,
    content::AGENT_VERSIONS,
    content::AGENTS,
    content::WEB_CHATS,
    content::REACTIONS,
    content::ATTACHMENTS,
    content::SENDS,
    content::EARLY_STATUSES,
    content::MESSAGES,
    other!(
        "conversations",
        "delete from conversations where id = any(array(select id from conversations where sub_account_id = $1 limit $2)) and sub_account_id = $1"
    ),
    content::IDENTITIES,
    content::CONTACT_MERGES,
    content::CONTACTS,
    content::TEMPLATES,
    other!(
        "channels",
        "delete from channels where id = any(array(select id from channels where sub_account_id = $1 limit $2)) and sub_account_id = $1"
    ),
    content::CHANNEL_CHOICES,
    other!(
        "inbound_items",
        "delete from inbound_items where id = any(array(select id from inbound_items where sub_account_id = $1 limit $2)) and sub_account_id = $1"
    ),
    kept!(
        "api_calls",
        "delete from api_calls where ctid = any(array(select ctid from api_calls where sub_account_id = $1 limit $2))"
    ),
    kept!(
        "integration_evidence",
        "delete from integration_evidence where ctid = any(array(select ctid from integration_evidence where sub_account_id = $1 limit $2))"
    ),
    kept!(
        "effect_observations",
        "delete from effect_observations where ctid = any(array(select ctid from effect_observations where sub_account_id = $1 limit $2))"
    ),
    other!(
        "effects",
        "delete from effects where id = any(array(select id from effects where sub_account_id = $1 limit $2))"
    ),
    other!(
        "credentials",
        "delete from credentials where id = any(array(select id from credentials where sub_account_id = $1 limit $2))"
    ),
    other!(
        "integrations",
        "delete from integrations where id = any(array(select id from integrations where sub_account_id = $1 limit $2))"
    ),
    other!(
        "notifications",
        "delete from notifications where id = any(array(select id from notifications where sub_account_id = $1 limit $2))"
    ),
    other!(
        "one_time_tokens",
        "delete from one_time_tokens where id = any(array(select id from one_time_tokens where sub_account_id = $1 limit $2))"
    ),
    other!(
        "idempotency_keys",
        "delete from idempotency_keys where id = any(array(select id from idempotency_keys where sub_account_id = $1 limit $2))"
    ),
    other!(
        "agent_sign_ins",
        "delete from agent_sign_ins where id = any(array(select id from agent_sign_ins where sub_account_id = $1 limit $2))"
    ),
    other!(
        "api_tokens",
        "delete from api_tokens where id = any(array(select id from api_tokens where sub_account_id = $1 limit $2))"
    ),
    other!(
        "phone_routing",
        "delete from phone_routing where id = any(array(select id from phone_routing where sub_account_id = $1 limit $2)) and sub_account_id = $1"
    ),
    other!(
        "location_updates",
        "delete from location_updates where id = any(array(select id from location_updates where sub_account_id = $1 limit $2)) and sub_account_id = $1"
    ),
    other!(
        "tool_servers",
        "delete from tool_servers where id = any(array(select id from tool_servers where business_id = $1 limit $2))"
    ),
    other!("todos", "delete from todos where id = any(array(select id from todos where sub_account_id = $1 limit $2))"),
    other!(
        "saved_views",
        "delete from saved_views where id = any(array(select id from saved_views where sub_account_id = $1 limit $2))"
    ),
    other!(
        "user_sub_account_memberships",
        "delete from user_sub_account_memberships where id = any(array(select id from user_sub_account_memberships where sub_account_id = $1 limit $2))"
    ),
];
