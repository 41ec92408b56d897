//! Tests rules about the catalog, read from Postgres itself: no table, now or later, escapes tenant isolation.
//! Each test queries for the tables that break a rule and expects none.
#![expect(clippy::disallowed_methods, reason = "the catalogue is asked in words the macro cannot check")]

mod classes;
mod indexes;
mod teeth;

use classes::CLASSES;
use sqlx::PgConnection;
use store::testing::TestDb;

/// The names of whatever breaks a rule. The SQL texts are literals of this file.
async fn offenders(test: &TestDb, sql: &'static str) -> Vec<String> {
    sqlx::query_scalar(sql).fetch_all(test.superuser()).await.unwrap()
}

/// Asserts that nothing breaks a rule.
async fn none(test: &TestDb, law: &str, sql: &'static str) {
    let found = offenders(test, sql).await;
    assert!(found.is_empty(), "{law}: {found:#?}");
}

/// Row-level security is forced on every table.
const FORCED: &str =
    "select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
    and relname <> '_sqlx_migrations' and not (relrowsecurity and relforcerowsecurity)";

/// Every policy for reads or changes has a condition, and every policy for writes checks the new row.
const WRITTEN: &str = "select tablename || '.' || policyname from pg_policies where schemaname = 'public'
    and ((cmd in ('SELECT', 'UPDATE', 'DELETE', 'ALL') and qual is null) or (cmd in ('INSERT', 'UPDATE', 'ALL') and with_check is null))";

/// Rows that may be swept have expired.
const SWEPT: &str = "select tablename::text from pg_policies where policyname = 'sweep'
    and ((qual !~ '^\\(expires_at < .*now\\(\\)'
          and qual !~ '^\\(\\(expires_at < now\\(\\)\\) OR \\(\\(last_seen_at \\+ make_interval\\(secs => .*idle_seconds.*\\)\\) < now\\(\\)\\)\\)$')
         or with_check <> 'false' or roles <> '{app_worker}')";

/// The policy `own_links` lets a person end their own links and nothing else.
const RENOUNCED: &str = "select tablename::text from pg_policies where policyname = 'own_links'
    and (tablename <> 'one_time_tokens' or qual !~ 'user_id = .*purpose = ANY' or with_check !~ 'user_id = .*purpose = ANY.*\\(expires_at <= now\\(\\)\\)\\)$')";

/// Only the worker removes old rows: in a transaction that says how old they must be, or in the audit log by a
/// limit that is part of the policy itself.
const RETAINED: &str = "select tablename::text from pg_policies where policyname = 'retention' and (roles <> '{app_worker}'
    or case when tablename in ('audit_events', 'audit_links', 'audit_checkpoints')
         then cmd <> 'DELETE' or qual !~ '^\\(created_at < \\(now\\(\\) - ''400 days''::interval\\)\\)$' or (permissive = 'RESTRICTIVE') <> (tablename <> 'audit_events')
         else with_check <> 'false' or qual !~ 'app.retention_seconds' end)
    union all select t from unnest(array['audit_events', 'audit_links', 'audit_checkpoints']) t
      where not exists (select from pg_policies where policyname = 'retention' and tablename = t)";

/// The policy `end_invites` lets an agency end its invitations to its businesses and nothing else.
const CALLED_BACK: &str = "select tablename::text from pg_policies where policyname = 'end_invites'
    and (tablename <> 'one_time_tokens' or qual !~ 'purpose = .invite.*agency_id = ' or with_check !~ 'purpose = .invite.*agency_id = .*\\(expires_at <= now\\(\\)\\)\\)$')";

/// The policies `own_todos` and `tick_own_todos` let a business see and change the to-dos of its own people and nothing
/// else of its agency's.
const OWN_TODOS: &str = "select tablename || '.' || policyname from pg_policies where policyname in ('own_todos', 'tick_own_todos')
    and (tablename <> 'todos' or cmd <> case policyname when 'own_todos' then 'SELECT' else 'UPDATE' end
         or qual !~ '^\\(for_owner AND \\(sub_account_id = .*app.current_sub_account_id' or (cmd = 'UPDATE' and with_check <> qual))";

/// The policy `emptying` lets the worker remove the steps and passages of old answers, in a transaction that says how old,
/// and nothing else.
const EMPTIED: &str = "select tablename::text from pg_policies where policyname = 'emptying'
    and (tablename not in ('ai_answers', 'tool_approvals') or cmd <> 'UPDATE' or roles <> '{app_worker}' or qual !~ '^\\(created_at < .*app.retention_seconds'
         or with_check !~ case tablename
           when 'ai_answers' then '^\\(\\(trace = ''\\{\\}''::jsonb\\) AND \\(NOT jsonb_path_exists\\(sources, ''\\$.*passage.*\\) AND \\(created_at < .*app.retention_seconds'
           else '^\\(\\(shown = ''''::text\\) AND \\(arguments = ''\\{\\}''::jsonb\\) AND \\(state = ANY .*done.*failed.*rejected.*expired.*\\) AND \\(created_at < .*app.retention_seconds' end)";

/// The policy `cutting` lets the worker move where the log of tools begins, in a transaction that says how old, and nothing else.
const CUT: &str = "select tablename::text from pg_policies where policyname = 'cutting'
    and (tablename <> 'tool_chains' or cmd <> 'UPDATE' or roles <> '{app_worker}' or qual !~ '^\\(created_at < .*app.retention_seconds'
         or with_check !~ '^\\(\\(cut_seq <= seq\\) AND \\(created_at < .*app.retention_seconds')";

/// The policy `unread` only takes from what the others let go, and exists.
const UNREAD: &str = "select 'contacts.unread'::text from pg_policies where policyname = 'unread'
    having count(*) <> 1 or bool_or(tablename <> 'contacts' or permissive <> 'RESTRICTIVE' or cmd <> 'DELETE' or qual !~ '^\\(\\(erasing_names IS NULL\\) OR \\(.*app.retention_seconds')";

/// A foreign key to a tenant's row includes the tenant. Rows of the platform have none.
const KEYS: &str = "select c.conrelid::regclass || ' -> ' || c.confrelid::regclass || ': ' || pg_get_constraintdef(c.oid) from pg_constraint c
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace and c.confrelid::regclass::text not in ('agencies', 'users', 'roles', 'permissions', 'tool_commands')
      and not exists (select from unnest(c.conkey) k join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k where a.attname in ('agency_id', 'sub_account_id', 'role_owner'))";

#[tokio::test]
async fn every_table_forces_its_rules_and_belongs_to_the_owner() {
    let test = TestDb::new().await;
    none(&test, "row-level security is forced on every table", FORCED).await;
    none(
        &test,
        "everything is owned by app_owner",
        "select relname::text from pg_class where relnamespace in ('public'::regnamespace, 'ops'::regnamespace, 'lookup'::regnamespace) and relkind in ('r', 'p', 'v', 'm', 'S')
         and relowner <> 'app_owner'::regrole",
    )
    .await;
    none(&test, "a rule that reads or changes asks for something, and one that writes checks what is written", WRITTEN)
        .await;
    none(
        &test,
        "settings are read in the form that survives an empty text, once per statement",
        "select tablename || '.' || policyname from pg_policies where schemaname = 'public'
         and concat(qual, with_check) ~ 'current_setting' and concat(qual, with_check) !~ 'SELECT'",
    )
    .await;
}

/// The policies of the classes. It leaves out these additional policies: `lookup`, for the owner of the definer
/// functions; `same_company`, by which an agency finds unclaimed installs of its own company; `sweep`, by which
/// the worker removes what has expired; `own_links`, by which a person ends the links that would set their
/// password; `end_invites`, by which an agency ends its invitations to its businesses; `own_todos` and `tick_own_todos`,
/// by which a business sees and ticks the to-dos of its own people; `retention`, by which old rows are removed; `emptying`,
/// by which old answers of the assistant and ended approvals lose their words; `cutting`, by which the log of tools begins later;
/// `unread`, by which an erased contact stays until that log was read for it; `ahead`, by which messages are found that a clock wrote
/// that was ahead.
const POLICIES: &str =
    "select concat_ws(' | ', tablename, policyname, permissive, roles::text, cmd, qual, with_check) from pg_policies
    where schemaname = 'public' and policyname not in ('lookup', 'same_company', 'sweep', 'own_links', 'end_invites', 'own_todos', 'tick_own_todos', 'retention', 'emptying', 'cutting', 'unread', 'ahead') order by 1";

#[tokio::test]
async fn the_rules_are_exactly_those_of_each_tables_class() {
    let test = TestDb::new().await;
    let tables: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and relname <> '_sqlx_migrations' order by 1",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap();
    assert_eq!(tables, CLASSES.iter().map(|(table, ..)| *table).collect::<Vec<_>>(), "each table has its class here");
    let found = differing(&mut test.superuser().acquire().await.unwrap(), &made(&test).await).await;
    assert!(found.is_empty(), "{found:#?}");
    none(&test, "what may be swept has ended by the clock", SWEPT).await;
    none(&test, "a person's own links can only be ended by them", RENOUNCED).await;
    none(
        &test,
        "old rows go by the worker alone, in a transaction that says how old, and the log's after 400 days",
        RETAINED,
    )
    .await;
    none(&test, "an agency's invitations to its clients can only be ended by it", CALLED_BACK).await;
    none(&test, "a business sees and ticks the to-dos of its own people alone", OWN_TODOS).await;
    none(&test, "old answers of the assistant and ended approvals are emptied and not changed", EMPTIED).await;
    none(&test, "the log of tools is cut at its front", CUT).await;
    none(&test, "an erased contact stays until the log of tools was read for it", UNREAD).await;
}

/// The policies that the classes create. They are created anew in a transaction that is rolled back.
async fn made(test: &TestDb) -> Vec<String> {
    let mut tx = test.superuser().begin().await.unwrap();
    sqlx::query(
        "do $$ declare p record; begin for p in select * from pg_policies where schemaname = 'public' loop
           execute format('drop policy %I on %I', p.policyname, p.tablename); end loop;
         for p in select tgrelid::regclass::text as t from pg_trigger where tgname = 'set_updated_at' loop execute format('drop trigger set_updated_at on %I', p.t); end loop; end $$",
    )
    .execute(&mut *tx)
    .await
    .unwrap();
    for (table, class, append) in CLASSES {
        sqlx::query("call ops.protect($1, $2, $3)")
            .bind(table)
            .bind(class)
            .bind(append)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    sqlx::query_scalar(POLICIES).fetch_all(&mut *tx).await.unwrap()
}

/// The policies that exist in the database and should not, and those that should exist and do not.
async fn differing(conn: &mut PgConnection, made: &[String]) -> Vec<String> {
    let written: Vec<String> = sqlx::query_scalar(POLICIES).fetch_all(conn).await.unwrap();
    let surplus = written.iter().filter(|rule| !made.contains(rule));
    surplus.chain(made.iter().filter(|rule| !written.contains(rule))).cloned().collect()
}

#[tokio::test]
async fn nobody_holds_a_right_beyond_their_class() {
    let test = TestDb::new().await;
    none(
        &test,
        "no role but the owner may truncate, reference or add triggers, and PUBLIC may nothing",
        "select table_name || ': ' || grantee || ' ' || privilege_type from information_schema.role_table_grants
         where table_schema = 'public' and (grantee = 'PUBLIC' or (grantee not in ('app_owner', 'postgres') and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')))",
    )
    .await;
    none(
        &test,
        "the login itself holds no right",
        "select table_name::text from information_schema.role_table_grants where grantee = 'slipway'",
    )
    .await;
    none(
        &test,
        "append-only tables are changed by nobody, and removed from by the worker's retention alone",
        "select table_name || ': ' || grantee || ' ' || privilege_type from information_schema.role_table_grants
         where table_name in ('ai_agent_versions', 'api_calls', 'audit_checkpoints', 'audit_events', 'audit_links', 'effect_observations', 'integration_evidence', 'job_transitions', 'provisioning_logs')
           and grantee <> 'app_owner' and (privilege_type = 'UPDATE' or (privilege_type = 'DELETE' and grantee <> 'app_worker'))",
    )
    .await;
    none(
        &test,
        "hidden columns are hidden",
        "select r.rolname || ' reads ' || c.t || '.' || c.col from (values ('users', 'password_hash'), ('credentials', 'sealed_access'), ('credentials', 'sealed_refresh'),
           ('credentials', 'sealed_client'), ('data_keys', 'wrapped'), ('api_tokens', 'secret_hash'), ('agent_sign_ins', 'secret_hash'), ('agent_sign_ins', 'code_hash'), ('agent_sign_ins', 'refresh_hash'), ('agent_sign_ins', 'replaced_hash'), ('one_time_tokens', 'secret_hash'), ('one_time_tokens', 'payload'),
           ('app_installs', 'sealed_tokens'), ('app_installs', 'claim_hash'), ('webhook_endpoints', 'sealed_secret'), ('webhook_endpoints', 'sealed_previous'),
           ('webhook_deliveries', 'body'), ('webhook_attempts', 'answer')) c (t, col), pg_roles r
         where r.rolname = 'app_platform' and has_column_privilege(r.rolname, c.t, c.col, 'SELECT')
         union all select r.rolname || ' reads users.password_hash' from pg_roles r where r.rolname in ('app_rt', 'app_worker', 'app_readonly', 'slipway')
           and has_column_privilege(r.rolname, 'users', 'password_hash', 'SELECT')",
    )
    .await;
}

#[tokio::test]
async fn roles_are_weak() {
    let test = TestDb::new().await;
    none(
        &test,
        "no role of the product is mighty",
        "select rolname::text from pg_roles where (rolname like 'app\\_%' or rolname = 'slipway')
         and (rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication or (rolcanlogin and rolname <> 'slipway') or (rolinherit and rolname <> 'app_owner'))",
    )
    .await;
    none(
        &test,
        "the login may become the working roles and no other",
        "select r.rolname::text from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_roles who on who.oid = m.member
         where who.rolname = 'slipway' and r.rolname not in ('app_rt', 'app_worker', 'app_platform', 'app_readonly')",
    )
    .await;
    none(
        &test,
        "the login has its limits",
        "select want from unnest(array['statement_timeout=10s', 'lock_timeout=3s', 'idle_in_transaction_session_timeout=15s', 'TimeZone=UTC', 'jit=off']) want
         where not exists (select from pg_db_role_setting s join pg_roles r on r.oid = s.setrole where r.rolname = 'slipway'
           and exists (select from unnest(s.setconfig) have where lower(have) = lower(want)))",
    )
    .await;
}

#[tokio::test]
async fn views_and_definer_functions_are_on_the_list() {
    let test = TestDb::new().await;
    none(
        &test,
        "a view reads with the rights of whoever asks",
        "select relname::text from pg_class where relkind = 'v' and relnamespace = 'public'::regnamespace and not coalesce('security_invoker=true' = any (reloptions), false)",
    )
    .await;
    none(
        &test,
        "definer functions are the allowed ones, owned by app_lookup, with a fixed path, and not for everybody",
        "select p.oid::regprocedure::text from pg_proc p where p.prosecdef and p.pronamespace in ('public'::regnamespace, 'ops'::regnamespace, 'lookup'::regnamespace)
         and (p.proname not in ('account', 'auth_user', 'my_places', 'due_credentials', 'find_jobs', 'jobs_at_once', 'agency_share', 'wants_webhook', 'actor_name', 'route', 'route_highlevel', 'route_waba', 'web_chat', 'find_conversations', 'find_contacts') or p.pronamespace <> 'lookup'::regnamespace or p.proowner <> 'app_lookup'::regrole
              or not coalesce('search_path=pg_catalog, public' = any (p.proconfig), false) or has_function_privilege('public', p.oid, 'EXECUTE') or p.provolatile <> 's')",
    )
    .await;
    none(
        &test,
        "their owner reads columns, never whole tables, and no sealed one",
        "select table_name || '.' || column_name from information_schema.column_privileges where grantee = 'app_lookup'
           and (column_name like 'sealed%' or column_name in ('wrapped', 'secret_hash', 'payload') or privilege_type <> 'SELECT')
         union all select table_name::text from information_schema.role_table_grants where grantee = 'app_lookup'",
    )
    .await;
}

#[tokio::test]
async fn keys_stay_inside_the_tenant_and_have_an_index() {
    let test = TestDb::new().await;
    none(&test, "a key to a tenant's row names the tenant too", KEYS).await;
    let before = index_count(&test).await;
    test.execute("call ops.index_fks()").await;
    assert_eq!(index_count(&test).await, before, "each key was given its index by its own migration");
    none(
        &test,
        "a column that ends in _id is a key, or listed as a soft reference",
        "select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and a.atttypid = 'uuid'::regtype and a.attname like '%\\_id'
           and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey))
           and (c.relname || '.' || a.attname) not in ('audit_events.chain_id', 'audit_events.agency_id', 'audit_events.sub_account_id', 'audit_events.actor_id',
             'audit_events.impersonation_id', 'audit_links.chain_id', 'audit_links.event_id', 'audit_checkpoints.chain_id', 'audit_pending.chain_id', 'audit_pending.event_id', 'audit_cuts.chain_id', 'one_time_tokens.subject_id',
             'oauth_states.agency_id', 'oauth_states.sub_account_id', 'oauth_states.integration_id', 'api_calls.sub_account_id', 'api_calls.integration_id',
             'api_calls.job_id', 'api_calls.trace_id', 'webhook_deliveries.event_id', 'inbound_keys.event_id', 'inbound_items.event_id',
             'inbound_items.integration_id', 'inbound_items.conversation_id', 'inbound_items.message_id', 'tool_policies.token_id', 'tool_budgets.token_id',
             'tool_days.token_id', 'tool_approvals.token_id', 'tool_approvals.call_id', 'tool_calls.token_id', 'tool_calls.approval_id') and c.relname not in ('work_ready', 'work_scheduled', 'work_leases', 'work_dead', 'outbox_events')",
    )
    .await;
}

async fn index_count(test: &TestDb) -> i64 {
    sqlx::query_scalar("select count(*) from pg_indexes where schemaname = 'public'")
        .fetch_one(test.superuser())
        .await
        .unwrap()
}

#[tokio::test]
async fn every_table_knows_when() {
    let test = TestDb::new().await;
    none(
        &test,
        "both timestamps and the trigger",
        "select c.relname::text from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> '_sqlx_migrations' and not (
           (select count(*) = 2 from pg_attribute a where a.attrelid = c.oid and a.attname in ('created_at', 'updated_at') and a.atttypid = 'timestamptz'::regtype and a.attnotnull)
           and exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'set_updated_at'))",
    )
    .await;
    none(
        &test,
        "no time without a zone and no text without a limit on what people type",
        "select table_name || '.' || column_name from information_schema.columns where table_schema = 'public' and table_name <> '_sqlx_migrations'
         and data_type in ('timestamp without time zone', 'character varying', 'character')",
    )
    .await;
}

#[tokio::test]
async fn the_built_in_roles_are_those_of_the_policy() {
    use domain::identity::Role;
    use domain::permission::{Right, allows};
    let test = TestDb::new().await;
    let rows: Vec<(String, String)> = sqlx::query_as(
        "select r.key, p.key from role_permissions rp join roles r on r.id = rp.role_id join permissions p on p.id = rp.permission_id where r.is_builtin",
    )
    .fetch_all(test.superuser())
    .await
    .unwrap();
    let keys: Vec<String> =
        sqlx::query_scalar("select key from permissions").fetch_all(test.superuser()).await.unwrap();
    assert_eq!(keys.len(), Right::ALL.len());
    for role in Role::ALL {
        for right in Right::ALL {
            let stored = rows.iter().any(|(r, p)| r == role.key() && *p == right.key());
            assert_eq!(stored, allows(role, right), "{role:?} {right:?}");
        }
    }
}

#[tokio::test]
async fn a_job_may_change_as_the_type_says() {
    use domain::provisioning::JOB_TRANSITIONS;
    let test = TestDb::new().await;
    let mut rows: Vec<(String, String)> =
        sqlx::query_as("select from_status::text, to_status::text from job_transitions")
            .fetch_all(test.superuser())
            .await
            .unwrap();
    let mut pairs: Vec<_> =
        JOB_TRANSITIONS.iter().map(|(from, to)| (from.key().to_owned(), to.key().to_owned())).collect();
    rows.sort();
    pairs.sort();
    assert_eq!(rows, pairs);
}
