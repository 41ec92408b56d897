//! Renews tokens without losing a refresh chain. A HighLevel refresh token works once, so one holder across all
//! processes leases the credential, makes the call and stores both new tokens together; all others wait and read the
//! result. The renewal runs in its own task, so cancelling the caller does not lose the new tokens.

use std::time::Duration;

use domain::credential::CredentialKind;
use domain::integration::Integration;
use domain::{AgencyId, BusinessId, IntegrationId};
use ghl::auth::{self, Class, Tokens};
use ghl::{Kind, Reason};
use outbound::{Boxed, CallContext, Priority};
use store::credentials::{self, CredentialFacts, NewSecret, Opened};
use store::integrations;

use super::renewals::{has_company, mint};
use super::tokens::{NoToken, secret, tenant_tx};
use crate::Worker;
use crate::time_scale::{minutes, secs};

/// Longer than a call and its repetition may take.
pub(super) const HOLD: Duration = secs(100);
const LOOK: Duration = Duration::from_millis(250);
/// How long new tokens are kept in memory while the database is unavailable.
const STORE_FOR: Duration = minutes(15);
/// Why a chain ended that HighLevel refuses.
const REFUSED: &str = "HighLevel does not accept the refresh token any more";
/// Why a chain ended that was never one of this location.
const ELSEWHERE: &str = "the refresh token is one of another sub-account";

/// Renews an integration's tokens unless somebody renewed them since `seen`, the version that the caller knows.
/// Boxed, because renewing a location's token may call HighLevel with its company's token, which may need renewal
/// itself.
pub fn refresh(
    worker: &Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    integration: IntegrationId,
    seen: i32,
) -> Boxed<'_, Result<(), NoToken>> {
    let renewal = Renewal { worker: worker.clone(), agency, business, integration };
    Box::pin(async move {
        let done = worker.tasks_to_finish.spawn(async move { renewal.run(seen).await }).await.unwrap_or_else(|panic| {
            Err(NoToken::Database(store::Error::Refused(format!("renewal ended unexpectedly: {panic}"))))
        });
        worker.cache.forget(integration);
        done
    })
}

/// One renewal of one integration.
struct Renewal {
    worker: Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    integration: IntegrationId,
}

impl Renewal {
    /// Those that wait read only the version number. Only the one that renews decrypts the credential and writes
    /// an audit record.
    async fn run(&self, seen: i32) -> Result<(), NoToken> {
        let started = tokio::time::Instant::now();
        loop {
            let current = self.peek().await?.ok_or(NoToken::NotConnected)?;
            if current.version != seen {
                return Ok(());
            }
            if !current.refreshable {
                return self.refused("HighLevel does not accept the token any more").await;
            }
            if self.take(seen).await? {
                return self.renew(seen).await;
            }
            if started.elapsed() > self.worker.time_scale.guard(HOLD) + secs(5) {
                return Err(NoToken::Database(store::Error::Stale));
            }
            tokio::time::sleep(self.worker.time_scale.of(LOOK).max(Duration::from_millis(5))).await;
        }
    }

    async fn peek(&self) -> Result<Option<CredentialFacts>, NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        Ok(credentials::peek(&mut tx, self.integration).await?)
    }

    async fn take(&self, version: i32) -> Result<bool, NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        let taken = credentials::take_refresh(
            &mut tx,
            self.integration,
            version,
            self.worker.me,
            self.worker.time_scale.guard(HOLD),
        )
        .await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn give_back(&self, version: i32) -> Result<(), NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        credentials::release_refresh(&mut tx, self.integration, version, self.worker.me).await?;
        Ok(tx.commit().await?)
    }

    async fn renew(&self, version: i32) -> Result<(), NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        let connection = integrations::get(&mut tx, self.integration).await?;
        let old = credentials::current(&mut tx, &self.worker.vault, self.integration, "renewal").await?;
        drop(tx);
        // Another process may have finished its renewal between our check and our lease.
        let Some(old) = old.filter(|now| now.version == version) else { return Ok(()) };
        match self.ask(&old, &connection.platform_id).await {
            Ok(tokens) if is_elsewhere(&tokens, old.kind, &connection.platform_id) => {
                self.handle_ended_chain(version, &connection, ELSEWHERE).await
            }
            Ok(tokens) => self.store(&old, tokens).await,
            Err(error) if error.kind == Kind::Refused(Reason::Grant) => {
                self.handle_ended_chain(version, &connection, REFUSED).await
            }
            Err(error) => {
                self.give_back(version).await?;
                if error.kind != Kind::Refused(Reason::Inactive) {
                    return Err(NoToken::HighLevel(error));
                }
                let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
                integrations::suspended(&mut tx, self.integration, &error.message).await?;
                tx.commit().await?;
                Err(NoToken::Suspended)
            }
        }
    }

    /// Calls once, and after an unclear answer once more with the same token. If HighLevel executed the first
    /// call, it refuses the second, so we know that the refresh chain is broken instead of suspecting it. The call
    /// counts against the rate limit of the company or location, as it does at HighLevel.
    async fn ask(&self, old: &Opened, place: &str) -> ghl::Result<Tokens> {
        let Some(token) = &old.refresh else {
            return Err(no_refresh_token());
        };
        let class = if old.kind == CredentialKind::OauthLocation { Class::Location } else { Class::Company };
        let about = CallContext {
            agency: Some(self.agency.0),
            business: self.business.map(|id| id.0),
            integration: Some(self.integration.0),
            // Everything else waits for the renewal.
            priority: Priority::Interactive,
            ..CallContext::default()
        };
        // Boxed, because the compiler cannot prove through the OAuth library that the future is `Send`.
        let call = || -> Boxed<'_, ghl::Result<Tokens>> {
            Box::pin(auth::refresh(&self.worker.ghl, &about, token, &class, place))
        };
        match call().await {
            Err(error) if error.kind == Kind::Unclear && self.worker.ghl.repeat(&about).is_ok() => call().await,
            other => other,
        }
    }

    /// Stores both tokens together and retries for [`STORE_FOR`], because they exist nowhere else. An answer
    /// without a refresh token leaves the old one in use (RFC 6749, section 6).
    async fn store(&self, old: &Opened, tokens: Tokens) -> Result<(), NoToken> {
        let mut new = secret(&tokens, old.kind);
        if new.refresh.is_none() {
            new.refresh = old.refresh.clone();
            new.refresh_expires_at = old.refresh_expires_at;
        }
        let started = tokio::time::Instant::now();
        loop {
            match self.put(old.version, &new).await {
                // Stale: somebody else renewed or reconnected meanwhile; their tokens are the newer ones.
                Ok(()) | Err(store::Error::Stale) => return Ok(()),
                // The integration was removed meanwhile, so the tokens cannot be stored anywhere.
                Err(store::Error::NotFound) => {
                    tracing::warn!(event = "credential.company_unknown", integration = %self.integration, "a connection was removed while it was being renewed");
                    return Err(NoToken::NotConnected);
                }
                Err(error) if started.elapsed() > self.worker.time_scale.of(STORE_FOR) => {
                    return Err(NoToken::Database(error));
                }
                Err(error) => {
                    tracing::error!(integration = %self.integration, %error, "new tokens cannot be stored yet; keeping them in memory");
                    tokio::time::sleep(self.worker.time_scale.of(secs(1))).await;
                }
            }
        }
    }

    async fn put(&self, version: i32, new: &NewSecret) -> store::Result<()> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        let dead = integrations::get(&mut tx, self.integration).await?.needs_reauth_at.is_some();
        credentials::put_renewed(&mut tx, &self.worker.vault, self.integration, version, new).await?;
        integrations::record_success(&mut tx, self.integration).await?;
        // New tokens that arrive late make a dead integration work again, so the questions that it caused are
        // settled.
        if dead && self.business.is_none() {
            store::provisioning::reconnected(&mut tx, self.integration, None).await?;
        }
        tx.commit().await
    }

    /// Handles the end of the refresh chain. If another version is in use by now, that one counts. A location gets
    /// its next token from its company if that company is connected here; otherwise a person must reconnect.
    async fn handle_ended_chain(&self, version: i32, connection: &Integration, why: &str) -> Result<(), NoToken> {
        if connection.parent_platform_id.is_some() && has_company(&self.worker, self.agency, connection).await? {
            return mint(&self.worker, self.agency, self.business, connection).await;
        }
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        let ended = credentials::record_refused_refresh(&mut tx, self.integration, version, why).await?;
        tx.commit().await?;
        if ended { Err(NoToken::NeedsReauth) } else { Ok(()) }
    }

    /// Records on the integration that a token which cannot renew itself was refused; a person must reconnect.
    async fn refused(&self, why: &str) -> Result<(), NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        integrations::failed(&mut tx, self.integration, why).await?;
        tx.commit().await?;
        Err(NoToken::NeedsReauth)
    }
}

/// Whether these are tokens of another location than the one of the connection. A program that hands over the tokens of a location
/// proves what its access token opens, and nobody knows before the first renewal what its refresh token does.
fn is_elsewhere(tokens: &Tokens, kind: CredentialKind, place: &str) -> bool {
    let is_other = tokens.location_id.as_deref().is_some_and(|location| location != place);
    kind == CredentialKind::OauthLocation && is_other
}

fn no_refresh_token() -> ghl::Error {
    ghl::Error {
        kind: Kind::Refused(Reason::Grant),
        operation: "refresh",
        doing: "renewing the connection",
        status: None,
        request_id: None,
        message: "there is no refresh token".into(),
    }
}
