//! Hands the tokens that a consent returned to the operations that store them. First asks HighLevel whose account it
//! is, so that people see names and not ids.

use domain::AgencyId;
use ghl::auth::{Class, Tokens};
use operations::integrations::claim::{self, Arrival, Kept};
use operations::integrations::connect::{self, Connected, Consent};
use operations::integrations::{Account, Received};
use outbound::{CallContext, Priority};
use url::Url;
use web::{Error, State};

/// What was connected. Holds the name of the account or business.
pub enum Adopted {
    /// The agency's company.
    Company(Connected),
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
pub async fn adopt(app: &State, consent: &Consent, tokens: Tokens, arrival: Arrival) -> Result<Adopted, Error> {
    let agency = consent.agency();
    let received = Received { tokens, at: web::clock::now() };
    let tokens = &received.tokens;
    match (&tokens.class, tokens.company_id.as_deref(), tokens.location_id.as_deref()) {
        (Class::Location, _, Some(location)) => {
            match connect::location(&app.db, &app.vault, consent, location, &received).await? {
                Some(business) => Ok(Adopted::Location(business)),
                None => match keep(app, Some(agency), &received, arrival).await? {
                    Kept::Waiting(name) | Kept::Claimed(name) => Ok(Adopted::Unclaimed(name)),
                },
            }
        }
        (_, Some(company), _) => {
            let account = introduce(app, Some(agency), tokens, company).await;
            let connected = connect::company(&app.db, &app.vault, consent, company, &account, &received).await?;
            Ok(Adopted::Company(connected))
        }
        _ => Err(Error::Outside(
            "HighLevel's answer named neither a company nor a location. Nothing was connected.".to_owned(),
        )),
    }
}

/// Keeps an install that belongs to no agency yet, until an agency claims it.
///
/// # Errors
/// When the database fails.
pub async fn keep_unclaimed(app: &State, tokens: Tokens, arrival: Arrival) -> Result<Kept, Error> {
    keep(app, None, &Received { tokens, at: web::clock::now() }, arrival).await
}

/// Keeps an unclaimed install. The calls that ask whose account it is count for this agency.
async fn keep(app: &State, agency: Option<AgencyId>, received: &Received, arrival: Arrival) -> Result<Kept, Error> {
    let tokens = &received.tokens;
    let company = tokens.company_id.as_deref().unwrap_or_default();
    let account = introduce(app, agency, tokens, company).await;
    let account = Account { installer: installer(app, agency, tokens, company).await, ..account };
    Ok(claim::keep(&app.db, &app.vault, app.ghl.app_id(), received, &account, arrival).await?)
}

/// Reads whose account the tokens are for, all but the person who gave consent.
async fn introduce(app: &State, agency: Option<AgencyId>, tokens: &Tokens, company: &str) -> Account {
    let about =
        CallContext { agency: agency.map(|id| id.0), priority: Priority::Interactive, ..CallContext::default() };
    let resource = tokens.location_id.as_deref().unwrap_or(company);
    let call = ghl::Call { token: &tokens.access, resource, about: &about };
    let named = |name: String| Some(name).filter(|name| !name.trim().is_empty());
    let read = match &tokens.location_id {
        Some(location) => ghl::locations::get(&app.ghl, call, location).await.map(|found| Account {
            name: named(found.name),
            email: found.email,
            place: joined([found.city, found.state]),
            ..Account::default()
        }),
        None => ghl::companies::get(&app.ghl, call, company).await.map(|found| Account {
            name: named(found.name),
            email: found.email,
            place: joined([found.domain.clone(), found.country]),
            domain: found.domain,
            installer: None,
        }),
    };
    read.unwrap_or_else(|error| {
        tracing::warn!(event = "connect.account_name_unreadable", %error, "the account's name could not be read");
        Account::default()
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
