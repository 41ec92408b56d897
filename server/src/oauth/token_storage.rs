//! Stores the tokens that a consent returned: finds their owner, seals them at once and starts the first work that uses
//! them.

use chrono::Duration;
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::integration::Kind;
use domain::work;
use domain::{AgencyId, IntegrationId, UserId};
use ghl::auth::{Class, Tokens};
use outbound::{CallContext, Priority};
use store::app_installs::NewInstall;
use store::credentials::NewSecret;
use store::integrations::NewConnection;
use store::queue::Work;
use store::tenant::{Scope, TenantTx};
use url::Url;
use web::{Error, State};

/// Days after which an unused refresh token expires (HighLevel API, token lifetimes).
const REFRESH_DAYS: i64 = 365;

/// How an install reached us.
#[derive(Clone, Copy)]
pub struct Arrival {
    /// SHA-256 of the claim secret. The browser session that remembers it sees the unclaimed install.
    pub claim: [u8; 32],
    /// True if an agency requested the install here.
    pub begun_here: bool,
    /// SHA-256 of the OAuth code that brought it.
    pub code: [u8; 32],
}

/// Outcome of storing an install that belongs to no agency yet. Holds the name of the account.
pub enum Kept {
    /// It waits to be claimed.
    Waiting(String),
    /// An agency here claimed it before and keeps the tokens it has.
    Claimed(String),
}

/// What was connected. Holds the name of the account or business.
pub enum Adopted {
    /// The agency's company.
    Company {
        /// Its name.
        name: String,
        /// Number of jobs that waited for it and now continue.
        resumed: usize,
        /// Whether locations created later get the app; `None` if HighLevel's answer does not say.
        future: Option<bool>,
    },
    /// A location of a known business.
    Location(String),
    /// A location that belongs to no business here yet.
    Unclaimed(String),
}

/// Returns the address to which HighLevel sends people back. It must be the same in consent and exchange.
///
/// # Errors
/// When the public address is not a valid URL, which the start of the process refuses.
pub fn redirect_uri(origin: &str) -> Result<Url, Error> {
    Url::parse(&format!("{origin}/api/integrations/ghl/callback")).map_err(web::internal_error)
}

/// Stores the tokens of a consent that an agency asked for. A location that belongs to no business here is kept
/// unclaimed, for whoever holds the claim secret.
///
/// # Errors
/// When the account belongs to another agency, HighLevel names no account, or the database fails.
pub async fn adopt(
    app: &State,
    user: Option<UserId>,
    agency: AgencyId,
    tokens: Tokens,
    arrival: Arrival,
) -> Result<Adopted, Error> {
    match (&tokens.class, tokens.company_id.clone(), tokens.location_id.clone()) {
        (Class::Location, company, Some(location)) => {
            match adopt_location(app, user, agency, company, &location, &tokens).await? {
                Some(business) => Ok(Adopted::Location(business)),
                None => match keep_unclaimed(app, Some(agency), tokens, arrival).await? {
                    Kept::Waiting(name) | Kept::Claimed(name) => Ok(Adopted::Unclaimed(name)),
                },
            }
        }
        (_, Some(company), _) => adopt_company(app, user, agency, &company, &tokens).await,
        _ => Err(Error::Outside(
            "HighLevel's answer named neither a company nor a location. Nothing was connected.".to_owned(),
        )),
    }
}

async fn adopt_company(
    app: &State,
    user: Option<UserId>,
    agency: AgencyId,
    company: &str,
    tokens: &Tokens,
) -> Result<Adopted, Error> {
    let Introduction { name, domain, .. } = introduce(app, Some(agency), tokens, company).await;
    let mut tx = TenantTx::begin(&app.db, scope(user, agency)).await?;
    let before = store::agencies::known_company(&mut tx).await?;
    let new = NewConnection { kind: Kind::Gohighlevel, platform_id: company, name: name.as_deref(), parent: None };
    let integration = match store::integrations::upsert(&mut tx, &new).await {
        Err(store::Error::Taken(key)) if key == store::integrations::ONE_COMPANY => {
            drop(tx);
            return Err(another(app, user, agency, name.as_deref().unwrap_or(company)).await);
        }
        Err(store::Error::Taken(_)) => return Err(taken()),
        done => done?.0,
    };
    keep(app, &mut tx, integration, tokens, CredentialKind::OauthCompany).await?;
    let future = tokens.install_to_future_locations;
    store::integrations::set_installs_future(&mut tx, integration, future).await?;
    store::integrations::set_domain(&mut tx, integration, domain.as_deref()).await?;
    for kind in [work::Kind::SyncSnapshots, work::Kind::CheckIntegration] {
        let key = format!("{}:{integration}", kind.key());
        store::queue::add(&mut tx, &Work::new(kind).subject(integration.0).once(key)).await?;
    }
    let resumed = store::provisioning::reconnected(&mut tx, integration, before.as_deref()).await?;
    tx.commit().await?;
    Ok(Adopted::Company { name: name.unwrap_or_else(|| company.to_owned()), resumed, future })
}

/// Seals both tokens as the integration's next version and records which scopes were granted.
async fn keep(
    app: &State,
    tx: &mut TenantTx,
    integration: IntegrationId,
    tokens: &Tokens,
    kind: CredentialKind,
) -> Result<(), Error> {
    store::credentials::put(tx, &app.vault, integration, &secret(tokens, kind)).await?;
    let missing: Vec<String> = ghl::auth::SCOPES
        .iter()
        .filter(|wanted| !tokens.scopes.is_empty() && !tokens.scopes.iter().any(|granted| granted == *wanted))
        .map(|scope| (*scope).to_owned())
        .collect();
    store::integrations::set_scopes(tx, integration, &tokens.scopes, &missing).await?;
    store::integrations::record_success(tx, integration).await?;
    Ok(())
}

fn secret(tokens: &Tokens, kind: CredentialKind) -> NewSecret {
    let now = web::clock::now();
    NewSecret {
        kind,
        access: tokens.access.clone(),
        refresh: tokens.refresh.clone(),
        scopes: tokens.scopes.clone(),
        expires_at: Duration::from_std(tokens.expires_in).ok().map(|lives| now + lives),
        refresh_expires_at: tokens.refresh.is_some().then(|| now + Duration::days(REFRESH_DAYS)),
    }
}

/// Connects the location to its business and returns the business's name. Returns `None` if no business here has
/// this location.
async fn adopt_location(
    app: &State,
    user: Option<UserId>,
    agency: AgencyId,
    company: Option<String>,
    location: &str,
    tokens: &Tokens,
) -> Result<Option<String>, Error> {
    let mut tx = TenantTx::begin(&app.db, scope(user, agency)).await?;
    let known = store::businesses::find_location(&mut tx, location).await?;
    tx.commit().await?;
    let Some(business) = known else { return Ok(None) };
    let client = Scope::AgencyBusiness { user, agency, business: business.id, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(&app.db, client).await?;
    let company = company.unwrap_or_default();
    let stored =
        store::integrations::upsert_location(&mut tx, Some(business.id), location, &company, Some(&business.name))
            .await;
    let integration = match stored {
        Err(store::Error::Taken(_)) => return Err(taken()),
        done => done?,
    };
    keep(app, &mut tx, integration, tokens, CredentialKind::OauthLocation).await?;
    tx.commit().await?;
    Ok(Some(business.name))
}

/// Keeps an install that belongs to no agency yet, until an agency claims it. First asks HighLevel whose account
/// it is, so that people see names and not ids.
///
/// # Errors
/// When the database fails.
pub async fn keep_unclaimed(
    app: &State,
    agency: Option<AgencyId>,
    tokens: Tokens,
    arrival: Arrival,
) -> Result<Kept, Error> {
    let company = tokens.company_id.clone().unwrap_or_default();
    let kind = match tokens.class {
        Class::Location => CredentialKind::OauthLocation,
        _ => CredentialKind::OauthCompany,
    };
    let known = introduce(app, agency, &tokens, &company).await;
    let installer = installer(app, agency, &tokens, &company).await;
    let secret = secret(&tokens, kind);
    let new = NewInstall {
        app_id: app.ghl.app_id(),
        company_id: &company,
        location_id: tokens.location_id.as_deref(),
        name: known.name.as_deref(),
        secret: &secret,
        claim: Some(arrival.claim),
        begun_here: arrival.begun_here,
        email: known.email.as_deref(),
        place: known.place.as_deref(),
        installer: installer.as_deref(),
        code: Some(arrival.code),
    };
    store::app_installs::add(&app.db, &app.vault, &new).await?;
    let kept = store::app_installs::arrived(&app.db, arrival.code).await?;
    let name = known.name.or(tokens.location_id).unwrap_or(company);
    match kept {
        Some(install) if install.state == "claimed" => Ok(Kept::Claimed(name)),
        _ => Ok(Kept::Waiting(name)),
    }
}

/// Whose account it is, in words that a person knows. What could not be read is `None`.
#[derive(Default)]
struct Introduction {
    name: Option<String>,
    email: Option<String>,
    place: Option<String>,
    /// The domain at which a white-labelled company opens HighLevel.
    domain: Option<String>,
}

async fn introduce(app: &State, agency: Option<AgencyId>, tokens: &Tokens, company: &str) -> Introduction {
    let about =
        CallContext { agency: agency.map(|id| id.0), priority: Priority::Interactive, ..CallContext::default() };
    let resource = tokens.location_id.as_deref().unwrap_or(company);
    let call = ghl::Call { token: &tokens.access, resource, about: &about };
    let named = |name: String| Some(name).filter(|name| !name.trim().is_empty());
    let read = match &tokens.location_id {
        Some(location) => ghl::locations::get(&app.ghl, call, location).await.map(|found| Introduction {
            name: named(found.name),
            email: found.email,
            place: joined([found.city, found.state]),
            domain: None,
        }),
        None => ghl::companies::get(&app.ghl, call, company).await.map(|found| Introduction {
            name: named(found.name),
            email: found.email,
            place: joined([found.domain.clone(), found.country]),
            domain: found.domain,
        }),
    };
    read.unwrap_or_else(|error| {
        tracing::warn!(event = "connect.account_name_unreadable", %error, "the account's name could not be read");
        Introduction::default()
    })
}

/// Returns the name and email address of the person who gave consent; `None` if they could not be read.
async fn installer(app: &State, agency: Option<AgencyId>, tokens: &Tokens, company: &str) -> Option<String> {
    let about =
        CallContext { agency: agency.map(|id| id.0), priority: Priority::Interactive, ..CallContext::default() };
    let resource = tokens.location_id.as_deref().unwrap_or(company);
    let call = ghl::Call { token: &tokens.access, resource, about: &about };
    match ghl::users::get(&app.ghl, call, tokens.user_id.as_deref()?).await {
        Ok(user) => {
            let name = [user.first_name, user.last_name].into_iter().flatten().collect::<Vec<_>>().join(" ");
            joined([Some(name), user.email])
        }
        Err(error) => {
            tracing::warn!(event = "connect.installer_unreadable", %error, "who installed could not be read");
            None
        }
    }
}

/// Joins those of the two parts that are known into one line.
fn joined(parts: [Option<String>; 2]) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

const fn scope(user: Option<UserId>, agency: AgencyId) -> Scope {
    Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() }
}

/// Builds the error for a consent that chose another company than the one the agency works with.
async fn another(app: &State, user: Option<UserId>, agency: AgencyId, chosen: &str) -> Error {
    let known = async {
        let mut tx = TenantTx::begin(&app.db, scope(user, agency)).await?;
        store::integrations::company(&mut tx).await
    };
    match known.await {
        Ok(known) => {
            let known = known.and_then(|known| known.platform_name).unwrap_or_else(|| "another company".to_owned());
            Error::Conflict(format!(
                "You chose {chosen}, but your agency works with {known}. Nothing was changed. Connect again and choose {known}; to move to {chosen}, disconnect {known} first."
            ))
        }
        Err(error) => error.into(),
    }
}

fn taken() -> Error {
    Error::Conflict(
        "This HighLevel account is connected to another agency here, so nothing was changed. Disconnect it there first, or choose another account.".to_owned(),
    )
}
