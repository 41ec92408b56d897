//! With which token is an account at Meta reached?

use domain::credential::CredentialKind;
use domain::integration::{Integration, Kind};
use meta::Login;
use secrecy::SecretString;
use store::credentials;
use store::tenant::TenantTx;

use crate::Worker;

/// The token of an account, and the login that gave it.
pub(crate) struct Access {
    /// The token.
    pub token: SecretString,
    /// The login.
    pub login: Login,
}

/// The access to this account; `None` if it has none any more.
pub(crate) async fn access(
    worker: &Worker,
    tx: &mut TenantTx,
    integration: &Integration,
) -> store::Result<Option<Access>> {
    let opened = credentials::current(tx, &worker.vault, integration.id, "messaging").await?;
    Ok(opened.map(|secret| Access {
        login: match (integration.kind, secret.kind) {
            (Kind::Instagram, CredentialKind::OauthUser) => Login::Instagram,
            _ => Login::Facebook,
        },
        token: secret.access,
    }))
}
