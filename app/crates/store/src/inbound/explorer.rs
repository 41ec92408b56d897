//! What came in, newest first: the lists of an agency and of the platform, one item, and what a replay of it would do.
//! Of what an item says, only the shape is read.

use domain::messaging::received::{self, Forecast, MOST_SEARCHED, PutAside, Received};
use domain::page::{ListQuery, Page};
use domain::{AgencyId, BusinessId, ConversationId, InboundEventId};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::page::{Filter, Key, Kind, List, OtherView, Search, View, Within};
use crate::{Error, PlatformTx, Result, TenantTx};

/// The most bodies that were put aside and are shown.
const MOST_BODIES: i64 = 50;

/// The items of a business, of an agency, or of all of them, newest first.
pub static LIST: List = List {
    key: "incoming_events",
    from: "inbound_items i",
    id: "i.id",
    agency: Some("i.agency_id"),
    business: Some("i.sub_account_id"),
    // Of all that came in, few items are in these views, and an index holds no others.
    views: &[
        View::new("", ""),
        View::new("quarantined", "i.outcome = 'quarantined'"),
        View::new("unroutable", "i.outcome = 'unroutable'"),
        View::new("waiting", "i.outcome = 'waiting'"),
    ],
    other_view: OtherView::Text { prefix: "", column: "i.outcome" },
    search: Search::new("i.account").whole(&["lower(i.key)"]).among_newest("i.created_at", MOST_SEARCHED),
    filters: &[
        Filter::new("kind", "i.kind", Kind::Text),
        Filter::new("provider", "i.provider", Kind::Text),
        Filter::new("client", "i.sub_account_id", Kind::Id),
        Filter::new("agency", "i.agency_id", Kind::Id),
        Filter::new("created", "i.created_at", Kind::Time),
    ],
    keys: &[Key::time("created", "i.created_at")],
    orders: &["-created"],
    ..List::EMPTY
};

/// A page of the items that this scope may see, newest first. `view` is an outcome; `q` is part of an account's id, or a
/// whole key, and looks through the newest [`MOST_SEARCHED`] of what the view and the filters leave.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<Received>> {
    let within = Within::of(tx);
    read(tx.conn(), within, query).await
}

/// A page of the items of all agencies, and of those that belong to none.
pub async fn list_platform(tx: &mut PlatformTx, query: &ListQuery) -> Result<Page<Received>> {
    read(tx.conn(), Within::platform(None), query).await
}

async fn read(conn: &mut PgConnection, within: Within, query: &ListQuery) -> Result<Page<Received>> {
    let found = LIST.find(conn, within, query).await?;
    let rows = rows(conn, &found.ids).await?;
    Ok(found.page(rows, |row| row.id))
}

/// One item that this scope may see.
pub async fn get(tx: &mut TenantTx, id: Uuid) -> Result<Received> {
    rows(tx.conn(), &[id]).await?.pop().ok_or(Error::NotFound)
}

/// The shape of what an item says, as it was sent. `None` if nothing is kept of it.
pub async fn shape(tx: &mut TenantTx, id: Uuid) -> Result<Option<Value>> {
    let said = sqlx::query_scalar!("select payload from inbound_items where id = $1 and payload <> '{}'", id);
    let said = said.fetch_optional(tx.conn()).await?;
    Ok(said.map(|said| received::shape(said.get("raw").unwrap_or(&said))))
}

/// One item of any agency, or of none.
pub async fn get_platform(tx: &mut PlatformTx, id: Uuid) -> Result<Received> {
    rows(tx.conn(), &[id]).await?.pop().ok_or(Error::NotFound)
}

async fn rows(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Received>> {
    let rows = sqlx::query_as!(
        Received,
        r#"select i.id as "id!", i.event_id as "event!: InboundEventId", i.created_at as "at!", i.happened_at, i.provider as "provider!", i.kind as "kind!",
                  i.account as "account!", i.key as "key!", i.agency_id as "agency: AgencyId", a.name as "agency_name?",
                  i.sub_account_id as "business: BusinessId", b.name as "business_name?", i.outcome as "outcome!", i.attempts as "attempts!", i.error,
                  i.conversation_id as "conversation: ConversationId", i.processed_at
           from inbound_items i left join agencies a on a.id = i.agency_id left join sub_accounts b on b.id = i.sub_account_id
           where i.id = any ($1)"#,
        ids
    );
    Ok(rows.fetch_all(conn).await?)
}

/// The bodies that were put aside as a whole, newest first.
pub async fn put_aside(tx: &mut PlatformTx) -> Result<Vec<PutAside>> {
    let rows = sqlx::query_as!(
        PutAside,
        r#"select id as "id: InboundEventId", created_at as "at!", provider, attempts, error from inbound_events
           where state = 'quarantined' order by created_at desc, id desc limit $1"#,
        MOST_BODIES
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// What a replay of an item would do now. Nothing is changed.
pub async fn forecast(tx: &mut PlatformTx, item: &Received) -> Result<Forecast> {
    let is_done = sqlx::query_scalar!(
        r#"select exists (select from inbound_keys where provider = $1 and key = $2) as "done!""#,
        item.provider,
        item.key
    );
    if is_done.fetch_one(tx.conn()).await? {
        return Ok(Forecast::DoneBefore);
    }
    let name = sqlx::query_scalar!(
        r#"select coalesce(b.name, a.name) as "name!" from integrations i join agencies a on a.id = i.agency_id left join sub_accounts b on b.id = i.sub_account_id
         where (i.platform_id = $1 or i.waba_id = $1 and i.is_active)
           and case $2 when 'ghl' then i.type = 'GOHIGHLEVEL' else i.type in ('WHATSAPP', 'INSTAGRAM', 'FACEBOOK') and b.id is not null end
         order by i.is_active desc, i.connected_at desc nulls last limit 1"#,
        item.account,
        item.provider
    );
    Ok(name.fetch_optional(tx.conn()).await?.map_or(Forecast::NoAccount, Forecast::For))
}
