//! One-time links with which whoever manages an outside account reconnects one channel without signing in. The table stores
//! only the SHA-256 of the secret, the channel, and the hash of the consent that the link began last.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::audit::Actor;
use domain::brand::Brand;
use domain::identity::Reach;
use domain::integration::Integration;
use domain::{AgencyId, BusinessId, IntegrationId, UserId};
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::oauth_states::NewState;
use crate::tenant::Settings;
use crate::{Db, Error, Result, Scope, TenantTx, found, integrations, new_id};

/// How many consents one link begins.
const MOST: i32 = 100;

/// A link that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalLink {
    id: Uuid,
    agency: AgencyId,
    business: BusinessId,
    by: Option<UserId>,
    /// The channel that it reconnects.
    pub integration: IntegrationId,
    /// When it expires.
    pub expires_at: DateTime<Utc>,
}

/// What a link that works leads to. Its holder is told nothing else of the business.
pub struct Asked {
    /// The agency of the business.
    pub brand: Brand,
    /// The name of the business.
    pub business: String,
    /// The channel.
    pub integration: Integration,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// Creates a link for a channel of the transaction's business and expires the channel's older link.
pub async fn offer(tx: &mut TenantTx, hash: [u8; 32], integration: IntegrationId, valid: Duration) -> Result<()> {
    let (agency, business, by) = (tx.agency()?, tx.business().ok_or(Error::NotFound)?, tx.user());
    expire(tx, integration).await?;
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, agency_id, sub_account_id, created_by, subject_id, expires_at)
         values ($1, $2, 'renewal', $3, $4, $5, $6, now() + make_interval(secs => $7))",
        new_id::<Uuid>(),
        &hash,
        agency.0,
        business.0,
        by.map(|id| id.0),
        integration.0,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("renewal_link.made", "integration").object(integration)).await
}

/// Ends the link of a channel. Returns `NotFound` if it has none that works.
pub async fn end(tx: &mut TenantTx, integration: IntegrationId) -> Result<()> {
    found(expire(tx, integration).await?)?;
    audit::record(tx, Act::new("renewal_link.ended", "integration").object(integration)).await
}

async fn expire(tx: &mut TenantTx, integration: IntegrationId) -> Result<u64> {
    let business = tx.business().ok_or(Error::NotFound)?;
    let done = sqlx::query!(
        "update one_time_tokens set expires_at = now() where sub_account_id = $1 and purpose = 'renewal' and subject_id = $2 and used_at is null and expires_at > now()",
        business.0,
        integration.0
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// The channels of the business that have a link which works, and when each expires.
pub async fn open_ones(tx: &mut TenantTx) -> Result<Vec<(IntegrationId, DateTime<Utc>)>> {
    let business = tx.business().ok_or(Error::NotFound)?;
    let rows = sqlx::query!(
        r#"select subject_id as "integration!: IntegrationId", expires_at from one_time_tokens
           where sub_account_id = $1 and purpose = 'renewal' and subject_id is not null and used_at is null and expires_at > now()
           order by expires_at desc limit 500"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.integration, row.expires_at)).collect())
}

/// What the link with this secret leads to. `None` if it does not work, or its business or agency is closed.
pub async fn find(db: &Db, hash: [u8; 32]) -> Result<Option<Asked>> {
    let Some(link) = presented(db, hash).await? else { return Ok(None) };
    let mut tx = inside(db, link.agency, link.business, None).await?;
    let Some(business) = open_business(&mut tx, link.agency, link.business).await? else { return Ok(None) };
    let integration = match integrations::get(&mut tx, link.integration).await {
        Err(Error::NotFound) => return Ok(None),
        known => known?,
    };
    let brand = crate::agencies::brand(&mut tx).await?;
    Ok(Some(Asked { brand, business, integration, expires_at: link.expires_at }))
}

/// The brand of the agency whose link this secret belongs to, whether the link works or not. `None` if nobody made such a
/// link, or its business or agency is closed.
pub async fn brand_of_link(db: &Db, hash: [u8; 32]) -> Result<Option<Brand>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let place = sqlx::query!(
        r#"select agency_id as "agency!: AgencyId", sub_account_id as "business!: BusinessId" from one_time_tokens
           where secret_hash = $1 and purpose = 'renewal' and agency_id is not null and sub_account_id is not null"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    drop(tx);
    match place {
        Some(place) => brand_of_place(db, place.agency, place.business).await,
        None => Ok(None),
    }
}

/// The brand of a business's agency. `None` if one of them is closed.
pub async fn brand_of_place(db: &Db, agency: AgencyId, business: BusinessId) -> Result<Option<Brand>> {
    let mut tx = inside(db, agency, business, None).await?;
    if open_business(&mut tx, agency, business).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(crate::agencies::brand(&mut tx).await?))
}

/// Begins a consent with the link of this secret, in the place of the one that it began before. `None` if the link does not
/// work any more, or began too many.
pub async fn begin_consent(db: &Db, hash: [u8; 32], new: &NewState) -> Result<Option<()>> {
    let Some(link) = presented(db, hash).await? else { return Ok(None) };
    let Some(by) = link.by else { return Ok(None) };
    let mut tx = inside(db, link.agency, link.business, Some(new.hash)).await?;
    let begun = sqlx::query!(
        "update one_time_tokens set payload = jsonb_build_object('state', $3::text, 'begun', coalesce((payload ->> 'begun')::int, 0) + 1)
         where sub_account_id = $1 and id = $2 and coalesce((payload ->> 'begun')::int, 0) < $4",
        link.business.0,
        link.id,
        hex::encode(new.hash),
        MOST
    )
    .execute(tx.conn())
    .await?;
    if begun.rows_affected() == 0 {
        return Ok(None);
    }
    sqlx::query!(
        "insert into oauth_states (secret_hash, provider, purpose, session_hash, user_id, agency_id, sub_account_id, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))",
        &new.hash,
        new.provider,
        new.purpose,
        &new.session,
        by.0,
        link.agency.0,
        link.business.0,
        new.valid.as_secs_f64(),
    )
    .execute(tx.conn())
    .await?;
    let act = Act::new("renewal_link.opened", "integration").object(link.integration);
    audit::record(&mut tx, act.by(Actor::Token, Some(link.id))).await?;
    tx.commit().await?;
    Ok(Some(()))
}

/// The link whose last consent has this hash, working or not, in a transaction of its business that acts for no person.
/// `None` if no link began this consent.
pub async fn of_consent(
    db: &Db,
    agency: AgencyId,
    business: BusinessId,
    state: [u8; 32],
) -> Result<Option<(TenantTx, RenewalLink)>> {
    let mut tx = inside(db, agency, business, None).await?;
    let link = sqlx::query_as!(
        RenewalLink,
        r#"select id, agency_id as "agency!: AgencyId", sub_account_id as "business!: BusinessId", created_by as "by: UserId",
                  subject_id as "integration!: IntegrationId", expires_at
           from one_time_tokens where sub_account_id = $1 and purpose = 'renewal' and subject_id is not null and payload ->> 'state' = $2 limit 1"#,
        business.0,
        hex::encode(state)
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(link.map(|link| (tx, link)))
}

/// Uses the link up. Returns `NotFound` if it was used, was ended or expired by now, or its business or agency is closed.
pub async fn spend(tx: &mut TenantTx, link: &RenewalLink) -> Result<()> {
    open_business(tx, link.agency, link.business).await?.ok_or(Error::NotFound)?;
    let spent = sqlx::query!(
        "update one_time_tokens set used_at = clock_timestamp()
         where sub_account_id = $1 and id = $2 and used_at is null and expires_at > clock_timestamp()",
        link.business.0,
        link.id
    )
    .execute(tx.conn())
    .await?;
    found(spent.rows_affected())?;
    let act = Act::new("renewal_link.used", "integration").object(link.integration);
    audit::record(tx, act.by(Actor::Token, Some(link.id))).await
}

/// The link with this secret, if it was not used and has not expired.
async fn presented(db: &Db, hash: [u8; 32]) -> Result<Option<RenewalLink>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let link = sqlx::query_as!(
        RenewalLink,
        r#"select id, agency_id as "agency!: AgencyId", sub_account_id as "business!: BusinessId", created_by as "by: UserId",
                  subject_id as "integration!: IntegrationId", expires_at
           from one_time_tokens where secret_hash = $1 and purpose = 'renewal' and used_at is null and expires_at > now()
             and agency_id is not null and sub_account_id is not null and subject_id is not null"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(link)
}

/// Begins a transaction that reaches one business for no person, and may show the secret of a consent.
async fn inside(db: &Db, agency: AgencyId, business: BusinessId, state: Option<[u8; 32]>) -> Result<TenantTx> {
    let scope = Scope::AgencyBusiness { user: None, agency, business, reach: Reach::Listed, listed: vec![business] };
    let settings = Settings { presented: state, ..Settings::from(&scope) };
    TenantTx::begin_with(db, scope, settings).await
}

/// The name of a business, if it is neither archived nor in the trash, and its agency is active.
async fn open_business(tx: &mut TenantTx, agency: AgencyId, business: BusinessId) -> Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "select b.name from sub_accounts b join agencies a on a.id = b.agency_id
         where b.agency_id = $1 and b.id = $2 and b.deleted_at is null and b.status <> 'archived' and a.deleted_at is null and a.status = 'active'",
        agency.0,
        business.0
    );
    Ok(name.fetch_optional(tx.conn()).await?)
}
