//! What staff may do with an integration: check it, add or use a private token, claim an install, disconnect.

use domain::{InstallId, IntegrationId};
use kit::labels::integration::resumed_jobs_text;
use leptos::prelude::*;
use operations::integrations;
use operations::integrations::claim::Claim;
use secrecy::SecretString;
use web::clock::now;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Queues a background check of the integration. The page shows the result when it is there.
#[server(prefix = "/do", endpoint = "check_connection")]
pub async fn check_connection(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    integrations::check(&context.actor()?, integration, now()).await?;
    flash_notice(&context, "check_connection", "Testing the connection. The card updates when HighLevel answers.").await
}

/// Ends an integration here and at HighLevel. Its history stays.
#[server(prefix = "/do", endpoint = "disconnect")]
pub async fn disconnect(integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let leaving = integrations::disconnect(&actor, integration).await?;
    let outside =
        if leaving { " The app is being removed from HighLevel. The card shows when that's done." } else { "" };
    let said = format!("Disconnected.{outside} Reconnect whenever you like; nothing was deleted.");
    flash_notice(&context, "disconnect", said).await
}

/// Stores a private integration token beside the company's OAuth integration.
#[server(prefix = "/do", endpoint = "add_private_token")]
pub async fn add_private_token(token: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let token = SecretString::from(domain::text::line(&token));
    integrations::add_private_token(&actor, &context.state.vault, &token).await?;
    flash_notice(&context, "add_private_token", "The token is saved. It will not be shown again.").await
}

/// Puts the emergency token into use. The former secret is kept for a month, for diagnosis.
#[server(prefix = "/do", endpoint = "use_private_token")]
pub async fn use_private_token(integration: IntegrationId, reason: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let said = || Error::Conflict("Enter a reason of up to 200 characters. Nothing was changed.".to_owned());
    let reason = domain::text::name(&reason, 200).map_err(|_| said())?;
    let resumed = integrations::use_private_token(&actor, integration, &reason).await?;
    let said = "Backup access is on. The card shows in a moment whether it works.";
    flash_notice(&context, "use_private_token", format!("{said}{}", resumed_jobs_text(resumed))).await
}

/// Claims an install for the agency. If the install did not begin here, its name must be typed, because somebody
/// else could trick a person into a single click.
#[server(prefix = "/do", endpoint = "claim_install")]
pub async fn claim_install(install: InstallId, company: Option<String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let shown = web::session::claim(&context.session).await?;
    let claim = Claim { install, shown, company: company.as_deref().unwrap_or_default() };
    let resumed = integrations::claim::claim(&actor, &context.state.vault, &claim).await?;
    let said = "The install is yours now. Its snapshots are syncing and will appear under Snapshots.";
    flash_notice(&context, "claim_install", format!("{said}{}", resumed_jobs_text(resumed))).await
}
