//! How are the HighLevel tokens of an agency's clients carried to another installation? In a sealed text, whose key whoever runs
//! both knows. The database stays the place where tokens live: a text that came in is of no further use.

use chrono::{DateTime, Utc};
use domain::credential::CredentialKind;
use domain::permission::Right;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::audit::{self, Act};
use store::credentials::{self, NewSecret};
use store::vault::Vault;
use store::{agencies, bundle, businesses, integrations};

use super::tenant_credentials::{self, NewCredentials, TenantCredentials};
use crate::{Actor, Refusal};

/// What a bundle holds.
#[derive(Serialize, Deserialize)]
struct Bundle {
    /// The short name of the agency. Those of its clients say nothing in another one.
    agency: String,
    clients: Vec<Line>,
}

/// The tokens of one client, as they stand in a bundle.
#[derive(Serialize, Deserialize)]
struct Line {
    client: String,
    location: String,
    company: String,
    access: String,
    refresh: Option<String>,
    scopes: Vec<String>,
    expires_at: Option<DateTime<Utc>>,
    refresh_expires_at: Option<DateTime<Utc>>,
}

/// What left.
pub struct Exported {
    /// The sealed text, of one line.
    pub text: String,
    /// How many clients are in it.
    pub clients: usize,
}

/// What became of one client of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Its tokens were stored.
    Stored,
    /// It has tokens already, which are kept: a refresh token works once, so older ones would end the connection.
    Kept,
}

/// Seals the tokens of every client of the agency that has any. The agency's audit log tells of it once, with how many were
/// opened, also if it fails, and the part of each client that it was among them; with a key that seals nothing, none is opened.
///
/// # Errors
/// `Store` if the key is none; `Forbidden` without the right to manage connections.
pub async fn export(actor: &Actor, vault: &Vault, key: &SecretString) -> Result<Exported, Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    bundle::check(key)?;
    let mut tx = allowed.begin().await?;
    let agency = agencies::get(&mut tx).await?;
    let found = businesses::with_location(&mut tx).await?;
    tx.commit().await?;
    let mut clients = Vec::new();
    let opened = open(actor, vault, found, &mut clients).await;
    let count = clients.len();
    let act = Act::new("credential.exported", "agency").object(agency.id).payload(json!({ "count": count }));
    let act = match &opened {
        Ok(()) => act,
        Err(refusal) => act.ended(domain::audit::Outcome::Failed, &refusal.to_string()),
    };
    let mut tx = allowed.begin().await?;
    audit::record(&mut tx, act).await?;
    tx.commit().await?;
    opened?;
    let all = Bundle { agency: agency.slug, clients };
    let plain = serde_json::to_vec(&all).map_err(|error| Refusal::Fault(error.to_string()))?;
    Ok(Exported { text: bundle::seal(key, plain)?, clients: count })
}

/// Opens the tokens of those clients that have any.
async fn open(actor: &Actor, vault: &Vault, found: Vec<String>, clients: &mut Vec<Line>) -> Result<(), Refusal> {
    for client in found {
        match tenant_credentials::get_of_many(actor, vault, &client, "an export").await {
            Ok(known) => clients.push(line(client, &known)),
            Err(Refusal::NotFound) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// Stores the tokens of a bundle for those clients of the agency that have none. A client is found by its sub-account, or by its
/// short name if it has no sub-account here. Returns what became of each, by its short name in the bundle. `from` is the short
/// name of the agency in the bundle, if it has another one here.
///
/// # Errors
/// `Store` if the text does not open with the key; `Invalid` if it holds something else than tokens, or those of another agency.
pub async fn import(
    actor: &Actor,
    vault: &Vault,
    key: &SecretString,
    text: &str,
    from: Option<&str>,
) -> Result<Vec<(String, Result<Outcome, Refusal>)>, Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    let plain = bundle::open(key, text)?;
    let Bundle { agency, clients } = serde_json::from_slice(&plain)
        .map_err(|_| Refusal::field("bundle", "The bundle was made by another version of the program."))?;
    let mut tx = allowed.begin().await?;
    let own = agencies::get(&mut tx).await?.slug;
    tx.commit().await?;
    if agency != from.unwrap_or(&own) {
        let why = format!("The tokens are of the agency \"{agency}\". If it is this one, give `--from {agency}`.");
        return Err(Refusal::field("bundle", &why));
    }
    let mut outcomes = Vec::new();
    for line in clients {
        let client = line.client.clone();
        outcomes.push((client, take(actor, vault, line).await));
    }
    Ok(outcomes)
}

async fn take(actor: &Actor, vault: &Vault, line: Line) -> Result<Outcome, Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    let mut tx = allowed.begin().await?;
    let found = match businesses::find_location(&mut tx, &line.location).await? {
        Some(found) => Some(found),
        None => businesses::find_ref(&mut tx, &line.client).await?,
    };
    let known = agencies::known_company(&mut tx).await?;
    tx.commit().await?;
    let business = found.ok_or(Refusal::NotFound)?;
    tenant_credentials::may_own(&business, &line.location)?;
    let named = Some(line.company.as_str()).filter(|company| !company.is_empty());
    let company = tenant_credentials::company(known, named)?;
    let mut tx = allowed.begin_in(business.id).await?;
    if let Some(known) = integrations::location(&mut tx, &line.location).await?
        && credentials::peek(&mut tx, known.id).await?.is_some()
    {
        return Ok(Outcome::Kept);
    }
    let stored = tenant_credentials::keep(&mut tx, vault, business.id, &new(line), &company).await?;
    // It may have got tokens meanwhile. Then the transaction ends with nothing.
    if !stored.is_new {
        return Ok(Outcome::Kept);
    }
    tx.commit().await?;
    Ok(Outcome::Stored)
}

fn line(client: String, known: &TenantCredentials) -> Line {
    Line {
        client,
        location: known.location.clone(),
        company: known.company.clone(),
        access: known.access.expose_secret().to_owned(),
        refresh: known.refresh.as_ref().map(|refresh| refresh.expose_secret().to_owned()),
        scopes: known.scopes.clone(),
        expires_at: known.expires_at,
        refresh_expires_at: known.refresh_expires_at,
    }
}

fn new(line: Line) -> NewCredentials {
    let is_private = line.access.starts_with("pit-");
    let secret = NewSecret {
        kind: if is_private { CredentialKind::Pit } else { CredentialKind::OauthLocation },
        access: SecretString::from(line.access),
        refresh: line.refresh.map(SecretString::from),
        scopes: line.scopes,
        expires_at: line.expires_at,
        refresh_expires_at: line.refresh_expires_at,
    };
    let company = Some(line.company).filter(|company| !company.is_empty());
    NewCredentials { location: line.location, company, secret }
}
