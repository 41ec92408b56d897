//! Stores every call to a provider, for the latency page and a job's Calls tab. Calls are written in batches after they
//! end.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::identity::Reach;
use domain::integration::{Call, RecentCalls};
use domain::page::{ListQuery, Page};
use domain::work::Provider;
use domain::{AgencyId, BusinessId, IntegrationId, JobId};
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, OtherView, Search, View, Within};
use crate::{Db, Result, Scope, TenantTx, new_id};

/// A finished call.
#[derive(Clone, Debug)]
pub struct NewCall {
    /// When the call began.
    pub at: DateTime<Utc>,
    /// The agency that the call was made for.
    pub agency: AgencyId,
    /// The business that the call was made for, if any.
    pub business: Option<BusinessId>,
    /// The integration that the call used.
    pub integration: Option<IntegrationId>,
    /// The job that the call was made for, if any.
    pub job: Option<JobId>,
    /// The provider that was called.
    pub provider: String,
    /// HTTP method.
    pub method: String,
    /// Route without ids.
    pub endpoint: String,
    /// HTTP status. `None` when no answer came.
    pub status: Option<i32>,
    /// What the answer meant for us, for example `failed` or `held`.
    pub outcome: String,
    /// Duration in milliseconds.
    pub ms: i32,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// Calls left in the rate limit's window, as the provider reported it.
    pub quota_left: Option<i32>,
    /// Trace id, which the calls of one operation share.
    pub trace: Option<Uuid>,
}

/// Stores calls, in one short transaction per tenant.
pub async fn add_many(db: &Db, calls: &[NewCall]) -> Result<()> {
    let mut tenants: BTreeMap<(AgencyId, Option<BusinessId>), Vec<&NewCall>> = BTreeMap::new();
    for call in calls {
        tenants.entry((call.agency, call.business)).or_default().push(call);
    }
    for ((agency, business), calls) in tenants {
        let mut tx = TenantTx::begin(db, scope(agency, business)).await?;
        for call in calls {
            insert(&mut tx, call).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn scope(agency: AgencyId, business: Option<BusinessId>) -> Scope {
    let (user, reach, listed) = (None, Reach::Listed, Vec::new());
    match business {
        Some(business) => Scope::AgencyBusiness { user, agency, business, reach, listed },
        None => Scope::Agency { user, agency, reach, listed },
    }
}

async fn insert(tx: &mut TenantTx, call: &NewCall) -> Result<()> {
    let clip = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    sqlx::query!(
        "insert into api_calls (id, created_at, agency_id, sub_account_id, integration_id, job_id, provider, method, endpoint, status, outcome, ms, request_id, quota_left, trace_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        new_id::<Uuid>(),
        call.at,
        call.agency.0,
        call.business.map(|id| id.0),
        call.integration.map(|id| id.0),
        call.job.map(|id| id.0),
        clip(&call.provider, 16),
        clip(&call.method, 8),
        clip(&call.endpoint, 200),
        call.status,
        clip(&call.outcome, 24),
        call.ms,
        call.request_id.as_deref().map(|id| clip(id, 128)),
        call.quota_left,
        call.trace
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts the agency's calls of the last 30 seconds to one provider: how many were sent, failed or were held back.
pub async fn lately(tx: &mut TenantTx, provider: Provider) -> Result<RecentCalls> {
    let row = sqlx::query_as!(
        RecentCalls,
        r#"select count(*) filter (where outcome in ('failed', 'unclear', 'not_sent')) as "failed!", count(*) filter (where outcome = 'held') as "held!",
                  count(*) filter (where outcome not in ('held', 'no_slot', 'abandoned')) as "calls!"
           from api_calls where agency_id = $1 and created_at > now() - interval '30 seconds' and provider = $2"#,
        tx.agency()?.0,
        provider.key()
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

/// An agency's calls to providers, newest first.
pub static LIST: List = List {
    key: "calls",
    from: "api_calls c",
    id: "c.id",
    agency: Some("c.agency_id"),
    views: &[View::new("", "")],
    other_view: OtherView::Text { prefix: "", column: "c.outcome" },
    search: Search::new("c.endpoint"),
    filters: &[
        Filter::new("provider", "c.provider", Kind::Text),
        Filter::new("status", "c.status", Kind::Number),
        Filter::new("ms", "c.ms", Kind::Number),
        Filter::new("client", "c.sub_account_id", Kind::Id),
        Filter::new("created", "c.created_at", Kind::Time),
    ],
    keys: &[Key::time("created", "c.created_at")],
    orders: &["-created"],
    ..List::EMPTY
};

/// A page of the calls that this scope may see, newest first. `view` is an outcome; `q` is part of an endpoint.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Call>> {
    let (agency, within) = (tx.agency()?, Within::of(tx));
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = sqlx::query!(
        "select id, created_at, provider, method, endpoint, status, outcome, ms, request_id, quota_left from api_calls
         where agency_id = $1 and id = any ($2)",
        agency.0,
        &found.ids
    )
    .fetch_all(tx.conn())
    .await?;
    let Page { rows, next, total } = found.page(rows, |row| row.id);
    let calls = rows.into_iter().map(|row| Call {
        at: row.created_at,
        provider: row.provider,
        method: row.method,
        endpoint: row.endpoint,
        status: row.status,
        outcome: row.outcome,
        ms: row.ms,
        request_id: row.request_id,
        quota_left: row.quota_left,
    });
    Ok(Page { rows: calls.collect(), next, total })
}
