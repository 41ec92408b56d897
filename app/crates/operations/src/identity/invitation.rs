//! Accepts an invitation. The link alone is not enough, because some programs open every link in a mail and press every
//! button. A person without an account gives a name and a password. Anybody else gives the account's password, or has a
//! session of the account. Whoever showed or set a password is signed in by that.

use domain::identity::Membership;
use domain::language::Language;
use secrecy::{ExposeSecret, SecretString};
use store::Db;
use store::identity as accounts;
use store::invites::{self, LinkState, OneTime};

use super::sign_in::{self, Attempt, SignedIn};
use super::{Source, password, remember_network};
use crate::{Myself, Refusal, secret};

/// Why a link that was handed over does not set the first password of an account.
const ONLY_BY_MAIL: &str = "Your account has no password yet. Set one with the link in your email first, then accept.";

/// What a person enters to accept an invitation.
pub struct Acceptance<'a> {
    /// The secret of the link.
    pub secret: &'a str,
    /// The address of the signed-in person, if somebody is signed in.
    pub signed_in_as: Option<&'a str>,
    /// The person's name, for a new account.
    pub name: &'a str,
    /// The language that their browser asks for. A new account keeps it for its mails, unless it is the usual one.
    pub language: Language,
    /// A first password for a new account, otherwise the account's password.
    pub password: SecretString,
    /// Where the request comes from.
    pub source: &'a Source,
    /// A hash of nobody's password (`sign_in::Attempt`).
    pub dummy_hash: &'a SecretString,
}

/// An invitation that was accepted.
pub struct Accepted {
    /// The person, who may be signed in by what they showed.
    pub signed_in: SignedIn,
    /// Whether they are signed in to the account already.
    pub is_signed_in: bool,
    /// The page of what they were invited to.
    pub page: String,
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
    let email = link.email.clone().unwrap_or_default();
    let is_signed_in = acceptance.signed_in_as.is_some_and(|own| own.eq_ignore_ascii_case(&email));
    let language = acceptance.language;
    let proved = check(db, (&link, &email), is_signed_in, acceptance).await?;
    let (name, password_hash) = match &proved {
        Proved::NewAccount(name, hash) => (name.as_str(), hash.expose_secret()),
        Proved::Password(_) | Proved::Session => ("", ""),
    };
    let user = match invites::accept(db, hash, name, password_hash).await {
        Ok(user) => user,
        Err(store::Error::NotFound) => return Err(link_error(db, hash).await),
        Err(error) => return Err(error.into()),
    };
    let (caller, now) = accounts::signed_in(db, user).await?.ok_or(Refusal::SignIn)?;
    let generation = match proved {
        Proved::Password(read) => read,
        Proved::NewAccount(..) | Proved::Session => now,
    };
    if matches!(proved, Proved::NewAccount(..)) {
        remember_network(db, source, &email).await?;
        if language != Language::default() {
            super::language::choose(&Myself::new(db.clone(), user), language).await?;
        }
    }
    if !is_signed_in {
        accounts::record_sign_in(db, user, true, "invitation").await?;
    }
    let page = page(&link, &caller.memberships);
    Ok(Accepted { signed_in: SignedIn { caller, generation }, is_signed_in, page })
}

/// The start page of the place that the link leads to.
fn page(link: &OneTime, memberships: &[Membership]) -> String {
    let found = memberships.iter().find_map(|place| match (place, link.business) {
        (Membership::Business { id, .. }, Some(business)) if *id == business => Some(format!("/b/{id}")),
        (Membership::Agency { id, slug, .. }, None) if Some(*id) == link.agency => Some(format!("/a/{slug}")),
        _ => None,
    });
    found.unwrap_or_else(|| "/".to_owned())
}

/// What shows that the person is the one who was invited.
enum Proved {
    /// There was no account: its name, and the hash of its first password.
    NewAccount(String, SecretString),
    /// The account's password was right. How often all sessions had been ended when its hash was read.
    Password(i32),
    /// A session of the account.
    Session,
}

/// Checks that the person is the one who was invited, or makes ready what a new account needs.
async fn check(
    db: &Db,
    (link, email): (&OneTime, &str),
    is_signed_in: bool,
    acceptance: Acceptance<'_>,
) -> Result<Proved, Refusal> {
    let Acceptance { name, password, source, dummy_hash, .. } = acceptance;
    if invites::has_account(db, email).await? {
        if is_signed_in {
            return Ok(Proved::Session);
        }
        let attempt = Attempt { email: &email.to_lowercase(), password, source, dummy_hash };
        let account = sign_in::check_password(db, attempt).await?;
        let wrong = || Refusal::field("password", &format!("This is not the password of {email}."));
        return account.map(|account| Proved::Password(account.generation)).ok_or_else(wrong);
    }
    if link.handed_over && accounts::auth_user(db, email).await?.is_some() {
        return Err(Refusal::State(ONLY_BY_MAIL.to_owned()));
    }
    let name = domain::text::name(name, 120).map_err(|wrong| Refusal::field("name", &wrong.say("your name")))?;
    password::acceptable(password.expose_secret(), email)?;
    Ok(Proved::NewAccount(name, password::hash(password).await?))
}

/// Why an invitation cannot be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was accepted.
    Used,
    /// It was withdrawn, ran out or was replaced.
    Ended,
    /// What it invites to is gone.
    Gone,
    /// Whoever invites may no longer do so, or the link is none of ours.
    Changed,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Used, Self::Ended, Self::Gone, Self::Changed];

    /// What is the matter.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Used => "This invitation was already used",
            Self::Ended => "This invitation has expired",
            Self::Gone => "There's nothing left to accept",
            Self::Changed => "This invitation no longer works",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Used => {
                "This invitation was already accepted. If it was you, sign in. If not, tell the person who invited you."
            }
            Self::Ended => {
                "This invitation no longer works: it was canceled or replaced, or is older than 7 days. Ask the person who invited you for a new one."
            }
            Self::Gone => {
                "What you were invited to no longer exists, so there's nothing to accept. If you still expect to join, ask the person who invited you."
            }
            Self::Changed => {
                "The person who invited you can no longer do so, or your access has changed since. Ask for a new invitation."
            }
        }
    }
}

/// Why an invitation cannot be accepted, for instance because it was used or withdrawn.
///
/// # Errors
/// `Store` if the database fails.
pub async fn unusable(db: &Db, hash: [u8; 32]) -> Result<Why, Refusal> {
    Ok(match invites::link_state(db, hash).await? {
        Some(LinkState::Used) => Why::Used,
        Some(LinkState::Ended) => Why::Ended,
        Some(LinkState::Gone) => Why::Gone,
        Some(LinkState::Paused) | None => Why::Changed,
    })
}

/// The same as a refusal of the form.
async fn link_error(db: &Db, hash: [u8; 32]) -> Refusal {
    match unusable(db, hash).await {
        Ok(why) => Refusal::State(why.text().to_owned()),
        Err(error) => error,
    }
}
