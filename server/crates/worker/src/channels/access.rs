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
    /// The version of the token. What Meta says of it says nothing about another version.
    pub version: i32,
}

/// The access to this account; `None` if it has none any more.
pub(crate) async fn access(
    worker: &Worker,
    tx: &mut TenantTx,
    integration: &Integration,
) -> store::Result<Option<Access>> {
    let opened = credentials::current(tx, &worker.vault, integration.id, "messaging").await?;
    Ok(opened.map(|secret| Access {
        login: login(integration.kind, secret.kind),
        token: secret.access,
        version: secret.version,
    }))
}

/// The login that gave a token of this kind to an account of this kind.
pub(super) const fn login(account: Kind, token: CredentialKind) -> Login {
    match (account, token) {
        (Kind::Instagram, CredentialKind::OauthUser) => Login::Instagram,
        _ => Login::Facebook,
    }
}
