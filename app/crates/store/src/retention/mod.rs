//! Removes rows after a fixed time. One table, `RULES`, says what grows, how old it may become, and which
//! statement removes a batch of what is older. Each batch is a separate transaction, so even a large backlog is
//! removed and nobody is held up. The audit log (`audit::cut`) and the trash (`trash`) have their own removal.

use std::time::Duration;

use crate::assistant::{rehearsal, settings};
pub use crate::kept::KEPT;
pub(crate) use crate::removal::begin;
pub use crate::removal::{Piece, Rule};
use crate::removal::{by_platform, by_worker};
use crate::{Db, Result, api_tokens, channel_choices, inbound, messaging, platform, provisioning, tools, webhooks};

/// Rows in one batch.
pub const PIECE: i64 = 5000;

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

const fn days(n: u64) -> Duration {
    Duration::from_secs(24 * 3600 * n)
}

/// Every rule.
pub const RULES: &[Rule] = &[
    Rule {
        name: "sessions",
        title: "Remove sessions that ended",
        tables: &["sessions"],
        time: "expires_at",
        age: Duration::ZERO,
        every: minutes(5),
        piece: by_worker!(
            "delete from sessions where secret_hash = any(array(select secret_hash from sessions
             where (expires_at < now() or last_seen_at + make_interval(secs => idle_seconds) < now() - case when user_id is null then interval '0' else interval '2 days' end) and $1::float8 >= 0 limit $2))"
        ),
    },
    Rule {
        name: "consents",
        title: "Remove consents that nobody finished",
        tables: &["oauth_states"],
        time: "expires_at",
        age: Duration::ZERO,
        every: minutes(15),
        piece: by_worker!(
            "delete from oauth_states where secret_hash = any(array(select secret_hash from oauth_states where expires_at < now() and $1::float8 >= 0 limit $2))"
        ),
    },
    Rule {
        name: "links",
        title: "Remove links that ended a month ago",
        tables: &["one_time_tokens"],
        time: "expires_at",
        age: days(30),
        every: minutes(60),
        piece: by_platform!(
            "delete from one_time_tokens where id = any(array(select id from one_time_tokens where expires_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "remembered-answers",
        title: "Forget answers kept for repeated requests",
        tables: &["idempotency_keys"],
        time: "expires_at",
        age: Duration::ZERO,
        every: minutes(15),
        piece: by_worker!(
            "delete from idempotency_keys where id = any(array(select id from idempotency_keys where expires_at < now() and $1::float8 >= 0 limit $2))"
        ),
    },
    Rule {
        name: "throttles",
        title: "Forget failed sign-ins of last week",
        tables: &["auth_throttles"],
        time: "updated_at",
        age: days(7),
        every: minutes(60),
        piece: by_worker!(
            "delete from auth_throttles where key_hash = any(array(select key_hash from auth_throttles where updated_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "outbox",
        title: "Remove notices older than a week",
        tables: &["outbox_events"],
        time: "created_at",
        age: days(7),
        every: minutes(5),
        // The oldest positions are read first: when they are young, no row is old, and nothing else is read.
        piece: by_worker!(
            "delete from outbox_events where ctid = any(array(select o.place from (select ctid as place, created_at from outbox_events order by position limit $2) o
             where o.created_at < now() - make_interval(secs => $1)))"
        ),
    },
    Rule {
        name: "webhook-deliveries",
        title: "Remove the log of webhooks after 30 days",
        tables: &["webhook_deliveries", "webhook_attempts", "webhook_endpoints"],
        time: "created_at",
        age: days(30),
        every: minutes(60),
        piece: |db, age, most| Box::pin(webhooks::erase(db, age, most)),
    },
    Rule {
        name: "given-up-work",
        title: "Remove work given up 90 days ago",
        tables: &["work_dead"],
        time: "died_at",
        age: days(90),
        every: minutes(60),
        piece: by_worker!(
            "delete from work_dead where id = any(array(select id from work_dead where died_at < now() - make_interval(secs => $1) order by died_at limit $2))"
        ),
    },
    Rule {
        name: "worker-processes",
        title: "Forget workers that were silent for a week",
        tables: &["worker_processes"],
        time: "seen_at",
        age: days(7),
        every: minutes(60),
        piece: by_worker!(
            "delete from worker_processes where id = any(array(select id from worker_processes where seen_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "client-drafts",
        title: "Remove drafts of new clients after 30 days",
        tables: &["client_drafts"],
        time: "updated_at",
        age: days(30),
        every: minutes(60),
        piece: by_platform!(
            "delete from client_drafts where id = any(array(select id from client_drafts where updated_at < now() - make_interval(secs => $1) limit $2))
             and updated_at < now() - make_interval(secs => $1)"
        ),
    },
    Rule {
        name: "rate-windows",
        title: "Forget limits that nobody used for two days",
        tables: &["rate_windows"],
        time: "updated_at",
        age: days(2),
        every: minutes(60),
        piece: by_worker!(
            "delete from rate_windows where key = any(array(select key from rate_windows where updated_at < now() - make_interval(secs => $1) limit $2 for update skip locked))"
        ),
    },
    Rule {
        name: "people-leases",
        title: "Remove claims on people that ended a day ago",
        tables: &["people_leases"],
        time: "lease_until",
        age: days(1),
        every: minutes(60),
        piece: by_platform!(
            "delete from people_leases where id = any(array(select id from people_leases where lease_until < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "calls",
        title: "Remove the record of calls after 90 days",
        tables: &["api_calls"],
        time: "created_at",
        age: days(90),
        every: minutes(15),
        piece: by_worker!(
            "delete from api_calls where ctid = any(array(select ctid from api_calls where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
        ),
    },
    Rule {
        name: "evidence",
        title: "Remove what was observed of connections after 90 days",
        tables: &["integration_evidence"],
        time: "observed_at",
        age: days(90),
        every: minutes(15),
        piece: by_worker!(
            "delete from integration_evidence where ctid = any(array(select ctid from integration_evidence where observed_at < now() - make_interval(secs => $1) order by observed_at limit $2))"
        ),
    },
    Rule {
        name: "ended-secrets",
        title: "Remove secrets a day after they were ended",
        tables: &["credentials"],
        time: "revoked_at",
        age: days(1),
        every: minutes(60),
        // The version numbers of an integration's secrets continue where they were. While the app is still to be
        // removed at HighLevel, its key stays for up to 30 days, because nobody could remove the app without it.
        piece: by_platform!(
            "with old as (select c.id, c.integration_id, c.version from credentials c where c.revoked_at < now() - make_interval(secs => $1)
                            and (c.revoked_at < now() - 30 * make_interval(secs => $1) or not exists (select from integrations i
                              where i.id = c.integration_id and i.uninstall_asked_at is not null and i.uninstalled_at is null and i.uninstall_error is null))
                          order by c.revoked_at limit $2),
                  top as (select integration_id, max(version) as version from old group by integration_id),
                  kept as (update integrations i set last_secret_version = greatest(i.last_secret_version, top.version)
                           from top where i.id = top.integration_id returning i.id)
             delete from credentials where id in (select id from old)"
        ),
    },
    Rule {
        name: "former-secrets",
        title: "Remove former versions of secrets after 30 days",
        tables: &["credentials"],
        time: "updated_at",
        age: days(30),
        every: minutes(60),
        piece: by_platform!(
            "with old as (select id, integration_id, version from credentials where slot = 'previous' and updated_at < now() - make_interval(secs => $1) order by updated_at limit $2),
                  top as (select integration_id, max(version) as version from old group by integration_id),
                  kept as (update integrations i set last_secret_version = greatest(i.last_secret_version, top.version)
                           from top where i.id = top.integration_id returning i.id)
             delete from credentials where id in (select id from old)"
        ),
    },
    Rule {
        name: "unclaimed-installs",
        title: "Remove installs that nobody claimed within an hour",
        tables: &["app_installs"],
        time: "installed_at",
        age: minutes(60),
        every: minutes(15),
        piece: by_worker!(
            "delete from app_installs where id = any(array(select id from app_installs where state = 'unclaimed'
             and installed_at < now() - make_interval(secs => $1) order by installed_at limit $2))"
        ),
    },
    Rule {
        name: "request-counts",
        title: "Forget counts of requests nobody added to for an hour",
        tables: &["request_counts"],
        time: "began",
        age: minutes(60),
        every: minutes(60),
        piece: by_worker!(
            "delete from request_counts where key = any(array(select key from request_counts where began < now() - make_interval(secs => $1) limit $2 for update skip locked))"
        ),
    },
    Rule {
        name: "revoked-tokens",
        title: "Remove API tokens 90 days after they were revoked",
        tables: &["api_tokens"],
        time: "revoked_at",
        age: days(90),
        every: minutes(60),
        piece: by_platform!(
            "delete from api_tokens where id = any(array(select id from api_tokens where revoked_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "agent-sign-ins",
        title: "Remove browser sign-ins of AI agents a day after they ended",
        tables: &["agent_sign_ins"],
        time: "expires_at",
        age: days(1),
        every: minutes(60),
        piece: by_platform!(
            "delete from agent_sign_ins where id = any(array(select id from agent_sign_ins where expires_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "notifications",
        title: "Remove notifications after 90 days",
        tables: &["notifications"],
        time: "created_at",
        age: days(90),
        every: minutes(60),
        piece: by_platform!(
            "delete from notifications where id = any(array(select id from notifications where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
        ),
    },
    Rule {
        name: "request-keys",
        title: "Forget the keys of requests that started jobs yesterday",
        tables: &["provisioning_jobs"],
        time: "created_at",
        age: days(1),
        every: minutes(15),
        piece: by_platform!(
            "update provisioning_jobs set idempotency_key = null where id = any(array(select id from provisioning_jobs
             where idempotency_key is not null and requested_token is not null and created_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "done-todos",
        title: "Remove to-dos 90 days after they were done",
        tables: &["todos"],
        time: "done_at",
        age: days(90),
        every: minutes(60),
        piece: by_platform!(
            "delete from todos where id = any(array(select id from todos where done_at < now() - make_interval(secs => $1) limit $2))"
        ),
    },
    Rule {
        name: "writes-of-no-job",
        title: "Remove the record of writes of no job after 90 days",
        tables: &["effects"],
        time: "created_at",
        age: days(90),
        every: minutes(60),
        piece: by_platform!(
            "delete from effects where id = any(array(select id from effects where job_id is null and created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
        ),
    },
    Rule {
        name: "old-jobs",
        title: "Remove what jobs knew about people 90 days after their end",
        tables: &[
            "provisioning_jobs",
            "provisioning_steps",
            "provisioning_attempts",
            "provisioning_logs",
            "effects",
            "effect_observations",
        ],
        time: "finished_at",
        age: days(90),
        every: minutes(15),
        piece: |db, age, most| Box::pin(provisioning::archive(db, age, most)),
    },
    Rule {
        name: "assistant-answers",
        title: "Remove answers of the assistant after two years",
        tables: &["ai_answers"],
        time: "created_at",
        age: days(730),
        every: minutes(60),
        piece: by_worker!(
            "delete from ai_answers where ctid = any(array(select ctid from ai_answers where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
        ),
    },
    Rule {
        name: "assistant-traces",
        title: "Remove steps and passages of the assistant after 90 days",
        tables: &["ai_answers"],
        time: "created_at",
        age: days(90),
        every: minutes(60),
        piece: by_worker!(
            "update ai_answers set trace = '{}', sources = (select coalesce(jsonb_agg(s.source - 'passage' order by s.place), '[]') from jsonb_array_elements(sources) with ordinality as s (source, place))
             where ctid = any(array(select ctid from ai_answers where created_at < now() - make_interval(secs => $1) and trace <> '{}' order by created_at limit $2))"
        ),
    },
    Rule {
        name: "usage-counters",
        title: "Remove counters of usage after three years",
        tables: &["usage_counters"],
        time: "created_at",
        age: days(1095),
        every: minutes(60),
        piece: by_worker!(
            "delete from usage_counters where ctid = any(array(select ctid from usage_counters where created_at < now() - make_interval(secs => $1) order by created_at limit $2))"
        ),
    },
    api_tokens::EXPIRED,
    inbound::EVENTS,
    inbound::ITEMS,
    inbound::KEYS,
    inbound::EARLY_STATUSES,
    messaging::decided::SENDS,
    messaging::merging::OLD,
    channel_choices::ENDED,
    rehearsal::OLD,
    settings::OLD,
    tools::CALLS,
    platform::tool_hosts::SILENT,
    tools::APPROVALS,
    tools::SHOWN,
    tools::DAYS,
];

/// Removes everything that is older than its rule allows, rule by rule and batch by batch. Returns the number of
/// removed rows.
pub async fn sweep(db: &Db) -> Result<u64> {
    let mut gone = 0;
    for rule in RULES {
        loop {
            let piece = (rule.piece)(db, rule.age, PIECE).await?;
            gone += piece;
            if piece == 0 {
                break;
            }
        }
    }
    Ok(gone)
}

#[cfg(test)]
mod tests_credentials;
