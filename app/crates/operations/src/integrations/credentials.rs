//! Operations on the private token that an agency keeps for emergencies.

use domain::IntegrationId;
use domain::credential::Slot;
use domain::permission::Right;
use domain::work::Kind;
use secrecy::{ExposeSecret, SecretString};
use store::queue::{self, Work};
use store::vault::Vault;
use store::{credentials, integrations, provisioning};

use crate::{Actor, Refusal};

/// Stores a private integration token beside the company's OAuth integration.
///
/// # Errors
/// `Invalid` if this is no private token; `NotFound` if no company is connected.
pub async fn add_private_token(actor: &Actor, vault: &Vault, token: &SecretString) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    if !is_private_token(token.expose_secret()) {
        return Err(Refusal::field("token", "A private token begins with pit- and is copied whole from HighLevel."));
    }
    let mut tx = allowed.begin().await?;
    let company = integrations::company(&mut tx).await?.ok_or(Refusal::NotFound)?;
    credentials::store_pit(&mut tx, vault, company.id, token, Slot::Backup).await?;
    Ok(tx.commit().await?)
}

fn is_private_token(token: &str) -> bool {
    token.strip_prefix("pit-").is_some_and(|rest| {
        rest.len() >= 16 && rest.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    })
}

/// Puts the emergency token into use and queues a check of it. The former secret is kept for a month, for diagnosis.
/// Returns how many jobs that waited for the integration go on.
///
/// # Errors
/// `NotFound` if there is no such integration or it has no emergency token.
pub async fn use_private_token(actor: &Actor, integration: IntegrationId, reason: &str) -> Result<usize, Refusal> {
    let mut tx = actor.require(Right::ConnectionsManage)?.begin().await?;
    credentials::promote(&mut tx, integration, Slot::Backup, reason).await?;
    let check = Work::new(Kind::CheckIntegration).subject(integration.0);
    queue::add(&mut tx, &check.once(format!("check:{integration}"))).await?;
    let resumed = provisioning::reconnected(&mut tx, integration, None).await?;
    tx.commit().await?;
    Ok(resumed)
}

#[cfg(test)]
mod tests {
    use super::is_private_token;

    #[test]
    fn a_private_token_begins_with_pit_and_is_whole() {
        assert!(
            is_private_token("pit-00000000-0000-4000-8000-000000000000") && is_private_token("pit-0123456789abcdef")
        );
        for other in ["", "pit-", "pit-0123456789abcde", "0123456789abcdef0123", "pit-0123456789abcdef ", "pit-…"] {
            assert!(!is_private_token(other), "{other}");
        }
    }
}
