//! Implements `slipway token create` for operators at the terminal.

use anyhow::{Context, anyhow, bail};
use domain::identity::Reach;
use domain::permission::TOKEN_SCOPES;
use operations::tokens::{Lifetime, NewToken};
use operations::{Actor, Refusal};
use secrecy::ExposeSecret;
use store::Db;
use store::tenant::{PlatformTx, Scope};

/// Creates a token that acts for no person, of an agency or a business, and returns it. It cannot be shown again.
///
/// # Errors
/// When there is no such agency or business, several businesses match, or a scope is unknown or not for a
/// business.
pub async fn create(
    db: &Db,
    agency: Option<&str>,
    business: Option<&str>,
    scopes: &[String],
    name: &str,
) -> anyhow::Result<String> {
    create_for(db, None, agency, business, scopes, name).await
}

/// The same for a token that acts with the rights of the person with this email address, if one is given.
///
/// # Errors
/// As `create`; also when nobody has this address.
pub async fn create_for(
    db: &Db,
    person: Option<&str>,
    agency: Option<&str>,
    business: Option<&str>,
    scopes: &[String],
    name: &str,
) -> anyhow::Result<String> {
    if let Some(unknown) = scopes.iter().find(|scope| !TOKEN_SCOPES.contains(&scope.as_str())) {
        bail!("There is no scope \"{unknown}\". Use {}.", TOKEN_SCOPES.join(", "));
    }
    let user = match person {
        Some(email) => {
            let found = store::identity::auth_user(db, email).await?.filter(|user| !user.disabled);
            Some(found.with_context(|| format!("Nobody here has the address {email}."))?.id)
        }
        None => None,
    };
    let mut tx = PlatformTx::begin(db, None).await?;
    let (agency, business) = match (agency, business) {
        (Some(named), _) => {
            let found = store::agencies::find_ref(&mut tx, named).await?;
            (found.with_context(|| format!("There is no agency \"{named}\"."))?.id, None)
        }
        (None, Some(named)) => {
            let found = store::businesses::find_anywhere(&mut tx, named).await?;
            match found.as_slice() {
                [one] => (one.agency, Some(one.id)),
                [] => bail!("There is no business \"{named}\"."),
                _ => bail!("Several businesses are called \"{named}\". Give the id."),
            }
        }
        (None, None) => bail!("Give --agency or --business."),
    };
    tx.commit().await?;
    let scope = match business {
        Some(business) => Scope::AgencyBusiness { user, agency, business, reach: Reach::All, listed: Vec::new() },
        None => Scope::Agency { user, agency, reach: Reach::All, listed: Vec::new() },
    };
    let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
    let new = NewToken { name, scopes: &scopes, lifetime: Lifetime::Year, now: web::clock::now() };
    let secret = operations::tokens::create(&Actor::operator(db.clone(), scope), &new).await.map_err(explain)?;
    Ok(secret.expose_secret().to_owned())
}

/// The refusal as an error for the person at the terminal: of refused fields, what is wrong with each.
pub(super) fn explain(refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::Invalid(errors) => {
            let details: Vec<&str> = errors.iter().map(|error| error.detail.as_str()).collect();
            anyhow!(details.join(" "))
        }
        // As itself, so that the caller sees whether the database is unavailable.
        Refusal::Store(error) => error.into(),
        other => other.into(),
    }
}
