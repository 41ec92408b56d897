//! How do programs hand over the HighLevel tokens of one client, and how is the whole set read again? Both go through the
//! vault and the integration of the client's location; there is no other place for tokens.

use chrono::{DateTime, Utc};
use domain::business::Business;
use domain::clients::Status;
use domain::imports::is_location_id;
use domain::integration::Integration;
use domain::permission::Right;
use domain::{BusinessId, IntegrationId};
use ghl::Ghl;
use secrecy::SecretString;
use store::audit::{self, Act};
use store::credentials::{self, NewSecret, Opened};
use store::tenant::TenantTx;
use store::vault::Vault;
use store::{agencies, businesses, integrations};

use super::proof::{self, Unproven};
use crate::{Actor, Refusal};

/// The tokens of a location, as a program hands them over.
pub struct NewCredentials {
    /// HighLevel's id of the location that the tokens are for.
    pub location: String,
    /// HighLevel's id of the company that the location belongs to, if the program knows it.
    pub company: Option<String>,
    /// The tokens, their scopes and lifetimes.
    pub secret: NewSecret,
}

/// What was stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCredentials {
    /// The client.
    pub business: BusinessId,
    /// The integration of its location.
    pub integration: IntegrationId,
    /// HighLevel's id of its location.
    pub location: String,
    /// True if the client had no tokens before.
    pub is_new: bool,
    /// Number of the stored version.
    pub version: i32,
}

/// Why tokens were not stored.
#[derive(Debug)]
pub enum NotStored {
    /// The request is refused.
    Refused(Refusal),
    /// HighLevel did not say whether the tokens open the location.
    Unanswered,
}

impl From<Refusal> for NotStored {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for NotStored {
    fn from(error: store::Error) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Unproven> for NotStored {
    fn from(why: Unproven) -> Self {
        match why {
            Unproven::Refused(refusal) => Self::Refused(refusal),
            Unproven::Unanswered => Self::Unanswered,
        }
    }
}

/// The full set of credentials of a client.
#[derive(Debug)]
pub struct TenantCredentials {
    /// The integration that they belong to.
    pub integration: IntegrationId,
    /// HighLevel's id of the location.
    pub location: String,
    /// HighLevel's id of the company; empty while it is unknown.
    pub company: String,
    /// The access token.
    pub access: SecretString,
    /// The refresh token, if the access token can be renewed.
    pub refresh: Option<SecretString>,
    /// The scopes that the tokens have.
    pub scopes: Vec<String>,
    /// When the access token expires.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it can no longer be renewed.
    pub refresh_expires_at: Option<DateTime<Utc>>,
    /// Number of this version.
    pub version: i32,
}

/// Stores the tokens of a client as the current ones, once HighLevel showed the location to them: that is the proof that
/// whoever sends them may claim it. `tenant` is the id or the slug of the client. The former tokens are kept for a month, for
/// diagnosis.
///
/// # Errors
/// `NotFound` if the actor sees no such client; `Invalid` if HighLevel does not accept the token, the location is not the
/// client's or the company is not the agency's; `State` if the client is archived; `Unanswered` if HighLevel gave no verdict.
pub async fn put(
    actor: &Actor,
    vault: &Vault,
    ghl: &Ghl,
    tenant: &str,
    new: &NewCredentials,
) -> Result<StoredCredentials, NotStored> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    let mut tx = allowed.begin().await?;
    let business = businesses::find_ref(&mut tx, tenant).await?.ok_or(Refusal::NotFound)?;
    let known = agencies::known_company(&mut tx).await?;
    tx.commit().await?;
    may_own(&business, &new.location)?;
    let company = company(known, new.company.as_deref())?;
    let shown = proof::of(ghl, &business, &new.secret.access, &new.location).await?;
    let company = same_company(company, shown)?;
    let mut tx = allowed.begin_in(business.id).await?;
    let stored = keep(&mut tx, vault, business.id, new, &company).await?;
    integrations::record_success(&mut tx, stored.integration).await?;
    tx.commit().await?;
    Ok(stored)
}

/// Stores tokens that are known to be those of the client, in a transaction that may write it.
///
/// # Errors
/// `Invalid` if the location is not the client's; `State` if the client is archived.
pub(super) async fn keep(
    tx: &mut TenantTx,
    vault: &Vault,
    business: BusinessId,
    new: &NewCredentials,
    company: &str,
) -> Result<StoredCredentials, Refusal> {
    if matches!(businesses::hold(tx, business).await?, Status::Archived | Status::Deleted) {
        let why = "This client is archived, so no tokens are kept for it. Bring it back first.";
        return Err(Refusal::State(why.to_owned()));
    }
    // It may have got a location meanwhile.
    let business = businesses::get(tx, business).await?;
    own_location(tx, &business, &new.location).await?;
    let name = Some(business.name.as_str());
    let stored = integrations::upsert_location(tx, Some(business.id), &new.location, company, name).await;
    let integration = stored.map_err(not_ours)?;
    let is_new = credentials::peek(tx, integration).await?.is_none();
    let version = credentials::put(tx, vault, integration, &new.secret).await?;
    let granted = &new.secret.scopes;
    if !granted.is_empty() {
        let lacks = |wanted: &&&str| !granted.iter().any(|scope| scope == **wanted);
        let missing: Vec<String> = ghl::auth::SCOPES.iter().filter(lacks).map(|scope| (*scope).to_owned()).collect();
        integrations::set_scopes(tx, integration, granted, &missing).await?;
    }
    Ok(StoredCredentials { business: business.id, integration, location: new.location.clone(), is_new, version })
}

/// Opens the full set of credentials of a client. `purpose` says in a word or two what it is opened for; the audit log
/// shows it.
///
/// # Errors
/// `NotFound` if the actor sees no such client, or it has no location or no tokens.
pub async fn get(actor: &Actor, vault: &Vault, tenant: &str, purpose: &str) -> Result<TenantCredentials, Refusal> {
    let (mut tx, found) = place(actor, tenant).await?;
    let opened = credentials::current(&mut tx, vault, found.id, purpose).await?.ok_or(Refusal::NotFound)?;
    tx.commit().await?;
    Ok(whole(found, opened))
}

/// The same for whoever opens those of many clients and writes one audit row about all of them. The client's own part of the
/// log says that it was among them.
///
/// # Errors
/// As [`get`].
pub async fn get_of_many(
    actor: &Actor,
    vault: &Vault,
    tenant: &str,
    purpose: &str,
) -> Result<TenantCredentials, Refusal> {
    let (mut tx, found) = place(actor, tenant).await?;
    let opened = credentials::current_of_many(&mut tx, vault, found.id, purpose).await?.ok_or(Refusal::NotFound)?;
    if let Some(business) = tx.business() {
        audit::record(&mut tx, Act::new("credential.carried_out", "business").object(business)).await?;
    }
    tx.commit().await?;
    Ok(whole(found, opened))
}

/// The integration of a client's location, in a transaction that may read its tokens.
async fn place(actor: &Actor, tenant: &str) -> Result<(TenantTx, Integration), Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    let mut tx = allowed.begin().await?;
    let business = businesses::find_ref(&mut tx, tenant).await?.ok_or(Refusal::NotFound)?;
    tx.commit().await?;
    let location = business.ghl_location_id.ok_or(Refusal::NotFound)?;
    let mut tx = allowed.begin_in(business.id).await?;
    let found = integrations::location(&mut tx, &location).await?.ok_or(Refusal::NotFound)?;
    Ok((tx, found))
}

/// The tokens of a location with what is known of it.
fn whole(found: Integration, opened: Opened) -> TenantCredentials {
    TenantCredentials {
        integration: found.id,
        location: found.platform_id,
        company: found.parent_platform_id.unwrap_or_default(),
        access: opened.access,
        refresh: opened.refresh,
        scopes: opened.scopes,
        expires_at: opened.expires_at,
        refresh_expires_at: opened.refresh_expires_at,
        version: opened.version,
    }
}

/// The company of the location: the agency's, which a named one has to be. Empty while neither is known.
pub(super) fn company(known: Option<String>, named: Option<&str>) -> Result<String, Refusal> {
    match (known, named) {
        (Some(known), Some(named)) if known != named => Err(Refusal::field(
            "/companyId",
            "The agency works with another HighLevel company. Send the tokens of one of its sub-accounts.",
        )),
        (Some(known), _) => Ok(known),
        (None, named) => Ok(named.unwrap_or_default().to_owned()),
    }
}

/// The company that HighLevel names, which has to be the known one.
fn same_company(known: String, shown: Option<String>) -> Result<String, Refusal> {
    match shown {
        Some(shown) if known.is_empty() || known == shown => Ok(shown),
        Some(_) => Err(Refusal::field("/locationId", "This sub-account belongs to another HighLevel company.")),
        None => Ok(known),
    }
}

/// Whether the location is one, and the client has this one or none.
pub(super) fn may_own(business: &Business, location: &str) -> Result<(), Refusal> {
    if !is_location_id(location) {
        return Err(Refusal::field("/locationId", "The id of a sub-account has letters, digits, - and _, at most 64."));
    }
    match business.ghl_location_id.as_deref() {
        Some(own) if own != location => {
            Err(Refusal::field("/locationId", "This client has another sub-account in HighLevel."))
        }
        _ => Ok(()),
    }
}

/// Makes the location that of the client if it has none yet.
async fn own_location(tx: &mut TenantTx, business: &Business, location: &str) -> Result<(), Refusal> {
    may_own(business, location)?;
    if business.ghl_location_id.is_some() {
        return Ok(());
    }
    businesses::set_location(tx, business.id, location).await.map_err(not_ours)
}

/// The refusal of a location that somebody else has, without a word about whom.
fn not_ours(error: store::Error) -> Refusal {
    match error {
        store::Error::Taken(_) => Refusal::field("/locationId", "Another client has this sub-account."),
        other => other.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_belongs_to_the_company_of_the_agency_and_to_no_other() {
        let of = |known: Option<&str>, named| company(known.map(str::to_owned), named).ok();
        assert_eq!(of(Some("C1"), Some("C1")).as_deref(), Some("C1"));
        assert_eq!(of(Some("C1"), None).as_deref(), Some("C1"));
        assert_eq!(of(None, Some("C2")).as_deref(), Some("C2"));
        assert_eq!(of(None, None).as_deref(), Some(""));
        assert_eq!(of(Some("C1"), Some("C2")), None);
    }

    #[test]
    fn the_company_that_highlevel_names_counts() {
        let of = |known: &str, shown: Option<&str>| same_company(known.to_owned(), shown.map(str::to_owned)).ok();
        assert_eq!(of("C1", Some("C1")).as_deref(), Some("C1"));
        assert_eq!(of("", Some("C1")).as_deref(), Some("C1"));
        assert_eq!(of("C1", None).as_deref(), Some("C1"));
        assert_eq!(of("C1", Some("C2")), None);
    }
}
