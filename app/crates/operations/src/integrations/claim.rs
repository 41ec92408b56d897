//! Operations on installs that belong to no agency yet: one arrives from HighLevel, an agency claims it.

use domain::InstallId;
use domain::credential::CredentialKind;
use domain::permission::Right;
use ghl::auth::Class;
use store::app_installs::NewInstall;
use store::vault::Vault;
use store::{Db, agencies, app_installs, integrations, provisioning};

use super::{Account, Received};
use crate::{Actor, Refusal};

/// How an install reached us.
#[derive(Clone, Copy)]
pub struct Arrival {
    /// SHA-256 of the claim secret. The browser session that remembers it sees the unclaimed install.
    pub claim: [u8; 32],
    /// True if an agency requested the install here.
    pub begun_here: bool,
    /// SHA-256 of the OAuth code that brought it.
    pub code: [u8; 32],
}

/// Outcome of storing an install that belongs to no agency yet. Holds the name of the account.
pub enum Kept {
    /// It waits to be claimed.
    Waiting(String),
    /// An agency here claimed it before and keeps the tokens it has.
    Claimed(String),
}

/// Keeps an install that belongs to no agency yet, until an agency claims it. Nobody acts in an agency here: HighLevel
/// exchanged the code of this arrival for the tokens, and that is the proof. `app_id` is the id of our app there.
///
/// # Errors
/// `Store` if the database fails.
pub async fn keep(
    db: &Db,
    vault: &Vault,
    app_id: &str,
    received: &Received,
    account: &Account,
    arrival: Arrival,
) -> Result<Kept, Refusal> {
    let tokens = &received.tokens;
    let company = tokens.company_id.as_deref().unwrap_or_default();
    let kind = match tokens.class {
        Class::Location => CredentialKind::OauthLocation,
        _ => CredentialKind::OauthCompany,
    };
    let new = NewInstall {
        app_id,
        company_id: company,
        location_id: tokens.location_id.as_deref(),
        name: account.name.as_deref(),
        secret: &received.secret(kind),
        claim: Some(arrival.claim),
        begun_here: arrival.begun_here,
        email: account.email.as_deref(),
        place: account.place.as_deref(),
        installer: account.installer.as_deref(),
        code: Some(arrival.code),
    };
    app_installs::add(db, vault, &new).await?;
    let kept = app_installs::arrived(db, arrival.code).await?;
    let name = account.name.as_deref().or(tokens.location_id.as_deref()).unwrap_or(company).to_owned();
    match kept {
        Some(install) if install.state == "claimed" => Ok(Kept::Claimed(name)),
        _ => Ok(Kept::Waiting(name)),
    }
}

/// An install that somebody wants to claim.
pub struct Claim<'a> {
    /// The install.
    pub install: InstallId,
    /// SHA-256 of the claim secret that the browser presents, if it has one.
    pub shown: Option<[u8; 32]>,
    /// The name of the company as the person typed it. If the install did not begin here it must be right, because
    /// somebody else could trick a person into a single click.
    pub company: &'a str,
}

/// Claims an install for the agency, seals its tokens under the agency's key and queues the first work with them.
/// Returns how many jobs that waited for the integration go on.
///
/// # Errors
/// `NotFound` if the agency may not claim this install; `State` if the name is not the company's, or the agency works
/// with another company.
pub async fn claim(actor: &Actor, vault: &Vault, claim: &Claim<'_>) -> Result<usize, Refusal> {
    let mut tx = actor.require(Right::ConnectionsManage)?.begin().await?;
    let waiting = app_installs::unclaimed(&mut tx, claim.shown).await?;
    let wanted = waiting.iter().find(|one| one.id == claim.install).ok_or(Refusal::NotFound)?;
    if !wanted.begun_here && !wanted.is_named(claim.company) {
        return Err(Refusal::State(format!(
            "This install did not start here. Type the name \"{}\" to say that it is your agency's; nothing was connected.",
            wanted.label()
        )));
    }
    let before = agencies::known_company(&mut tx).await?;
    let integration = match app_installs::claim(&mut tx, vault, claim.install, claim.shown).await {
        Err(store::Error::Taken(key)) if key == integrations::ONE_COMPANY => {
            return Err(Refusal::State(
                "Your agency works with another HighLevel company. Nothing was changed. Disconnect that one before you claim this."
                    .to_owned(),
            ));
        }
        done => done?,
    };
    let resumed = provisioning::reconnected(&mut tx, integration, before.as_deref()).await?;
    tx.commit().await?;
    Ok(resumed)
}
