//! How an agency looks to its clients: name, colour, reply address and logo. Its own businesses read all of it; the
//! logo is public.

use domain::AgencyId;
use domain::brand::{Brand, BrandChoice};
use domain::identity::Reach;
use serde_json::{Value, json};

use crate::audit::{self, Act};
use crate::{Db, Error, Result, Scope, TenantTx, found};

/// The brand of the agency that this scope belongs to. A business reads that of its agency.
pub async fn brand(tx: &mut TenantTx) -> Result<Brand> {
    let (agency, business) = (tx.agency().ok(), tx.business());
    let row = sqlx::query!(
        r#"select name, settings_json -> 'brand' as brand, id as "id: AgencyId" from agencies
           where id = coalesce($1, (select agency_id from sub_accounts where id = $2))"#,
        agency.map(|agency| agency.0),
        business.map(|business| business.0)
    );
    let row = row.fetch_optional(tx.conn()).await?.ok_or(Error::NotFound)?;
    Ok(brand_of(row.id, row.name, row.brand))
}

/// Waits until no other transaction changes the brand of the transaction's agency. Call it before what is kept of the brand is
/// read.
pub async fn hold_brand(tx: &mut TenantTx) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!("select id from agencies where id = $1 for no key update", agency.0).fetch_all(tx.conn()).await?;
    Ok(())
}

/// A brand from its columns.
pub(crate) fn brand_of(agency: AgencyId, name: String, choice: Option<Value>) -> Brand {
    let choice = choice.and_then(|choice| serde_json::from_value::<BrandChoice>(choice).ok());
    Brand { agency, name, choice: choice.unwrap_or_default() }
}

/// Changes what the agency chose. Other settings stay.
pub async fn set_brand(tx: &mut TenantTx, choice: &BrandChoice) -> Result<()> {
    let (id, choice) = (tx.agency()?, json!(choice));
    let done = sqlx::query!(
        "update agencies set settings_json = settings_json || jsonb_build_object('brand', $2::jsonb) where id = $1",
        id.0,
        choice
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())?;
    audit::record(tx, Act::new("agency.brand", "agency").object(id).payload(choice)).await
}

/// Stores the agency's logo, a PNG, in place of the one before; `None` removes it. The caller changes the mark in the
/// brand in the same transaction.
pub async fn set_logo(tx: &mut TenantTx, image: Option<&[u8]>) -> Result<()> {
    let id = tx.agency()?;
    match image {
        Some(image) => {
            sqlx::query!(
                "insert into agency_logos (agency_id, image) values ($1, $2) on conflict (agency_id) do update set image = excluded.image",
                id.0,
                image
            )
            .execute(tx.conn())
            .await?
        }
        None => sqlx::query!("delete from agency_logos where agency_id = $1", id.0).execute(tx.conn()).await?,
    };
    Ok(())
}

/// The logo of any agency that is not in the trash, for everybody: it stands in mails and on invitations.
pub async fn logo(db: &Db, agency: AgencyId) -> Result<Option<Vec<u8>>> {
    let scope = Scope::Agency { user: None, agency, reach: Reach::Listed, listed: Vec::new() };
    let mut tx = TenantTx::begin(db, scope).await?;
    let image = sqlx::query_scalar!(
        "select l.image from agency_logos l join agencies a on a.id = l.agency_id where l.agency_id = $1 and a.deleted_at is null",
        agency.0
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(image)
}
