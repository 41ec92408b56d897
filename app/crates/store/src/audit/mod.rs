//! The audit log: who did what to which object. A row is written in the transaction of the act, so neither exists
//! without the other. Rows are only added; `verify` detects changes made outside the product, and `cut` removes rows
//! older than 400 days.

mod cut;
mod hash;
mod list;
mod sampled;
mod seal;
mod verify;
mod walk;

use domain::audit::{Actor, Outcome};
use domain::{AgencyId, BusinessId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

pub use self::cut::{AGE, cut};
pub use self::list::{LIST, list, list_platform};
pub(crate) use self::sampled::entered;
pub use self::sampled::{denied, looked, note, refused};
pub use self::seal::{Head, checkpoint, link_pending, seal_while};
pub use self::verify::{verify, verify_with};

use crate::{DbRole, PlatformTx, Result, TenantTx};

/// Something that a person or process did. The actor comes from the transaction, unless `by` sets another one.
#[derive(Clone, Debug)]
pub struct Act {
    action: &'static str,
    object_type: &'static str,
    object: Option<String>,
    result: Outcome,
    reason: Option<String>,
    payload: Value,
    actor: Option<(Actor, Option<Uuid>)>,
}

impl Act {
    /// Creates an act from its action (`thing.verb`) and the type of the object.
    #[must_use]
    pub fn new(action: &'static str, object_type: &'static str) -> Self {
        let payload = Value::Object(serde_json::Map::new());
        Self { action, object_type, object: None, result: Outcome::Ok, reason: None, payload, actor: None }
    }

    /// Sets the id of the object.
    #[must_use]
    pub fn object(mut self, id: impl ToString) -> Self {
        self.object = Some(id.to_string().chars().take(64).collect());
        self
    }

    /// Sets further facts. They must never contain a secret.
    #[must_use]
    pub fn payload(mut self, payload: Value) -> Self {
        self.payload = payload;
        self
    }

    /// Sets the result and the reason for it, for example when the act failed.
    #[must_use]
    pub fn ended(mut self, result: Outcome, reason: &str) -> Self {
        self.result = result;
        self.reason = Some(reason.chars().take(1000).collect());
        self
    }

    /// Sets the actor, when it is not the person of the transaction.
    #[must_use]
    pub const fn by(mut self, actor: Actor, id: Option<Uuid>) -> Self {
        self.actor = Some((actor, id));
        self
    }
}

/// Context of a request. Every audit row that is written during the request carries it.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Id of the request in the log.
    pub request_id: Option<String>,
    /// IP address that the request came from.
    pub ip: Option<std::net::IpAddr>,
    /// First digits of the session's hash.
    pub session_ref: Option<String>,
    /// Id of the bearer token that made the request, when no person made it.
    pub token: Option<Uuid>,
}

tokio::task_local! {
    static CONTEXT: Context;
}

/// Runs a request inside its context. A task spawned from within starts without one.
pub async fn within<F: Future>(context: Context, request: F) -> F::Output {
    CONTEXT.scope(context, request).await
}

/// The context of the current request, to be passed to a task that runs beside it. Empty outside of a request.
#[must_use]
pub fn current() -> Context {
    CONTEXT.try_with(Clone::clone).unwrap_or_default()
}

/// Writes the audit row of an act, in the transaction of the act.
pub async fn record(tx: &mut TenantTx, act: Act) -> Result<()> {
    let actor = act.actor.unwrap_or_else(|| match (tx.user(), current().token, tx.role()) {
        // A tool acts with the rights of whoever made its token; that person did nothing.
        (_, Some(token), _) => (Actor::Token, Some(token)),
        (Some(user), None, _) => (Actor::Person, Some(user.0)),
        (None, None, DbRole::Worker) => (Actor::Worker, None),
        (None, None, DbRole::Web) => (Actor::System, None),
    });
    let place = (tx.home().await?, tx.business());
    insert(tx.conn(), place, actor, act).await
}

/// Writes the audit row under platform scope, about one agency or none.
pub async fn record_platform(tx: &mut PlatformTx, agency: Option<AgencyId>, act: Act) -> Result<()> {
    let actor = act.actor.unwrap_or_else(|| match tx.user() {
        Some(user) => (Actor::Person, Some(user.0)),
        None => (Actor::System, None),
    });
    insert(tx.conn(), (agency, None), actor, act).await
}

async fn insert(
    conn: &mut PgConnection,
    (agency, business): (Option<AgencyId>, Option<BusinessId>),
    (actor, actor_id): (Actor, Option<Uuid>),
    act: Act,
) -> Result<()> {
    let context = current();
    sqlx::query!(
        "insert into audit_events (id, agency_id, sub_account_id, actor_kind, actor_id, action, object_type, object_id, result, reason, payload, request_id, ip, session_ref, chain_id, content_hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13::text::inet, $14, '00000000-0000-0000-0000-000000000000', '')",
        crate::new_id::<Uuid>(),
        agency.map(|id| id.0),
        business.map(|id| id.0),
        actor.key(),
        actor_id,
        act.action,
        act.object_type,
        act.object,
        act.result.key(),
        act.reason,
        act.payload,
        context.request_id.map(|id| id.chars().take(64).collect::<String>()),
        context.ip.map(|ip| ip.to_string()),
        context.session_ref.map(|reference| reference.chars().take(16).collect::<String>()),
    )
    .execute(conn)
    .await?;
    Ok(())
}
