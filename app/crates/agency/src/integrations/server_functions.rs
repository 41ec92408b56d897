//! What staff may do with an integration: check it, add or use a private token, claim an install, disconnect.

use domain::{InstallId, IntegrationId};
use kit::counted;
use kit::labels::integration::resumed_jobs_text;
use leptos::prelude::*;
use secrecy::SecretString;
use web::clock::now;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

/// Queues a background check of the integration. The page shows the result when it is there.
#[server(prefix = "/do", endpoint = "check_connection")]
pub async fn check_connection(agency: String, integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("check_connection", &agency).await?;
    let connection = store::integrations::get(&mut tenant.tx, integration).await?;
    if let Some(until) = connection.limited_until.filter(|until| *until > now()) {
        let minutes = (until - now()).num_minutes().max(1);
        let when =
            if minutes < 60 { counted(minutes, "minute", "minutes") } else { counted(minutes / 60, "hour", "hours") };
        return Err(Error::Conflict(format!(
            "HighLevel's limit for today is used up, so nothing was asked. It is looked at again in {when}; nothing is lost meanwhile."
        )));
    }
    let work = store::queue::Work::new(domain::work::Kind::CheckIntegration).subject(integration.0);
    let work = work.payload(serde_json::json!({ "asked": true })).priority(50);
    store::queue::add(&mut tenant.tx, &work.once(format!("check:{integration}"))).await?;
    tenant.commit().await?;
    flash_notice(&context, "check_connection", "Checking. The card changes as soon as HighLevel answers.").await
}

/// Ends an integration here and at HighLevel. Its history stays.
#[server(prefix = "/do", endpoint = "disconnect")]
pub async fn disconnect(agency: String, integration: IntegrationId) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("disconnect", &agency).await?;
    context.recent()?;
    store::integrations::disconnect(&mut tenant.tx, integration, "asked by a person").await?;
    store::credentials::revoke_all(&mut tenant.tx, integration).await?;
    let leaving = store::integrations::ask_uninstall(&mut tenant.tx, integration).await?;
    tenant.commit().await?;
    let outside = if leaving { " The app is being removed at HighLevel; the card says when that is done." } else { "" };
    let said = format!("Disconnected.{outside} Connect again whenever you like; nothing was deleted.");
    flash_notice(&context, "disconnect", said).await
}

/// Stores a private integration token beside the company's OAuth integration.
#[server(prefix = "/do", endpoint = "add_private_token")]
pub async fn add_private_token(agency: String, token: String) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("add_private_token", &agency).await?;
    context.recent()?;
    let token = token.trim();
    let is_pit = token.strip_prefix("pit-").is_some_and(|rest| {
        rest.len() >= 16 && rest.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    });
    if !is_pit {
        return Err(Error::field("token", "A private token begins with pit- and is copied whole from HighLevel."));
    }
    let company = store::integrations::company(&mut tenant.tx).await?.ok_or(Error::NotFound)?;
    let token = SecretString::from(token.to_owned());
    store::credentials::store_pit(
        &mut tenant.tx,
        &context.state.vault,
        company.id,
        &token,
        domain::credential::Slot::Backup,
    )
    .await?;
    tenant.commit().await?;
    flash_notice(&context, "add_private_token", "The token is saved. It will not be shown again.").await
}

/// Puts the emergency token into use. The former secret is kept for a month, for diagnosis.
#[server(prefix = "/do", endpoint = "use_private_token")]
pub async fn use_private_token(agency: String, integration: IntegrationId, reason: String) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("use_private_token", &agency).await?;
    context.recent()?;
    let said = || Error::Conflict("Say why, in at most 200 characters. Nothing was changed.".to_owned());
    let reason = domain::text::name(&reason, 200).map_err(|_| said())?;
    store::credentials::promote(&mut tenant.tx, integration, domain::credential::Slot::Backup, &reason).await?;
    let check = store::queue::Work::new(domain::work::Kind::CheckIntegration).subject(integration.0);
    store::queue::add(&mut tenant.tx, &check.once(format!("check:{integration}"))).await?;
    let resumed = store::provisioning::reconnected(&mut tenant.tx, integration, None).await?;
    tenant.commit().await?;
    let said = "The emergency token is in use. The card shows in a moment whether it works.";
    flash_notice(&context, "use_private_token", format!("{said}{}", resumed_jobs_text(resumed))).await
}

/// Claims an install for the agency. If the install did not begin here, its name must be typed, because somebody
/// else could trick a person into a single click.
#[server(prefix = "/do", endpoint = "claim_install")]
pub async fn claim_install(agency: String, install: InstallId, company: Option<String>) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("claim_install", &agency).await?;
    context.recent()?;
    let shown = web::session::claim(&context.session).await?;
    let waiting = store::app_installs::unclaimed(&mut tenant.tx, shown).await?;
    let wanted = waiting.iter().find(|one| one.id == install).ok_or(Error::NotFound)?;
    if !wanted.begun_here && !wanted.is_named(company.as_deref().unwrap_or_default()) {
        return Err(Error::Conflict(format!(
            "This install did not start here. Type the name \"{}\" to say that it is your agency's; nothing was connected.",
            wanted.label()
        )));
    }
    let before = store::agencies::known_company(&mut tenant.tx).await?;
    let integration = match store::app_installs::claim(&mut tenant.tx, &context.state.vault, install, shown).await {
        Err(store::Error::Taken(key)) if key == store::integrations::ONE_COMPANY => {
            return Err(Error::Conflict(
                "Your agency works with another HighLevel company. Nothing was changed. Disconnect that one before you claim this."
                    .to_owned(),
            ));
        }
        done => done?,
    };
    let resumed = store::provisioning::reconnected(&mut tenant.tx, integration, before.as_deref()).await?;
    tenant.commit().await?;
    let said = "The install is yours now. Its snapshots are being read; you find them under Snapshots.";
    flash_notice(&context, "claim_install", format!("{said}{}", resumed_jobs_text(resumed))).await
}
