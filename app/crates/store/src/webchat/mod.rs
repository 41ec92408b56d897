//! Which business has a web chat, and where may it be shown? One row for each business, and its one inbox.

mod visitor;

use domain::messaging::Channel;
use domain::web_chat::{ACCOUNT, WebChat, is_key};
use domain::{AgencyId, BusinessId, ChannelId};
use serde_json::json;

pub use self::visitor::{Line, Thread, fetched, lines, set_email, thread};
use crate::messaging::outgoing::business;
use crate::messaging::trimmed::trimmed;
use crate::{Db, Error, Result, Scope, TenantTx, new_id, outbox};

/// The web chat that a visitor writes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The agency.
    pub agency: AgencyId,
    /// The business.
    pub business: BusinessId,
    /// The inbox.
    pub channel: ChannelId,
    /// The name of the business.
    pub name: String,
    /// The web sites that may show it.
    pub origins: Vec<String>,
    /// What visitors read first; empty for the usual words.
    pub greeting: String,
}

/// The web chat with this key. `None` if there is none, it is off, or its business is gone.
pub async fn find(db: &Db, key: &str) -> Result<Option<Place>> {
    if !is_key(key) {
        return Ok(None);
    }
    let mut tx = TenantTx::begin(db, Scope::Open).await?;
    let found = sqlx::query_as!(
        Place,
        r#"select agency_id as "agency!: AgencyId", sub_account_id as "business!: BusinessId", channel_id as "channel!: ChannelId",
                  name as "name!", origins as "origins!", greeting as "greeting!" from lookup.web_chat($1)"#,
        key
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(found)
}

/// The web chat of the business. `None` if it never had one.
pub async fn get(tx: &mut TenantTx) -> Result<Option<WebChat>> {
    let business = business(tx)?;
    let row = sqlx::query_as!(
        WebChat,
        r#"select key, channel_id as "channel: ChannelId", is_on, origins, greeting from web_chats where sub_account_id = $1"#,
        business.0
    );
    Ok(row.fetch_optional(tx.conn()).await?)
}

/// What a person of the business decides about its web chat. All fields are checked.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Whether it can be used.
    pub is_on: bool,
    /// The web sites that may show it, as origins.
    pub origins: &'a [String],
    /// What visitors read first.
    pub greeting: &'a str,
}

/// Stores the web chat of the business together with its inbox. One that is new gets a random key, and keeps it.
pub async fn save(tx: &mut TenantTx, change: &Change<'_>) -> Result<ChannelId> {
    let (business, agency) = (business(tx)?, tx.home().await?.ok_or(Error::NotFound)?);
    let channel = sqlx::query_scalar!(
        r#"insert into channels (id, sub_account_id, agency_id, type, external_id, name, display_address, is_active) values ($1, $2, $3, $4, $5, $6, $7, $8)
           on conflict (sub_account_id, type, external_id) do update set is_active = excluded.is_active, display_address = excluded.display_address
           returning id as "id: ChannelId""#,
        new_id::<ChannelId>().0,
        business.0,
        agency.0,
        Channel::Webchat as Channel,
        ACCOUNT,
        Channel::Webchat.name(),
        trimmed(change.origins.first().map_or("", String::as_str), 255),
        change.is_on
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!(
        "insert into web_chats (sub_account_id, channel_id, is_on, origins, greeting) values ($1, $2, $3, $4, $5)
         on conflict (sub_account_id) do update set channel_id = excluded.channel_id, is_on = excluded.is_on, origins = excluded.origins, greeting = excluded.greeting",
        business.0,
        channel.0,
        change.is_on,
        change.origins,
        change.greeting
    )
    .execute(tx.conn())
    .await?;
    outbox::add(tx, "channel.changed", Some(channel.0), &json!({})).await?;
    Ok(channel)
}
