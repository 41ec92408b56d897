//! Changes a person's password: their own while they are signed in, or by a one-time link. Mails such a link to whoever
//! forgot it.

mod hashing;
mod strength;

use std::time::Duration;

use domain::identity::Caller;
use secrecy::{ExposeSecret, SecretString};
use store::Db;
use store::identity as accounts;
use store::invites::{self, LinkState};
use store::throttle::{self as tries, Key};

pub use self::hashing::hash;
pub(super) use self::hashing::{Fit, check};
pub(super) use self::strength::acceptable;
use super::source::all_sources_key;
use super::{Source, proof_key, remember_network};
use crate::{Myself, Refusal, mails, secret, throttle};

/// Lifetime of a reset link.
const RESET: Duration = Duration::from_secs(30 * 60);
/// Reset mails that one account can get in a day.
const RESETS: i32 = 12;
/// Lifetime of the day's last reset link. The link works until mails can be sent again, so that a stranger who
/// uses up the mails cannot keep the person out of their account.
const LAST_RESET: Duration = Duration::from_secs(24 * 3600);

/// Key that limits how often reset mails are sent for an account.
fn reset_interval_key(email: &str) -> Key {
    Key::of("reset account", email)
}

/// Key that limits the number of reset mails for an account per day.
fn reset_daily_key(email: &str) -> Key {
    store::mail_limits::resets_of_day(email)
}

/// Counts a request for a reset mail. Returns how long the link is to work, or `None` if no mail is sent because there
/// were too many. The limits apply to any address, whether or not it has an account. A stranger who uses them up does
/// not lock the owner out: while no mail is sent, a link sent before still works.
///
/// # Errors
/// `Store` if the database fails.
pub async fn count_reset(db: &Db, email: &str) -> Result<Option<Duration>, Refusal> {
    if tries::take(db, reset_interval_key(email)).await?.is_err() {
        return Ok(None);
    }
    let left = tries::count_daily(db, &[(reset_daily_key(email), RESETS)]).await?;
    Ok(left.ok().map(|left| if left == 0 { LAST_RESET } else { RESET }))
}

/// Queues the mail of a counted reset, if the account exists, and gives the count back if that fails. It takes longer
/// if there is an account, so a caller must not let its answer wait.
pub async fn mail_reset(db: &Db, email: &str, valid: Duration) {
    let Err(error) = mails::request_reset(db, email, valid).await else { return };
    tracing::error!(event = "mail.not_queued", %error, "a reset mail could not be queued");
    if let Err(error) = tries::uncount_daily(db, &[reset_daily_key(email)]).await {
        tracing::warn!(event = "mail.still_counted", %error, "a mail that did not leave stays counted for today");
    }
}

/// Sets a password by a one-time link and ends every session of the person. It signs nobody in and skips no second
/// factor. Returns the person, unless they may not sign in. They read the account's mail, so attempts that strangers
/// used up no longer count, and the network is known. Attempts at the second factor stay counted, because reading a
/// mail does not prove that factor.
///
/// # Errors
/// `State` if the link does not work, which says why; `Invalid` if the password is too weak.
pub async fn set_by_link(
    db: &Db,
    shown: &str,
    password: SecretString,
    source: &Source,
) -> Result<Option<Caller>, Refusal> {
    let link_hash = secret::hash(shown);
    // The link is checked first: hashing is expensive, and nobody without a valid link may cause it.
    let link = invites::find(db, link_hash).await?;
    if link.is_none_or(|link| link.user.is_none() || link.purpose == "invite") {
        return Err(link_error(db, link_hash).await);
    }
    acceptable(password.expose_secret(), "")?;
    let hash = hash(password).await?;
    let user = match invites::set_password(db, link_hash, hash.expose_secret()).await {
        Ok(user) => user,
        Err(store::Error::NotFound) => return Err(link_error(db, link_hash).await),
        Err(error) => return Err(error.into()),
    };
    let caller = accounts::caller(db, user).await?;
    if let Some(caller) = &caller {
        clear_attempts(db, source, caller).await?;
        remember_network(db, source, &caller.email).await?;
    }
    Ok(caller)
}

/// Clears the attempts that strangers used up on an account.
async fn clear_attempts(db: &Db, source: &Source, caller: &Caller) -> Result<(), Refusal> {
    let email = caller.email.to_lowercase();
    let mut keys =
        vec![all_sources_key(&email), source.network_key(&email), reset_interval_key(&email), reset_daily_key(&email)];
    keys.extend(source.browser_key("account", caller.user));
    Ok(tries::clear_keys(db, &keys).await?)
}

/// Says why a link cannot set a password, for instance because it was used or has expired.
pub async fn link_error(db: &Db, hash: [u8; 32]) -> Refusal {
    let text = match invites::link_state(db, hash).await {
        Ok(Some(LinkState::Used)) => {
            "This link was already used to set a password. Sign in with it. If it wasn't you, ask for a new link on the sign-in page."
        }
        Ok(Some(LinkState::Ended)) => "This link has expired or was replaced. Ask for a new one on the sign-in page.",
        Ok(Some(LinkState::Gone | LinkState::Paused) | None) => {
            "This link isn't valid, or it expired long ago. Ask for a new one on the sign-in page."
        }
        Err(error) => return error.into(),
    };
    Refusal::State(text.to_owned())
}

/// Replaces the person's own password. All their sessions end. `email` is the address of their account.
///
/// # Errors
/// `Invalid` if the current password is wrong or the new one too weak; `RateLimited` after too many attempts; `SignIn`
/// if the account is gone; `Store` if all sessions were ended meanwhile.
pub async fn change(myself: &Myself, email: &str, current: SecretString, new: SecretString) -> Result<(), Refusal> {
    let (db, user) = (myself.db(), myself.user());
    let account = accounts::auth_user(db, email).await?.ok_or(Refusal::SignIn)?;
    let stored = account.password_hash.ok_or(Refusal::SignIn)?;
    let [at_proof] = throttle::take(db, "change_password", [proof_key(user)]).await?;
    if check(current, stored).await? == Fit::No {
        accounts::record_confirmation(db, user, false, "wrong current password").await?;
        return Err(Refusal::field("current_password", "Wrong current password."));
    }
    tries::clear(db, at_proof).await?;
    acceptable(new.expose_secret(), email)?;
    let hash = hash(new).await?;
    let mut tx = myself.begin().await?;
    accounts::change_password(&mut tx, user, hash.expose_secret(), account.generation).await?;
    Ok(tx.commit().await?)
}
