//! Which message templates does a WhatsApp account have? They are kept as the platform lists them; what it no longer lists
//! is forgotten.

use std::collections::BTreeMap;

use domain::messaging::template::{Template, TemplateName};
use domain::work::Kind;
use domain::{BusinessId, ChannelId, IntegrationId};
use serde_json::Value;
use uuid::Uuid;

use super::outgoing::business;
use super::trimmed::{storable, trimmed};
use crate::queue::{self, Work};
use crate::{Result, TenantTx};

/// The most templates that are stored in one statement.
const PIECE: usize = 500;

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
/// One without a name, language, category or status cannot be sent and is left out. Of two with the same name and language
/// the last one counts.
pub async fn replace(tx: &mut TenantTx, waba: &str, listed: &[Listed]) -> Result<()> {
    let business = business(tx)?;
    let named = listed.iter().filter_map(fit).map(|one| ((one.name.clone(), one.language.clone()), one));
    // In the order of their names, so that two that write at once do not wait for each other.
    let all: Vec<Listed> = named.collect::<BTreeMap<_, _>>().into_values().collect();
    for piece in all.chunks(PIECE) {
        store(tx, business, waba, piece).await?;
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

/// A template as it is kept. `None` if it cannot be sent.
fn fit(listed: &Listed) -> Option<Listed> {
    let one = Listed {
        external_id: trimmed(&listed.external_id, 64),
        name: trimmed(&listed.name, 512),
        language: trimmed(&listed.language, 16),
        category: trimmed(&listed.category, 24),
        status: trimmed(&listed.status, 24),
        components: storable(&listed.components),
    };
    let words = [&one.name, &one.language, &one.category, &one.status];
    words.iter().all(|word| !word.is_empty()).then_some(one)
}

/// One word of each template.
fn words(all: &[Listed], word: fn(&Listed) -> &String) -> Vec<String> {
    all.iter().map(|one| word(one).clone()).collect()
}

/// Stores templates in one statement. None of them has the name and language of another.
async fn store(tx: &mut TenantTx, business: BusinessId, waba: &str, all: &[Listed]) -> Result<()> {
    let components: Vec<Value> = all.iter().map(|one| one.components.clone()).collect();
    sqlx::query!(
        "insert into message_templates (sub_account_id, waba_id, external_id, name, language, category, status, components, synced_at)
         select $1, $2, t.external_id, t.name, t.language, t.category, t.status, t.components, now()
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[]) as t (external_id, name, language, category, status, components)
         on conflict (sub_account_id, waba_id, name, language) do update set external_id = excluded.external_id, category = excluded.category, status = excluded.status,
           components = excluded.components, synced_at = excluded.synced_at",
        business.0,
        waba,
        &words(all, |one| &one.external_id),
        &words(all, |one| &one.name),
        &words(all, |one| &one.language),
        &words(all, |one| &one.category),
        &words(all, |one| &one.status),
        &components
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

/// The templates that may be sent on a channel, by name and language. What one says is read when it is chosen ([`get`]).
pub async fn approved(tx: &mut TenantTx, channel: ChannelId) -> Result<Vec<TemplateName>> {
    let business = business(tx)?;
    let names = sqlx::query_as!(
        TemplateName,
        "select t.id, t.name, t.language, t.category from message_templates t
         where t.sub_account_id = $1 and upper(t.status) = 'APPROVED' and t.waba_id = (select i.waba_id from channels h
           join integrations i on i.sub_account_id = h.sub_account_id and i.id = h.integration_id where h.sub_account_id = $1 and h.id = $2)
         order by t.name, t.language limit 500",
        business.0,
        channel.0
    );
    Ok(names.fetch_all(tx.conn()).await?)
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
