//! Chooses the token for a location: its own token if that is permanent (a private token) or still valid, otherwise one
//! minted from the agency's company token. The same function serves the agency's own location and the
//! locations of its businesses.

use domain::IntegrationId;
use domain::credential::CredentialKind;

use crate::{Result, TenantTx, integrations};

/// Where the token of a location comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The location's own secret is used as it is.
    Own(IntegrationId),
    /// A new token is minted from the company's token.
    Mint {
        /// The company's integration.
        company: IntegrationId,
        /// HighLevel's id of the company.
        company_id: String,
    },
}

/// Why there is no token for a location.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// No integration reaches the location.
    #[error("location {0} has no credentials, and no company connection that could make some")]
    NotFound(String),
    /// The location's integration was paused or disconnected.
    #[error("the connection of location {0} is not active")]
    Inactive(String),
}

/// Decides where the token of a location comes from.
pub async fn route(tx: &mut TenantTx, location: &str) -> Result<std::result::Result<Route, NoRoute>> {
    let now = sqlx::query_scalar!(r#"select now() as "now!""#).fetch_one(tx.conn()).await?;
    let own = integrations::location(tx, location).await?;
    if let Some(own) = &own {
        if !own.is_active || own.paused_at.is_some() {
            return Ok(Err(NoRoute::Inactive(location.to_owned())));
        }
        let lasts = own.credential.as_ref().is_some_and(|secret| {
            secret.kind == CredentialKind::Pit
                || secret.expires_at.is_none_or(|end| end > now)
                || own.parent_platform_id.is_none()
        });
        if lasts && own.needs_reauth_at.is_none() {
            return Ok(Ok(Route::Own(own.id)));
        }
    }
    let company = match tx.agency() {
        Ok(_) => integrations::company(tx).await?,
        Err(_) => None,
    };
    let usable = company.filter(|company| {
        let oauth = company.credential.as_ref().is_some_and(|secret| secret.kind == CredentialKind::OauthCompany);
        company.is_active && company.paused_at.is_none() && company.needs_reauth_at.is_none() && oauth
    });
    Ok(match (usable, own) {
        (Some(company), _) => Ok(Route::Mint { company: company.id, company_id: company.platform_id }),
        // An expired token that can be renewed is still used.
        (None, Some(own)) if own.credential.as_ref().is_some_and(|secret| secret.refreshable) => Ok(Route::Own(own.id)),
        (None, _) => Err(NoRoute::NotFound(location.to_owned())),
    })
}
