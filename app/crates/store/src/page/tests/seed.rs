//! Rows of every list: names and times that several rows share, and fields without a value.

use domain::AgencyId;
use domain::identity::Role;

use crate::fixtures::person;
use crate::testing::TestDb;
use crate::{Db, DbRole, PlatformTx, TenantTx};

/// Number of rows of the agency that is read.
pub const ROWS: i32 = 200;

/// Two agencies with rows in every list.
pub struct World {
    pub test: TestDb,
    pub mine: AgencyId,
    db: Db,
    user: domain::UserId,
}

impl World {
    pub async fn new() -> Self {
        let test = TestDb::new().await;
        let (mine, other) = (test.agency().await, test.agency().await);
        let user = test.person(Role::AgencyOwner, Some(mine), None).await;
        let db = test.db(DbRole::Web).await;
        let world = Self { test, mine, db, user };
        for (table, _) in SEEDS {
            world.seed(table, mine, ROWS, 0).await;
        }
        for (table, _) in SEEDS.iter().filter(|(table, _)| !["agencies", "users"].contains(table)) {
            world.seed(table, other, 40, 10_000).await;
        }
        let of_mine =
            sqlx::query("update provisioning_jobs set requested_by = $1 where number % 3 = 0 and agency_id = $2");
        of_mine.bind(user.0).bind(mine.0).execute(world.test.superuser()).await.expect("jobs of a person");
        world.test.execute(STATES).await;
        world.test.execute("analyze").await;
        world
    }

    /// Adds rows to a table. Their numbers begin after `after`, and no two rows have the same number.
    pub async fn seed(&self, table: &str, agency: AgencyId, rows: i32, after: i32) {
        let (_, sql) = SEEDS.iter().find(|(one, _)| *one == table).expect("a table of the seeds");
        let seeded = sqlx::query(*sql).bind(agency.0).bind(rows).bind(after).execute(self.test.superuser()).await;
        assert_eq!(seeded.expect("seeds").rows_affected(), u64::try_from(rows).expect("a number"), "{table}");
    }

    pub async fn tenant(&self) -> TenantTx {
        TenantTx::begin(&self.db, person(self.mine, self.user)).await.expect("begins")
    }

    pub async fn platform(&self) -> PlatformTx {
        PlatformTx::begin(&self.db, None).await.expect("begins")
    }
}

/// The tables, in an order in which each finds the rows that it refers to. `$1` is the agency, `$2` the number of rows,
/// `$3` the number after which theirs begin.
const SEEDS: [(&str, &str); 15] = [
    (
        "agencies",
        "insert into agencies (name, slug, status, ghl_agency_id, created_at, deleted_at)
         select (array['Alpha', 'alpha', 'Bravo', 'Éclair', '50% off'])[1 + n % 5] || case when n % 3 > 0 then ' ' || n / 20 else '' end, 'a-' || n,
                (array['active', 'paused'])[1 + n % 2], case when n % 2 = 0 then 'C' || n end, now() - make_interval(hours => n / 10),
                case when n % 20 = 0 then now() end
         from generate_series($3 + 1, $3 + $2) n",
    ),
    (
        "users",
        "insert into users (email, name, platform_role, created_at, last_seen_at, disabled_at, mfa_enrolled_at)
         select 'p' || n || '@x.test', (array['Ann', 'ann', 'Bea', ''])[1 + n % 4], case when n % 10 = 0 then 'support' end, now() - make_interval(hours => n / 10),
                case when n % 3 > 0 then now() - make_interval(hours => n % 7) end, case when n % 9 = 0 then now() end, case when n % 2 = 0 then now() end
         from generate_series($3 + 1, $3 + $2) n",
    ),
    (
        "sub_accounts",
        "insert into sub_accounts (agency_id, name, slug, status, email, phone, city, country, ghl_location_id, created_at, deleted_at)
         select $1, (array['Alpha', 'alpha', 'Bravo', 'Éclair', '50% off'])[1 + n % 5] || case when n % 3 > 0 then ' ' || n / 20 else '' end, 'b-' || n,
                (array['trial', 'active', 'paused'])[1 + n % 3], case when n % 4 > 0 then 'b' || n || '@x.test' end, case when n % 5 > 0 then '+1305' || 5550000 + n end,
                (array['Miami', 'Tampa', null])[1 + n % 3], case when n % 7 > 0 then 'US' end, case when n % 2 = 0 then 'L' || n end,
                now() - make_interval(hours => n / 10), case when n % 20 = 0 then now() end
         from generate_series($3 + 1, $3 + $2) n",
    ),
    (
        "ghl_locations",
        "insert into ghl_locations (agency_id, ghl_location_id, name, email, city, state, country, added_at, import_state, created_at)
         select $1, 'L' || n, (array['Alpha', 'alpha', 'Bravo', 'Éclair'])[1 + n % 4] || case when n % 3 > 0 then ' ' || n / 20 else '' end,
                case when n % 4 > 0 then 'l' || n || '@x.test' end, (array['Miami', 'Tampa', null])[1 + n % 3], case when n % 5 > 0 then 'FL' end,
                case when n % 7 > 0 then 'US' end, case when n % 6 > 0 then now() - make_interval(hours => n) end, (array['waiting', 'failed', null])[1 + n % 3],
                now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n",
    ),
    (
        "snapshots",
        "insert into snapshots (agency_id, ghl_snapshot_id, name, niche, description, is_active, kind, last_seen_at, created_at)
         select $1, 's' || n, (array['Dental', 'dental', 'Yoga'])[1 + n % 3], (array['Teeth', 'Fitness', null])[1 + n % 3], case when n % 4 > 0 then 'Recall ' || n / 50 end,
                n % 5 > 0, case when n % 2 = 0 then 'own' end, case when n % 6 > 0 then now() - make_interval(hours => n) end, now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n",
    ),
    (
        "integrations",
        "insert into integrations (agency_id, sub_account_id, type, is_active, platform_id, platform_name, parent_platform_id, scopes_missing, connected_at, last_event_at,
                needs_reauth_at, disconnected_at, created_at)
         select $1, case when n % 2 = 0 then b.id end, 'GOHIGHLEVEL', n % 8 > 0, 'L' || n, case when n % 3 > 0 then 'Place ' || n / 50 end, 'C1',
                (array['{}', '{contacts.write}', '{contacts.write,users.write}'])[1 + n % 3]::text[], case when n % 4 > 0 then now() - make_interval(hours => n % 50) end,
                case when n % 5 > 0 then now() - make_interval(hours => n % 50) end, case when n % 6 = 0 then now() end, case when n % 8 = 0 then now() end,
                now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true",
    ),
    (
        "provisioning_jobs",
        "insert into provisioning_jobs (agency_id, client_data_json, snapshot_id, location_id, retry_count, created_at)
         select $1, case when n % 25 = 0 then '{}' else jsonb_build_object('name', (array['Ada', 'ada', 'Bea', 'Éclair'])[1 + n % 4], 'email', 'j' || n || '@x.test',
                  'city', (array['Miami', 'Tampa', ''])[1 + n % 3]) end, case when n % 2 = 0 then s.id end, case when n % 4 = 0 then 'L' || n end, n % 4,
                now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from snapshots where agency_id = $1 order by ghl_snapshot_id limit 1 offset n % 5) s on true",
    ),
    (
        "todos",
        "insert into todos (agency_id, sub_account_id, job_id, kind, key, client_name, what, why, assigned_to, done_at, created_at)
         select $1, case when n % 4 > 0 then b.id end, case when n % 3 > 0 then j.id end, (array['publish_workflows', 'delete_location', 'other'])[1 + n % 3], 'k' || n, 'Client ' || n / 50,
                (array['Publish', 'publish them', 'Delete'])[1 + n % 3], '', case when n % 2 = 0 then u.id end, case when n % 7 = 0 then now() end, now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true
         join lateral (select id from provisioning_jobs where agency_id = $1 order by number limit 1 offset n % 20) j on true
         join lateral (select id from users order by email limit 1 offset n % 5) u on true",
    ),
    (
        "notifications",
        "insert into notifications (agency_id, user_id, sub_account_id, kind, event_key, subject, title, channel, read_at, created_at)
         select $1, coalesce((select user_id from user_agency_memberships where agency_id = $1 limit 1), (select id from users order by email limit 1)),
                case when n % 3 > 0 then b.id end, (array['job.failed', 'job.finished', 'connection.lost'])[1 + n % 3], 'e' || n, gen_random_uuid(), 'Client ' || n / 50,
                (array['app', 'digest', 'mail'])[1 + n % 3], case when n % 4 > 0 then now() end, now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true",
    ),
    (
        "conversations",
        "with b as (select id, row_number() over (order by slug) as place from sub_accounts where agency_id = $1 and deleted_at is null order by slug limit 10),
              h as (insert into channels (sub_account_id, agency_id, type, external_id, name) select b.id, $1, 'WHATSAPP', 'n' || $3, 'Desk' from b returning id, sub_account_id),
              p as (insert into contacts (sub_account_id, name) select b.id, (array['Ann', 'ann', 'Bea', 'Éclair'])[1 + n % 4] || case when n % 3 > 0 then ' ' || n / 20 else '' end
                    from generate_series($3 + 1, $3 + $2) n join b on b.place = 1 + n % (select count(*) from b) returning id, sub_account_id, name),
              o as (select p.*, row_number() over (order by p.id) as n from p)
         insert into conversations (sub_account_id, agency_id, channel_id, contact_id, type, contact_name, status, assigned_to, last_message_at, last_preview, unread, waiting_since,
                window_closes_at, external_address)
         select o.sub_account_id, $1, h.id, o.id, 'WHATSAPP', o.name, case when o.n % 40 = 0 then 'closed' else 'open' end, case when o.n % 3 = 0 then (select id from users order by email limit 1) end,
                now() - make_interval(hours => (o.n / 10)::int), 'Hello', o.n % 3, case when o.n % 2 = 0 then now() - make_interval(hours => (o.n % 7)::int) end,
                case when o.n % 5 > 0 then now() + make_interval(hours => (o.n % 9)::int) end, '1305' || 5550000 + o.n
         from o join h on h.sub_account_id = o.sub_account_id",
    ),
    (
        "audit_events",
        "insert into audit_events (agency_id, sub_account_id, actor_kind, actor_id, action, object_type, object_id, result, created_at, chain_id, content_hash)
         select $1, case when n % 3 = 0 then b.id end, (array['person', 'system', 'token'])[1 + n % 3], case when n % 3 < 2 then gen_random_uuid() end,
                (array['job.started', 'agency.renamed'])[1 + n % 2], (array['job', 'agency', 'person'])[1 + n % 3], case when n % 2 = 0 then gen_random_uuid()::text end,
                (array['ok', 'denied', 'failed'])[1 + n % 3], now() - make_interval(hours => n / 10), '00000000-0000-0000-0000-000000000000', ''
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true",
    ),
    (
        "api_calls",
        "insert into api_calls (agency_id, sub_account_id, provider, method, endpoint, status, outcome, ms, created_at)
         select $1, case when n % 2 = 0 then b.id end, 'ghl', (array['GET', 'POST'])[1 + n % 2], (array['/locations/', '/users/'])[1 + n % 2], (array[200, 429, null])[1 + n % 3],
                (array['ok', 'limited', 'unclear'])[1 + n % 3], n % 17, now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true",
    ),
    (
        "webhook_deliveries",
        "with e as (insert into webhook_endpoints (agency_id, format, url, events, sealed_secret, key_id)
           values ($1, 'json', 'https://example.com/x', '{job.failed}', '', 1) returning id)
         insert into webhook_deliveries (agency_id, endpoint_id, event_id, event, body, state, attempts, status, finished_at, created_at)
         select $1, e.id, gen_random_uuid(), (array['job.failed', 'job.finished', 'test'])[1 + n % 3], '{}', (array['waiting', 'delivered', 'failed'])[1 + n % 3], n % 5,
                (array[200, 500, null])[1 + n % 3], case when n % 3 > 0 then now() end, now() - make_interval(hours => n / 10)
         from e, generate_series($3 + 1, $3 + $2) n",
    ),
    (
        "inbound_items",
        "insert into inbound_items (event_id, position, provider, kind, account, key, agency_id, sub_account_id, outcome, created_at)
         select gen_random_uuid(), 0, 'meta', (array['message', 'status', 'reaction'])[1 + n % 3], (array['Line 1', 'line 1', '50% off'])[1 + n % 3], 'k' || n, $1, b.id,
                (array['processed', 'quarantined', 'duplicate'])[1 + n % 3], now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true",
    ),
    (
        "phone_routing",
        "insert into phone_routing (agency_id, sub_account_id, phone_number, is_active, label, created_at)
         select $1, b.id, '+1' || 3050000000 + n, n % 3 > 0, (array['Main', 'main line', null])[1 + n % 3], now() - make_interval(hours => n / 10)
         from generate_series($3 + 1, $3 + $2) n join lateral (select id from sub_accounts where agency_id = $1 order by slug limit 1 offset n % 30) b on true",
    ),
];

/// Puts jobs into states that several of them share.
const STATES: &str = "
  update provisioning_jobs set status = 'IN_PROGRESS' where number % 8 > 1;
  update provisioning_jobs set status = 'COMPLETED', finished_at = now() where number % 8 in (2, 3, 4);
  update provisioning_jobs set status = 'FAILED', finished_at = now() - interval '1 hour' where number % 8 = 5;
  update provisioning_jobs set status = 'AWAITING_INPUT', question_json = '{}' where number % 8 = 6";
