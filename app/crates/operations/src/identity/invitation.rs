//! Accepts an invitation. The link alone is not enough, because some programs open every link in a mail and press every
//! button. A person without an account gives a name and a password. Anybody else gives the account's password, or has a
//! session of the account.

use domain::UserId;
use secrecy::{ExposeSecret, SecretString};
use store::Db;
use store::invites::{self, LinkState};

use super::sign_in::{self, Attempt};
use super::{Source, password, remember_network};
use crate::{Refusal, secret};

/// What a person enters to accept an invitation.
pub struct Acceptance<'a> {
    /// The secret of the link.
    pub secret: &'a str,
    /// The address of the signed-in person, if somebody is signed in.
    pub signed_in_as: Option<&'a str>,
    /// The person's name, for a new account.
    pub name: &'a str,
    /// A first password for a new account, otherwise the account's password.
    pub password: SecretString,
    /// Where the request comes from.
    pub source: &'a Source,
    /// A hash of nobody's password (`sign_in::Attempt`).
    pub dummy_hash: &'a SecretString,
}

/// An invitation that was accepted.
pub struct Accepted {
    /// The person.
    pub user: UserId,
    /// Whether the account was created, or got its first password.
    pub is_new: bool,
    /// Whether the person is signed in to the account.
    pub is_signed_in: bool,
}

/// Accepts the invitation, and creates the account if there is none.
///
/// # Errors
/// `State` if the link does not work, which says why; `Invalid` for the name or the password; `RateLimited` after too
/// many attempts at the account's password.
pub async fn accept(db: &Db, acceptance: Acceptance<'_>) -> Result<Accepted, Refusal> {
    let (hash, source) = (secret::hash(acceptance.secret), acceptance.source);
    let Some(link) = invites::find(db, hash).await?.filter(|link| link.purpose == "invite") else {
        return Err(link_error(db, hash).await);
    };
    let email = link.email.unwrap_or_default();
    let is_signed_in = acceptance.signed_in_as.is_some_and(|own| own.eq_ignore_ascii_case(&email));
    let new_account = check(db, &email, is_signed_in, acceptance).await?;
    let (name, password_hash) =
        new_account.as_ref().map_or(("", ""), |(name, hash)| (name.as_str(), hash.expose_secret()));
    let user = match invites::accept(db, hash, name, password_hash).await {
        Ok(user) => user,
        Err(store::Error::NotFound) => return Err(link_error(db, hash).await),
        Err(error) => return Err(error.into()),
    };
    let is_new = new_account.is_some();
    if is_new {
        remember_network(db, source, &email).await?;
    }
    Ok(Accepted { user, is_new, is_signed_in })
}

/// Returns the name and the hash of a first password if the address has no account yet, or `None` once the person has
/// proved that the existing account is theirs.
async fn check(
    db: &Db,
    email: &str,
    is_signed_in: bool,
    acceptance: Acceptance<'_>,
) -> Result<Option<(String, SecretString)>, Refusal> {
    let Acceptance { name, password, source, dummy_hash, .. } = acceptance;
    if invites::has_account(db, email).await? {
        let attempt = Attempt { email: &email.to_lowercase(), password, source, dummy_hash };
        if !is_signed_in && sign_in::check_password(db, attempt).await?.is_none() {
            return Err(Refusal::field("password", &format!("This is not the password of {email}.")));
        }
        return Ok(None);
    }
    let name = domain::text::name(name, 120).map_err(|wrong| Refusal::field("name", &wrong.say("your name")))?;
    password::acceptable(password.expose_secret(), email)?;
    Ok(Some((name, password::hash(password).await?)))
}

/// Says why an invitation cannot be accepted, for instance because it was used or withdrawn.
pub async fn link_error(db: &Db, hash: [u8; 32]) -> Refusal {
    let text = match invites::link_state(db, hash).await {
        Ok(Some(LinkState::Used)) => {
            "This invitation was accepted already. If it was you, sign in; if not, tell whoever invited you."
        }
        Ok(Some(LinkState::Ended)) => {
            "This invitation has ended: it was withdrawn, is older than 72 hours, or a newer one took its place. Ask whoever invited you for a new one."
        }
        Ok(Some(LinkState::Gone)) => {
            "What you were invited to is not here any more, so there is nothing to accept. If you still expect to be part of it, ask whoever invited you."
        }
        Ok(Some(LinkState::Paused) | None) => {
            "This invitation does not hold any more: whoever invited you may no longer do so, or your place there has changed since. Ask for a new one."
        }
        Err(error) => return error.into(),
    };
    Refusal::State(text.to_owned())
}
