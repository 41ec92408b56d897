//! Operations on connections with HighLevel: connect an account, check it, add and use a private token, claim an
//! install, disconnect.

pub mod bundle;
pub mod claim;
pub mod connect;
mod credentials;
mod disconnect;
mod proof;
pub mod tenant_credentials;

use chrono::{DateTime, Duration, Utc};
use domain::IntegrationId;
use domain::credential::CredentialKind;
use domain::permission::Right;
use domain::work::Kind;
use ghl::auth::Tokens;
use store::credentials::NewSecret;
use store::integrations;
use store::queue::{self, Work};
use store::tenant::TenantTx;
use store::vault::Vault;

use crate::{Actor, Refusal};

pub use credentials::{add_private_token, use_private_token};
pub use disconnect::disconnect;

/// Days after which an unused refresh token expires (HighLevel API, token lifetimes).
const REFRESH_DAYS: i64 = 365;

/// Whose account it is, in words that a person knows. What could not be read is `None`.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Name of the company or location.
    pub name: Option<String>,
    /// Its email address.
    pub email: Option<String>,
    /// Where it is.
    pub place: Option<String>,
    /// The domain at which a white-labelled company opens HighLevel.
    pub domain: Option<String>,
    /// Name and email address of the person who gave consent.
    pub installer: Option<String>,
}

/// Tokens that HighLevel gave, and when.
pub struct Received {
    /// The tokens and what came with them.
    pub tokens: Tokens,
    /// When they arrived. Their lifetimes count from here.
    pub at: DateTime<Utc>,
}

impl Received {
    fn secret(&self, kind: CredentialKind) -> NewSecret {
        let tokens = &self.tokens;
        NewSecret {
            kind,
            access: tokens.access.clone(),
            refresh: tokens.refresh.clone(),
            scopes: tokens.scopes.clone(),
            expires_at: Duration::from_std(tokens.expires_in).ok().map(|lives| self.at + lives),
            refresh_expires_at: tokens.refresh.is_some().then(|| self.at + Duration::days(REFRESH_DAYS)),
        }
    }

    /// Seals both tokens as the integration's next version and records which scopes were granted.
    async fn store(
        &self,
        tx: &mut TenantTx,
        vault: &Vault,
        integration: IntegrationId,
        kind: CredentialKind,
    ) -> Result<(), Refusal> {
        store::credentials::put(tx, vault, integration, &self.secret(kind)).await?;
        let granted = &self.tokens.scopes;
        let missing: Vec<String> = ghl::auth::SCOPES
            .iter()
            .filter(|wanted| !granted.is_empty() && !granted.iter().any(|scope| scope == *wanted))
            .map(|scope| (*scope).to_owned())
            .collect();
        integrations::set_scopes(tx, integration, granted, &missing).await?;
        integrations::record_success(tx, integration).await?;
        Ok(())
    }
}

/// Queues a background check of an integration that a person asked for.
///
/// # Errors
/// `State` while HighLevel's limit of the day is used up; `NotFound` if there is no such integration.
pub async fn check(actor: &Actor, id: IntegrationId, now: DateTime<Utc>) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ConnectionsManage)?.begin().await?;
    let integration = integrations::get(&mut tx, id).await?;
    if let Some(until) = integration.limited_until.filter(|until| *until > now) {
        let wait = wait((until - now).num_minutes().max(1));
        return Err(Refusal::State(format!(
            "HighLevel's limit for today is used up, so nothing was sent. We'll check again in {wait}. Nothing is lost in the meantime."
        )));
    }
    let work = Work::new(Kind::CheckIntegration).subject(id.0);
    let work = work.payload(serde_json::json!({ "asked": true })).priority(50);
    queue::add(&mut tx, &work.once(format!("check:{id}"))).await?;
    Ok(tx.commit().await?)
}

/// How long to wait, in words.
fn wait(minutes: i64) -> String {
    let (count, unit) = if minutes < 60 { (minutes, "minute") } else { (minutes / 60, "hour") };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::wait;

    #[test]
    fn a_wait_is_told_in_minutes_and_from_one_hour_on_in_hours() {
        let told = [1, 2, 59, 60, 119, 120, 1439].map(wait);
        assert_eq!(told, ["1 minute", "2 minutes", "59 minutes", "1 hour", "1 hour", "2 hours", "23 hours"]);
    }
}
