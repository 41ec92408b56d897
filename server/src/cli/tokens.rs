//! Implements `slipway token create` for operators at the terminal.

use anyhow::{Context, bail};
use domain::identity::Reach;
use domain::permission::TOKEN_SCOPES;
use secrecy::ExposeSecret;
use store::Db;
use store::tenant::{PlatformTx, Scope, TenantTx};

/// Creates a token of an agency or a business and returns it. It cannot be shown again.
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
    if let Some(unknown) = scopes.iter().find(|scope| !TOKEN_SCOPES.contains(&scope.as_str())) {
        bail!("There is no scope \"{unknown}\". Use {}.", TOKEN_SCOPES.join(", "));
    }
    if business.is_some()
        && let Some(closed) = scopes.iter().find(|scope| *scope != "businesses")
    {
        bail!("A token of one business has the scope businesses alone: \"{closed}\" is the agency's. Give --agency.");
    }
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
        Some(business) => Scope::AgencyBusiness { user: None, agency, business, reach: Reach::All, listed: Vec::new() },
        None => Scope::Agency { user: None, agency, reach: Reach::All, listed: Vec::new() },
    };
    let mut tx = TenantTx::begin(db, scope).await?;
    let new = store::api_tokens::NewToken {
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        // A token expires after a year.
        expires_at: Some(web::clock::now() + chrono::Duration::days(365)),
    };
    let (_, secret) = store::api_tokens::add(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(secret.expose_secret().to_owned())
}
