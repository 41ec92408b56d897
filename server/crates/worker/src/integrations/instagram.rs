//! How is the token of an Instagram account renewed? It lives for 60 days and is exchanged for a new one before it ends.
//! The old one works until its own end, so that nothing is lost with a new one that could not be stored.

use chrono::Utc;
use domain::integration::{Integration, Kind};
use domain::{AgencyId, BusinessId};
use meta::instagram;
use outbound::CallContext;
use store::credentials::{self, NewSecret, Opened};
use store::integrations;

use super::refresh::HOLD;
use super::tokens::tenant_tx;
use crate::Worker;
use crate::failed::Failed;
use crate::integrations::lost_channel::lost;

/// Renews this version of the token, unless another process does it right now. If Meta does not renew it any more, a
/// person has to connect the account again.
pub(super) async fn renew(
    worker: &Worker,
    agency: AgencyId,
    business: Option<BusinessId>,
    account: &Integration,
    version: i32,
) -> Result<(), Failed> {
    if account.kind != Kind::Instagram {
        return Ok(());
    }
    let mut tx = tenant_tx(worker, agency, business).await?;
    let hold = worker.time_scale.guard(HOLD);
    if !credentials::take_refresh(&mut tx, account.id, version, worker.me, hold).await? {
        return Ok(());
    }
    tx.commit().await?;
    let mut tx = tenant_tx(worker, agency, business).await?;
    let old = credentials::current(&mut tx, &worker.vault, account.id, "renewal").await?;
    drop(tx);
    let Some(old) = old.filter(|old| old.version == version) else { return Ok(()) };
    let about = CallContext {
        agency: Some(agency.0),
        business: business.map(|id| id.0),
        integration: Some(account.id.0),
        ..CallContext::default()
    };
    let renewed = instagram::refresh(&worker.meta, &about, &old.access).await;
    let mut tx = tenant_tx(worker, agency, business).await?;
    match renewed {
        Ok(new) => {
            match credentials::put_renewed(&mut tx, &worker.vault, account.id, version, &secret(&old, new)).await {
                // Connected again meanwhile: that token is the newer one.
                Err(store::Error::Stale) => return Ok(()),
                stored => {
                    stored?;
                    integrations::record_success(&mut tx, account.id).await?;
                }
            }
        }
        Err(error) if matches!(error.kind, meta::Kind::Token(_)) => {
            lost(&mut tx, account.id, version, "token not renewed").await?;
        }
        Err(error) => {
            credentials::release_refresh(&mut tx, account.id, version, worker.me).await?;
            tx.commit().await?;
            tracing::warn!(event = "credential.instagram_not_renewed", integration = %account.id, %error, "an Instagram token was not renewed; it is tried again later");
            return if error.passes() { Err(error.into()) } else { Ok(()) };
        }
    }
    tx.commit().await?;
    worker.cache.forget(account.id);
    Ok(())
}

fn secret(old: &Opened, new: instagram::Long) -> NewSecret {
    NewSecret {
        kind: old.kind,
        access: new.token,
        refresh: None,
        scopes: old.scopes.clone(),
        expires_at: Some(Utc::now() + new.expires_in),
        refresh_expires_at: None,
    }
}
