//! Unclaimed installs from the provider's marketplace. Their tokens are sealed under the platform's key until somebody
//! who may manage an agency's integrations claims them. An agency sees an unclaimed install only when it is connected
//! to the same company, or when the browser that installed presents the claim secret; an e-mail address never proves
//! ownership. An unclaimed install is deleted after an hour; its owner can install again or connect from here.

use chrono::{DateTime, Utc};
use domain::credential::CredentialKind;
use domain::integration::{Install, Kind};
use domain::work;
use domain::{AgencyId, InstallId, IntegrationId};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::audit::{self, Act};
use crate::credentials::{self, NewSecret};
use crate::imports;
use crate::integrations::{self, NewConnection};
use crate::queue::{self, Work};
use crate::vault::{AssociatedData, Vault};
use crate::{Db, DbRole, Error, PlatformTx, Result, Scope, TenantTx, found, new_id, outbox};

/// An install that arrived.
#[derive(Clone, Debug)]
pub struct NewInstall<'a> {
    /// Id of our app at the provider.
    pub app_id: &'a str,
    /// Id of the company at the provider.
    pub company_id: &'a str,
    /// Id of the location. `None` for an install by a company.
    pub location_id: Option<&'a str>,
    /// Name of the company or location, if we know it.
    pub name: Option<&'a str>,
    /// The tokens.
    pub secret: &'a NewSecret,
    /// SHA-256 of a secret that the installing browser keeps. With the secret it can show this install to an
    /// agency.
    pub claim: Option<[u8; 32]>,
    /// Whether a consent that an agency started here caused the install.
    pub begun_here: bool,
    /// The company's e-mail address.
    pub email: Option<&'a str>,
    /// Where the company is.
    pub place: Option<&'a str>,
    /// The person who installed the app.
    pub installer: Option<&'a str>,
    /// SHA-256 of the consent's code, with which a second delivery of the same code is recognized.
    pub code: Option<[u8; 32]>,
}

/// The tokens, as they are serialized before they are sealed.
#[derive(Serialize, Deserialize)]
struct Tokens {
    access: String,
    refresh: Option<String>,
    scopes: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
    refresh_expires_at: Option<DateTime<Utc>>,
}

const fn associated_data(id: Uuid) -> AssociatedData {
    AssociatedData { table: "app_installs", column: "sealed_tokens", row: id, agency: None, business: None }
}

/// Stores an install. If the same one exists, it gets the newer tokens; one that an agency has claimed stays
/// claimed and keeps its own tokens.
pub async fn add(db: &Db, vault: &Vault, new: &NewInstall<'_>) -> Result<InstallId> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let class = if new.location_id.is_some() { "Location" } else { "Company" };
    let row = sqlx::query!(
        r#"insert into app_installs as i (id, app_id, company_id, location_id, user_type, company_name, claim_hash, begun_here, company_email, company_place, installer, code_hash, installed_at)
           values ($1, $2, $3, $4, $5, left($6, 255), $7, $8, left($9, 320), left($10, 255), left($11, 320), $12, now())
           on conflict (provider, app_id, company_id, location_id) do update set company_name = coalesce(excluded.company_name, i.company_name), installed_at = now(),
             company_email = coalesce(excluded.company_email, i.company_email), company_place = coalesce(excluded.company_place, i.company_place),
             installer = excluded.installer, begun_here = excluded.begun_here, code_hash = excluded.code_hash,
             claim_hash = case when i.state = 'claimed' then i.claim_hash else excluded.claim_hash end,
             agency_id = case when i.state = 'claimed' then i.agency_id end, uninstalled_at = null, state = case when i.state = 'claimed' then i.state else 'unclaimed' end
           returning i.id as "id: InstallId", i.state"#,
        new_id::<InstallId>().0,
        new.app_id,
        new.company_id,
        new.location_id,
        class,
        new.name,
        new.claim.as_ref().map(|hash| &hash[..]),
        new.begun_here,
        new.email,
        new.place,
        new.installer,
        new.code.as_ref().map(|hash| &hash[..]),
    )
    .fetch_one(tx.conn())
    .await?;
    if row.state == "unclaimed" {
        let sealed = seal(vault, row.id, new.secret).await?;
        sqlx::query!("update app_installs set sealed_tokens = $2 where id = $1", row.id.0, sealed)
            .execute(tx.conn())
            .await?;
    }
    let payload = json!({ "company": new.company_id, "location": new.location_id, "state": row.state });
    audit::record(&mut tx, Act::new("install.arrived", "app_install").object(row.id).payload(payload)).await?;
    tx.commit().await?;
    Ok(row.id)
}

/// The install that a consent's code brought, if there is one. It answers a repeated delivery of the same code.
pub async fn arrived(db: &Db, code: [u8; 32]) -> Result<Option<Install>> {
    let db = db.acting_as(DbRole::Worker);
    let mut tx = TenantTx::begin(&db, Scope::Open).await?;
    let install = sqlx::query_as!(
        Install,
        r#"select id as "id: InstallId", app_id, company_id, location_id, user_type, company_name, state, agency_id as "agency: AgencyId", installed_at, begun_here,
                  company_email, company_place, installer from app_installs where code_hash = $1"#,
        &code
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(install)
}

async fn seal(vault: &Vault, id: InstallId, secret: &NewSecret) -> Result<Vec<u8>> {
    let tokens = Tokens {
        access: secret.access.expose_secret().to_owned(),
        refresh: secret.refresh.as_ref().map(|token| token.expose_secret().to_owned()),
        scopes: secret.scopes.clone(),
        expires_at: secret.expires_at,
        refresh_expires_at: secret.refresh_expires_at,
    };
    let text =
        Zeroizing::new(serde_json::to_vec(&tokens).map_err(|_| Error::Sealed("the tokens cannot be written".into()))?);
    Ok(vault.seal(&associated_data(id.0), &text).await?.0)
}

/// Lets the transaction also see what the holder of this secret may see. `None` ends that.
async fn present_claim_secret(tx: &mut TenantTx, secret: Option<[u8; 32]>) -> Result<()> {
    let text = secret.map(hex::encode).unwrap_or_default();
    sqlx::query!("select set_config('app.presented_hash', $1, true) as set", text).fetch_one(tx.conn()).await?;
    Ok(())
}

/// Installs of the last hour that the agency of this scope may claim, newest first. `shown` is the hash of the
/// browser's secret, if it has one.
pub async fn unclaimed(tx: &mut TenantTx, shown: Option<[u8; 32]>) -> Result<Vec<Install>> {
    present_claim_secret(tx, shown).await?;
    let installs = sqlx::query_as!(
        Install,
        r#"select id as "id: InstallId", app_id, company_id, location_id, user_type, company_name, state, agency_id as "agency: AgencyId", installed_at, begun_here,
                  company_email, company_place, installer from app_installs where state = 'unclaimed' and agency_id is null and installed_at > now() - interval '1 hour' order by installed_at desc nulls last, id desc limit 100"#
    )
    .fetch_all(tx.conn())
    .await?;
    present_claim_secret(tx, None).await?;
    Ok(installs)
}

/// Installs of all agencies for the platform, newest first, at most 500.
pub async fn list(tx: &mut PlatformTx) -> Result<Vec<Install>> {
    let installs = sqlx::query_as!(
        Install,
        r#"select id as "id: InstallId", app_id, company_id, location_id, user_type, company_name, state, agency_id as "agency: AgencyId", installed_at, begun_here,
                  company_email, company_place, installer from app_installs order by installed_at desc nulls last, id desc limit 500"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(installs)
}

/// Claims an install for the agency: stores the integration, seals the tokens under the agency's key and queues
/// the first background jobs, all in one transaction. Returns `NotFound` when this agency may not claim the
/// install, and `Taken` when the account belongs to another agency.
pub async fn claim(
    tx: &mut TenantTx,
    vault: &Vault,
    install: InstallId,
    shown: Option<[u8; 32]>,
) -> Result<IntegrationId> {
    let agency = tx.agency()?;
    present_claim_secret(tx, shown).await?;
    let row = sqlx::query!(
        r#"update app_installs set state = 'claimed', agency_id = $2 where id = $1 and state = 'unclaimed' and agency_id is null and installed_at > now() - interval '1 hour'
           returning company_id, location_id, company_name, sealed_tokens"#,
        install.0,
        agency.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound)?;
    present_claim_secret(tx, None).await?;
    let sealed = row.sealed_tokens.ok_or_else(|| Error::Sealed("the install has no tokens any more".into()))?;
    let secret = unseal(vault, install, &sealed, row.location_id.is_some()).await?;
    let name = row.company_name.as_deref();
    let integration = match &row.location_id {
        Some(location) => integrations::upsert_location(tx, None, location, &row.company_id, name).await?,
        None => {
            integrations::upsert(
                tx,
                &NewConnection { kind: Kind::Gohighlevel, platform_id: &row.company_id, name, parent: None },
            )
            .await?
            .0
        }
    };
    credentials::put(tx, vault, integration, &secret).await?;
    let cleared =
        sqlx::query!("update app_installs set sealed_tokens = null, claim_hash = null where id = $1", install.0)
            .execute(tx.conn())
            .await?;
    found(cleared.rows_affected())?;
    audit::record(
        tx,
        Act::new("install.claimed", "app_install").object(install).payload(json!({ "integration": integration })),
    )
    .await?;
    outbox::add(tx, "integration.changed", Some(integration.0), &json!({})).await?;
    begin_work(tx, integration, row.location_id.is_none().then_some(row.company_id.as_str())).await?;
    Ok(integration)
}

async fn unseal(vault: &Vault, id: InstallId, sealed: &[u8], location: bool) -> Result<NewSecret> {
    let text = vault.open_bytes(&associated_data(id.0), sealed).await?;
    let tokens: Tokens =
        serde_json::from_slice(&text).map_err(|_| Error::Sealed("the tokens cannot be read".into()))?;
    Ok(NewSecret {
        kind: if location { CredentialKind::OauthLocation } else { CredentialKind::OauthCompany },
        access: SecretString::from(tokens.access),
        refresh: tokens.refresh.map(SecretString::from),
        scopes: tokens.scopes,
        expires_at: tokens.expires_at,
        refresh_expires_at: tokens.refresh_expires_at,
    })
}

/// Queues what follows a claim; for a company also the reading of its lists.
async fn begin_work(tx: &mut TenantTx, integration: IntegrationId, company: Option<&str>) -> Result<()> {
    queue::add(tx, &Work::new(work::Kind::CheckIntegration).subject(integration).once(format!("check:{integration}")))
        .await?;
    let Some(company) = company else { return Ok(()) };
    let snapshots = Work::new(work::Kind::SyncSnapshots).subject(integration);
    queue::add(tx, &snapshots.once(format!("snapshots:{integration}"))).await?;
    crate::snapshots::syncs::asked(tx).await?;
    imports::ask(tx, integration, company).await
}

/// Marks an install as uninstalled and deletes its sealed tokens, after the app was removed at the provider.
/// `asked` is when that was requested; an install that arrived later is a new one and stays. Returns the agency
/// that had claimed the install, so that the caller can tell it. Runs in a worker's transaction.
pub async fn uninstalled(
    tx: &mut TenantTx,
    app_id: &str,
    (company_id, location_id): (&str, Option<&str>),
    asked: DateTime<Utc>,
) -> Result<Option<AgencyId>> {
    let row = sqlx::query!(
        r#"update app_installs set state = 'uninstalled', uninstalled_at = now(), sealed_tokens = null, claim_hash = null
           where app_id = $1 and company_id = $2 and location_id is not distinct from $3 and state <> 'uninstalled' and coalesce(installed_at < $4, true)
           returning id as "id: InstallId", agency_id as "agency: AgencyId""#,
        app_id,
        company_id,
        location_id,
        asked
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    audit::record(tx, Act::new("install.ended", "app_install").object(row.id)).await?;
    Ok(row.agency)
}

#[cfg(all(test, feature = "testing"))]
mod tests;
