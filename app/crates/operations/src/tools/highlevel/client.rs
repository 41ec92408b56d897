//! How does a tool call HighLevel? With the token of the client's own location, which is opened once for the calls of a few
//! minutes, and which is minted anew if it ended or is refused.

use chrono::{DateTime, TimeDelta, Utc};
use domain::credential::CredentialKind;
use domain::identity::Reach;
use domain::{AgencyId, BusinessId, IntegrationId};
use ghl::crm::{self, Request};
use ghl::{Ghl, Kind};
use outbound::{CallContext, Priority};
use secrecy::SecretString;
use serde_json::Value;
use store::credentials::{self, Cache, CachedCredential, CredentialOwner, NewSecret, NoCredential};
use store::tenant::{Scope, TenantTx};
use store::vault::Vault;
use store::{Db, integrations};

use super::answer::{passed_on, said};
use crate::tools::ToolError;

/// What the audit log says that a token was opened for.
const PURPOSE: &str = "tools";

/// A token that ends sooner than this is not used any more.
const MARGIN: TimeDelta = TimeDelta::minutes(1);

/// How long a refresh token lives if it is not used (HighLevel API, token lifetimes).
const REFRESH_LIFE: TimeDelta = TimeDelta::days(365);

/// The HighLevel location of one client. Cheap to clone; the cache alone holds a token.
#[derive(Clone)]
pub struct HighLevel {
    db: Db,
    vault: Vault,
    ghl: Ghl,
    agency: AgencyId,
    business: BusinessId,
    location: String,
    cache: Cache,
}

/// A token that was opened for one call.
struct Key {
    access: SecretString,
    integration: IntegrationId,
    version: i32,
}

impl From<&CachedCredential> for Key {
    fn from(ready: &CachedCredential) -> Self {
        Self { access: ready.access.clone(), integration: ready.integration, version: ready.version }
    }
}

impl HighLevel {
    /// The location of this business. `location` is the id that the business has in our own database: what a caller sends
    /// never chooses it. Its token is opened anew for each call.
    #[must_use]
    pub fn new(db: Db, vault: Vault, ghl: Ghl, agency: AgencyId, business: BusinessId, location: String) -> Self {
        Self { db, vault, ghl, agency, business, location, cache: Cache::default() }
    }

    /// The same with a cache of opened tokens that the whole process shares. The audit log then says once in five minutes for
    /// what a token is opened; the log of tools has each call.
    #[must_use]
    pub fn sharing(self, cache: Cache) -> Self {
        Self { cache, ..self }
    }

    /// HighLevel's id of the location.
    pub(super) fn location(&self) -> &str {
        &self.location
    }

    /// Sends a request and returns the answer without secrets and with long texts cut. A refused token is replaced once; the
    /// refused call was not carried out, so it is sent again.
    ///
    /// # Errors
    /// `Upstream` in words for people; `RateLimited` while a limit of HighLevel's is used up.
    pub(super) async fn ask(&self, now: DateTime<Utc>, request: &Request) -> Result<Value, ToolError> {
        let mut key = self.key(now, None).await?;
        let mut answer = self.send(&key, request).await;
        if answer.as_ref().is_err_and(|error| error.kind == Kind::Unauthorised) {
            key = self.key(now, Some(&key)).await?;
            answer = self.send(&key, request).await;
        }
        match answer {
            Ok(answer) => Ok(passed_on(answer, &key.access)),
            Err(error) => {
                tracing::info!(
                    event = "tool.highlevel_refused", business = %self.business, operation = error.operation,
                    status = error.status, "HighLevel did not carry out the call of a tool"
                );
                Err(said(&error, request.reads(), now))
            }
        }
    }

    async fn send(&self, key: &Key, request: &Request) -> ghl::Result<Value> {
        let about = self.about(key.integration);
        let call = ghl::Call { token: &key.access, resource: &self.location, about: &about };
        crm::send(&self.ghl, call, request).await
    }

    /// The location's token: the stored one, unless it ended or is the refused one; else a new one.
    async fn key(&self, now: DateTime<Utc>, refused: Option<&Key>) -> Result<Key, ToolError> {
        let (owner, scope) = (CredentialOwner::Location(self.location.clone()), self.scope());
        if let Some(key) = refused {
            // Somebody else may have replaced it already.
            self.cache.forget(key.integration);
        }
        match self.cache.find(&self.db, &self.vault, &scope, &owner, PURPOSE).await {
            Ok(ready) => {
                let lasts = ready.expires_at.is_none_or(|end| end > now + MARGIN);
                let was_refused =
                    refused.is_some_and(|key| key.integration == ready.integration && key.version == ready.version);
                if lasts && !was_refused { Ok(Key::from(&*ready)) } else { self.mint(now).await }
            }
            Err(NoCredential::Mint(_)) => self.mint(now).await,
            Err(why) => Err(no_token(why)),
        }
    }

    /// Mints a token with the token of the agency's company, and stores it.
    async fn mint(&self, now: DateTime<Utc>) -> Result<Key, ToolError> {
        // Rarely needed and worth most, so it is opened for this alone: a cache of its own keeps nothing.
        let (cache, scope) = (Cache::default(), self.agency_scope());
        let found = cache.find(&self.db, &self.vault, &scope, &CredentialOwner::Company, PURPOSE).await;
        let company = found.map_err(no_token)?;
        let about = self.about(company.integration);
        let call = ghl::Call { token: &company.access, resource: &company.platform_id, about: &about };
        let minted = ghl::auth::location_token(&self.ghl, call, &company.platform_id, &self.location).await;
        let minted = minted.map_err(|error| said(&error, true, now))?;
        let new = NewSecret {
            kind: CredentialKind::OauthLocation,
            access: minted.access.clone(),
            refresh_expires_at: minted.refresh.as_ref().map(|_| now + REFRESH_LIFE),
            refresh: minted.refresh,
            scopes: minted.scopes,
            expires_at: TimeDelta::from_std(minted.expires_in).ok().map(|life| now + life),
        };
        let mut tx = TenantTx::begin(&self.db, self.scope()).await?;
        let integration = self.own(&mut tx, &company.platform_id).await?;
        let version = credentials::put(&mut tx, &self.vault, integration, &new).await?;
        integrations::record_success(&mut tx, integration).await?;
        tx.commit().await?;
        self.cache.forget(integration);
        Ok(Key { access: minted.access, integration, version })
    }

    /// The business's integration of its location; a new one if it has none, as after an import. One that was paused or
    /// disconnected meanwhile stays as it is.
    async fn own(&self, tx: &mut TenantTx, company: &str) -> Result<IntegrationId, ToolError> {
        let known = integrations::location(tx, &self.location).await?.filter(|one| one.business == Some(self.business));
        match known {
            Some(known) if known.is_active && known.paused_at.is_none() => Ok(known.id),
            Some(_) => Err(no_token(NoCredential::Inactive(self.location.clone()))),
            None => {
                let (business, location) = (Some(self.business), &self.location);
                Ok(integrations::upsert_location(tx, business, location, company, None).await?)
            }
        }
    }

    fn about(&self, integration: IntegrationId) -> CallContext {
        CallContext {
            agency: Some(self.agency.0),
            business: Some(self.business.0),
            integration: Some(integration.0),
            priority: Priority::Interactive,
            ..CallContext::default()
        }
    }

    fn scope(&self) -> Scope {
        let (agency, business, listed) = (self.agency, self.business, vec![self.business]);
        Scope::AgencyBusiness { user: None, agency, business, reach: Reach::Listed, listed }
    }

    fn agency_scope(&self) -> Scope {
        Scope::Agency { user: None, agency: self.agency, reach: Reach::Listed, listed: vec![self.business] }
    }
}

fn no_token(why: NoCredential) -> ToolError {
    let words = match why {
        NoCredential::NotFound(_) | NoCredential::Mint(_) => {
            "HighLevel is not connected for this client. Somebody at the agency has to connect it."
        }
        NoCredential::NeedsReauth(_) => {
            "The connection with HighLevel has ended. Somebody at the agency has to connect it again."
        }
        NoCredential::Inactive(_) => "The connection with HighLevel is paused or was disconnected.",
        NoCredential::Store(error) => return error.into(),
    };
    ToolError::Upstream(words.to_owned())
}
