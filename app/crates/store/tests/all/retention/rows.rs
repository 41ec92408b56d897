//! What does a row look like that a rule removes, and which rows has it not removed yet?

use store::retention::Rule;

/// SQL for a row of the rule's first table, whose time is `{at}`.
pub(super) fn row(rule: &Rule) -> &'static str {
    match rule.name {
        "sessions" => {
            "sessions (secret_hash, idle_seconds, expires_at) values (sha256(gen_random_uuid()::text::bytea), 86400, {at})"
        }
        "consents" => {
            "oauth_states (secret_hash, provider, purpose, session_hash, user_id, agency_id, expires_at)
             values (sha256(gen_random_uuid()::text::bytea), 'ghl', 'connect', '', gen_random_uuid(), gen_random_uuid(), {at})"
        }
        "links" => {
            "one_time_tokens (secret_hash, purpose, expires_at) values (sha256(gen_random_uuid()::text::bytea), 'invite', {at})"
        }
        "remembered-answers" => {
            "idempotency_keys (agency_id, key, route, request_hash, expires_at) values (gen_random_uuid(), 'k', 'r', '', {at})"
        }
        "throttles" => {
            "auth_throttles (key_hash, updated_at) values (sha256(gen_random_uuid()::text::bytea), {at})"
        }
        "outbox" => "outbox_events (topic, created_at) values ('thing.done', {at})",
        "webhook-deliveries" => {
            "webhook_deliveries (agency_id, endpoint_id, event_id, event, body, created_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'test', '{}', {at})"
        }
        "given-up-work" => {
            "work_dead (lane, tenant_key, kind, died_at) values ('chores', gen_random_uuid(), 'mail.send', {at})"
        }
        "worker-processes" => {
            "worker_processes (id, every_seconds, host, version, seen_at) values (gen_random_uuid(), 60, 'h', '1', {at})"
        }
        "tool-hosts" => "tool_hosts (id, host, processes, seen_at) values (gen_random_uuid(), 'h', '[]', {at})",
        "client-drafts" => {
            "client_drafts (id, agency_id, user_id, fields, updated_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '{}', {at})"
        }
        "rate-windows" => "rate_windows (key, updated_at) values (gen_random_uuid()::text, {at})",
        "request-counts" => "request_counts (key, began, count, before) values (gen_random_uuid()::text, {at}, 0, 0)",
        _ => row_of_tenant(rule),
    }
}

/// The same for rows that belong to a tenant's work.
fn row_of_tenant(rule: &Rule) -> &'static str {
    match rule.name {
        "ended-secrets" => {
            "credentials (agency_id, integration_id, version, slot, kind, key_id, sealed_access, fingerprint, revoked_at)
             values (gen_random_uuid(), gen_random_uuid(), 1, 'current', 'pit', 1, '', 'f', {at})"
        }
        "unclaimed-installs" => {
            "app_installs (app_id, company_id, user_type, installed_at) values ('a', gen_random_uuid()::text, 'Company', {at})"
        }
        "people-leases" => {
            "people_leases (agency_id, ghl_user_id, job_id, lease_until) values (gen_random_uuid(), 'u', gen_random_uuid(), {at})"
        }
        "calls" => {
            "api_calls (agency_id, provider, method, endpoint, outcome, ms, created_at) values (gen_random_uuid(), 'ghl', 'GET', '/x', 'ok', 1, {at})"
        }
        "evidence" => {
            "integration_evidence (agency_id, integration_id, kind, ok, observed_at) values (gen_random_uuid(), gen_random_uuid(), 'probe', true, {at})"
        }
        "former-secrets" => {
            "credentials (agency_id, integration_id, version, slot, kind, key_id, sealed_access, fingerprint, updated_at)
             values (gen_random_uuid(), gen_random_uuid(), 1, 'previous', 'pit', 1, '', 'f', {at})"
        }
        "revoked-tokens" => {
            "api_tokens (agency_id, secret_hash, prefix, name, scopes, revoked_at) values (gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), 'slw_', 'n', '{}', {at})"
        }
        "expired-tokens" => {
            "api_tokens (agency_id, secret_hash, prefix, name, scopes, expires_at) values (gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), 'slw_', 'n', '{}', {at})"
        }
        "agent-sign-ins" => {
            "agent_sign_ins (agency_id, sub_account_id, secret_hash, client_hash, code_hash, made_by, name, host, expires_at)
             values (gen_random_uuid(), gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), sha256(''), sha256(''), gen_random_uuid(), 'n', 'h', {at})"
        }
        "request-keys" => {
            "provisioning_jobs (agency_id, client_data_json, idempotency_key, requested_token, created_at) values (gen_random_uuid(), '{}', 'k', gen_random_uuid(), {at})"
        }
        "notifications" => {
            "notifications (agency_id, user_id, kind, event_key, channel, created_at)
             values (gen_random_uuid(), gen_random_uuid(), 'job.failed', gen_random_uuid()::text, 'app', {at})"
        }
        "done-todos" => {
            "todos (agency_id, job_id, kind, key, what, done_at) values (gen_random_uuid(), gen_random_uuid(), 'other', 'k', 'w', {at})"
        }
        "writes-of-no-job" => {
            "effects (agency_id, kind, provider, marker, request_hash, attempt, lease_owner, created_at) values (gen_random_uuid(), 'update_location', 'ghl', gen_random_uuid()::text, '', 0, gen_random_uuid(), {at})"
        }
        "old-jobs" => {
            "provisioning_jobs (agency_id, client_data_json, status, finished_at) values (gen_random_uuid(), '{\"name\": \"N\", \"email\": \"e\"}', 'FAILED', {at})"
        }
        _ => row_of_messages(rule),
    }
}

/// The same for rows of messages.
fn row_of_messages(rule: &Rule) -> &'static str {
    match rule.name {
        "channel-choices" => {
            "channel_choices (sub_account_id, type, user_id, accounts, sealed_tokens, key_id, expires_at, created_at)
             values (gen_random_uuid(), 'FACEBOOK', gen_random_uuid(), '[]', '', 1, {at}, {at})"
        }
        "inbound-events" => {
            "inbound_events (provider, body, body_sha256, created_at) values ('meta', '', sha256(''), {at})"
        }
        "inbound-items" => {
            "inbound_items (event_id, position, provider, kind, key, created_at) values (gen_random_uuid(), 0, 'meta', 'message', 'k', {at})"
        }
        "inbound-keys" => {
            "inbound_keys (provider, key, event_id, created_at) values ('meta', gen_random_uuid()::text, gen_random_uuid(), {at})"
        }
        "early-statuses" => {
            "early_statuses (sub_account_id, external_id, status, created_at) values (gen_random_uuid(), 'm', '{}', {at})"
        }
        "assistant-answers" => {
            "ai_answers (sub_account_id, conversation_id, trigger_message_id, mode, created_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'draft', {at})"
        }
        "assistant-versions" => {
            "ai_agent_versions (sub_account_id, version, body, created_at) with b as materialized (select gen_random_uuid() as id)
             select b.id, n, '{}', case when n = 1 then {at} else now() - interval '1 minute' end from b, generate_series(1, 101) n"
        }
        "rehearsals" => {
            "ai_rehearsals (sub_account_id, kind, is_published, version, settings, created_at) values (gen_random_uuid(), 'chat', false, 0, '{}', {at})"
        }
        "assistant-traces" => {
            "ai_answers (sub_account_id, conversation_id, trigger_message_id, mode, trace, created_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'draft', '{\"steps\": []}', {at})"
        }
        "contact-merges" => {
            "contact_merges (sub_account_id, contact_id, merged, merged_since, merged_details, kept_details, accounts, created_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), '{}', '{}', '{}', {at})"
        }
        "decided-sends" => {
            "message_sends (sub_account_id, message_id, conversation_id, channel_id, state, created_at, decided_at) values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'accepted', {at}, {at})"
        }
        "usage-counters" => {
            "usage_counters (agency_id, sub_account_id, period, period_start, created_at) values (gen_random_uuid(), gen_random_uuid(), 'day', '2020-01-01', {at})"
        }
        "tool-calls" => {
            "tool_calls (sub_account_id, token_id, tool, effect, arguments_hash, policy, created_at) values (gen_random_uuid(), gen_random_uuid(), 't', 'read', sha256(''), 'allow', {at})"
        }
        "tool-approvals" => {
            "tool_approvals (sub_account_id, token_id, tool, arguments, arguments_hash, shown, expires_at, created_at) values (gen_random_uuid(), gen_random_uuid(), 't', '{}', sha256(''), '', now(), {at})"
        }
        "tool-approval-words" => {
            "tool_approvals (sub_account_id, token_id, tool, arguments, arguments_hash, shown, state, expires_at, created_at) values (gen_random_uuid(), gen_random_uuid(), 't', '{}', sha256(''), 'Delete Ana', 'done', now(), {at})"
        }
        "tool-days" => {
            "tool_days (sub_account_id, token_id, day, created_at) values (gen_random_uuid(), gen_random_uuid(), current_date, {at})"
        }
        other => unreachable!("what a row of {other} is has to be said here"),
    }
}

/// SQL that counts the rows that the rule has not removed or emptied yet.
pub(super) fn left(rule: &Rule) -> String {
    let which = match rule.name {
        "request-keys" => "idempotency_key is not null",
        "old-jobs" => "archived_at is null",
        "assistant-traces" => "trace <> '{}'",
        "assistant-versions" => "version = 1",
        "tool-approval-words" => "shown <> ''",
        _ => "true",
    };
    format!("select count(*) from {} where {which}", rule.tables[0])
}
