//! Which message templates does a WhatsApp account have? They are kept as the platform lists them; what it no longer lists
//! is forgotten.

use domain::messaging::template::Template;
use domain::work::Kind;
use domain::{ChannelId, IntegrationId};
use serde_json::Value;
use uuid::Uuid;

use super::outgoing::business;
use super::trimmed::{storable, trimmed};
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// A template as the platform lists it.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The platform's id.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// Its category.
    pub category: String,
    /// Its status.
    pub status: String,
    /// Its parts.
    pub components: Value,
}

/// Asks a worker to read the templates of a number's account anew.
pub async fn request(tx: &mut TenantTx, integration: IntegrationId) -> Result<()> {
    let work = Work::new(Kind::SyncTemplates).subject(integration.0).once(format!("templates:{integration}"));
    queue::add_at_once(tx, &work).await
}

/// Replaces what is known of the templates of an account with the platform's whole list. Those that stay keep their row.
/// One without a name, language, category or status cannot be sent and is left out.
pub async fn replace(tx: &mut TenantTx, waba: &str, listed: &[Listed]) -> Result<()> {
    let business = business(tx)?;
    for one in listed {
        let (name, language) = (trimmed(&one.name, 512), trimmed(&one.language, 16));
        let (category, status) = (trimmed(&one.category, 24), trimmed(&one.status, 24));
        if [&name, &language, &category, &status].iter().any(|word| word.is_empty()) {
            continue;
        }
        sqlx::query!(
            "insert into message_templates (sub_account_id, waba_id, external_id, name, language, category, status, components, synced_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, now())
             on conflict (sub_account_id, waba_id, name, language) do update set external_id = excluded.external_id, category = excluded.category, status = excluded.status,
               components = excluded.components, synced_at = excluded.synced_at",
            business.0,
            waba,
            trimmed(&one.external_id, 64),
            name,
            language,
            category,
            status,
            storable(&one.components)
        )
        .execute(tx.conn())
        .await?;
    }
    sqlx::query!(
        "delete from message_templates where sub_account_id = $1 and waba_id = $2 and synced_at < now()",
        business.0,
        waba
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

struct Row {
    id: Uuid,
    name: String,
    language: String,
    category: String,
    status: String,
    components: Value,
}

impl From<Row> for Template {
    fn from(row: Row) -> Self {
        let Row { id, name, language, category, status, components } = row;
        Self { id, name, language, category, status, components }
    }
}

/// The templates that may be sent on a channel, by name and language.
pub async fn approved(tx: &mut TenantTx, channel: ChannelId) -> Result<Vec<Template>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Row,
        "select t.id, t.name, t.language, t.category, t.status, t.components from message_templates t
         where t.sub_account_id = $1 and upper(t.status) = 'APPROVED' and t.waba_id = (select i.waba_id from channels h
           join integrations i on i.sub_account_id = h.sub_account_id and i.id = h.integration_id where h.sub_account_id = $1 and h.id = $2)
         order by t.name, t.language limit 500",
        business.0,
        channel.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(Template::from).collect())
}

/// One template of a channel, whatever its status.
pub async fn get(tx: &mut TenantTx, channel: ChannelId, id: Uuid) -> Result<Template> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        Row,
        "select t.id, t.name, t.language, t.category, t.status, t.components from message_templates t
         where t.sub_account_id = $1 and t.id = $3 and t.waba_id = (select i.waba_id from channels h
           join integrations i on i.sub_account_id = h.sub_account_id and i.id = h.integration_id where h.sub_account_id = $1 and h.id = $2)",
        business.0,
        channel.0,
        id
    );
    Ok(row.fetch_one(tx.conn()).await?.into())
}
