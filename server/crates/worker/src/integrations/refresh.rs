//! How is a token renewed so that no chain is ever lost? HighLevel's refresh tokens work once. One holder across all processes
//! takes a lease on the credential, calls, and stores both new tokens together; the rest wait and read. It runs in a task of
//! its own: whoever asked may be cancelled, the new tokens must not be.

use std::time::Duration;

use domain::credential::CredentialKind;
use domain::{AgencyId, BusinessId, IntegrationId};
use ghl::auth::{self, Class, Tokens};
use ghl::{Kind, Reason};
use outbound::{About, Boxed};
use store::credentials::{self, Opened};
use store::integrations;

use super::tokens::{NoToken, secret, tenant_tx};
use crate::Worker;
use crate::pace::{minutes, secs};

/// Longer than a call and its repetition may take.
const HOLD: Duration = secs(100);
const LOOK: Duration = Duration::from_millis(250);
/// How long new tokens are kept in memory while the database is away.
const STORE_FOR: Duration = minutes(15);

/// Renews a connection's tokens unless somebody did since `seen`, the version the caller knows.
pub async fn refresh(
    worker: &Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    integration: IntegrationId,
    seen: i32,
) -> Result<(), NoToken> {
    let one = One { worker: worker.clone(), agency, business, integration };
    let done = worker.kept.spawn(async move { one.run(seen).await }).await.unwrap_or_else(|panic| {
        Err(NoToken::Trouble(store::Error::Refused(format!("renewal ended unexpectedly: {panic}"))))
    });
    worker.cache.forget(integration);
    done
}

/// One renewal of one connection.
struct One {
    worker: Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    integration: IntegrationId,
}

impl One {
    async fn run(&self, seen: i32) -> Result<(), NoToken> {
        let started = tokio::time::Instant::now();
        loop {
            let current = self.current().await?.ok_or(NoToken::NotConnected)?;
            if current.version != seen {
                return Ok(());
            }
            if self.take(seen).await? {
                return self.renew(current).await;
            }
            if started.elapsed() > self.worker.pace.of(HOLD) + secs(5) {
                return Err(NoToken::Trouble(store::Error::Stale));
            }
            tokio::time::sleep(self.worker.pace.of(LOOK).max(Duration::from_millis(5))).await;
        }
    }

    async fn current(&self) -> Result<Option<Opened>, NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        Ok(credentials::current(&mut tx, &self.worker.vault, self.integration, "renewal").await?)
    }

    async fn take(&self, version: i32) -> Result<bool, NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        let taken =
            credentials::take_refresh(&mut tx, self.integration, version, self.worker.me, self.worker.pace.of(HOLD))
                .await?;
        tx.commit().await?;
        Ok(taken)
    }

    async fn give_back(&self, version: i32) -> Result<(), NoToken> {
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        credentials::release_refresh(&mut tx, self.integration, version, self.worker.me).await?;
        Ok(tx.commit().await?)
    }

    async fn renew(&self, old: Opened) -> Result<(), NoToken> {
        // The winner of an earlier round may have finished between our look and our lease.
        if self.current().await?.is_some_and(|now| now.version != old.version) {
            return Ok(());
        }
        match self.ask(&old).await {
            Ok(tokens) => self.store(&old, tokens).await,
            Err(error) if error.kind == Kind::Refused(Reason::Grant) => self.ended(old.version).await,
            Err(error) => {
                self.give_back(old.version).await?;
                Err(NoToken::Outside(error))
            }
        }
    }

    /// Asks once; after an unclear answer once more with the same token. If the first had been executed, the second is refused,
    /// and the chain is known to be broken instead of suspected.
    async fn ask(&self, old: &Opened) -> ghl::Result<Tokens> {
        let Some(token) = &old.refresh else {
            return Err(no_refresh_token());
        };
        let class = if old.kind == CredentialKind::OauthLocation { Class::Location } else { Class::Company };
        let about = About {
            agency: Some(self.agency.0),
            business: self.business.map(|id| id.0),
            integration: Some(self.integration.0),
            ..About::default()
        };
        let resource = self.integration.to_string();
        // Boxed, because the compiler does not see through the OAuth library that the call may change threads.
        let call = || -> Boxed<'_, ghl::Result<Tokens>> {
            Box::pin(auth::refresh(&self.worker.ghl, &about, token, &class, &resource))
        };
        match call().await {
            Err(error) if error.kind == Kind::Unclear && self.worker.ghl.repeat(&about).is_ok() => call().await,
            other => other,
        }
    }

    /// Both tokens together, with patience: they exist nowhere else.
    async fn store(&self, old: &Opened, tokens: Tokens) -> Result<(), NoToken> {
        let new = secret(&tokens, old.kind);
        let started = tokio::time::Instant::now();
        loop {
            let stored = async {
                let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
                credentials::put_renewed(&mut tx, &self.worker.vault, self.integration, old.version, &new).await?;
                integrations::ok(&mut tx, self.integration).await?;
                tx.commit().await
            };
            match stored.await {
                // Stale: somebody else renewed or connected anew meanwhile; theirs is the better one.
                Ok(()) | Err(store::Error::Stale) => return Ok(()),
                Err(error) if started.elapsed() > self.worker.pace.of(STORE_FOR) => {
                    return Err(NoToken::Trouble(error));
                }
                Err(error) => {
                    tracing::error!(integration = %self.integration, %error, "new tokens cannot be stored yet; keeping them in memory");
                    tokio::time::sleep(self.worker.pace.of(secs(1))).await;
                }
            }
        }
    }

    /// The chain has ended, unless another version is in use by now: then it is that one which counts. A location's next token is
    /// minted from the company's; a company needs a person.
    async fn ended(&self, version: i32) -> Result<(), NoToken> {
        let why = "HighLevel does not accept the refresh token any more";
        let mut tx = tenant_tx(&self.worker, self.agency, self.business).await?;
        let ended = credentials::refused_refresh(&mut tx, self.integration, version, why).await?;
        tx.commit().await?;
        if ended { Err(NoToken::NeedsReauth) } else { Ok(()) }
    }
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
