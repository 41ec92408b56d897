//! Checks the password of an account, for sign-in and for accepting an invitation. Neither the text of an answer,
//! nor its timing, nor throttling reveals whether an account exists.
//!
//! Failed attempts are counted per account and source. The source is the browser if the person signed in to the
//! account with it before, otherwise the network. A second count covers the account from all sources. Anybody can
//! use that one up, so it only slows attempts, and it does not apply where the person signed in recently.

use secrecy::{ExposeSecret, SecretString};
use store::identity::AuthUser;
use store::throttle::{Key, Try};
use web::error::Result;
use web::guard::ServerContext;
use web::throttle;

use crate::device;
use crate::password::{self, Fit};

/// Sign-ins to one account from one source before they slow down. Successful ones count too, because somebody who
/// knows the password must not be able to create sessions without limit.
const SIGN_INS: i32 = 200;

/// The attempts counted for one check of a password.
struct Taken {
    /// Cleared when the password is right.
    own: Try,
    /// Given back one by one when the password is right, because a success must not buy more guesses at other
    /// accounts.
    shared: Vec<Try>,
}

/// Key that counts attempts at an email address from one network.
fn network_key(context: &ServerContext, email: &str) -> Key {
    Key::at_account_from_network("account", email, &context.request.ip)
}

/// Key that records that the account's owner signed in from this network recently.
fn known_network_key(context: &ServerContext, email: &str) -> Key {
    Key::at_account_from_network("known", email, &context.request.ip)
}

/// Key that counts attempts at an email address from everywhere.
fn all_sources_key(email: &str) -> Key {
    Key::of("account", email).shared()
}

async fn take(context: &ServerContext, email: &str, account: Option<&AuthUser>) -> Result<Taken> {
    let db = &context.state.db;
    let (known, signs_in) = match account {
        Some(AuthUser { id, .. }) => {
            (device::key(context, "account", *id).await, device::key(context, "sign in", *id).await)
        }
        None => (None, None),
    };
    let signs_in = signs_in.unwrap_or_else(|| Key::at_account_from_network("sign in", email, &context.request.ip));
    let mut keys = vec![known.unwrap_or_else(|| network_key(context, email)), signs_in.with_free(SIGN_INS).slowing()];
    if known.is_none() {
        keys.extend(Key::from_address("address", &context.request.ip));
        if !store::throttle::knows(db, known_network_key(context, email)).await? {
            keys.push(all_sources_key(email));
        }
    }
    let mut taken = throttle::take_each(db, "sign_in", &keys).await?.into_iter();
    let own = taken.next().ok_or_else(|| web::internal_error("no try was taken"))?;
    // The attempt under the key for all sign-ins stays counted, whatever the result.
    Ok(Taken { own, shared: taken.skip(1).collect() })
}

/// Returns the account if the password is right and the account may sign in, otherwise `None`. A failure is
/// written to the audit log with the account it was aimed at, if there is one.
///
/// # Errors
/// `RateLimited` when there were too many attempts.
pub(super) async fn check_sign_in(
    context: &ServerContext,
    email: &str,
    shown: SecretString,
) -> Result<Option<AuthUser>> {
    let db = &context.state.db;
    let account = store::identity::auth_user(db, email).await?;
    let taken = take(context, email, account.as_ref()).await?;
    let fit = check(context, account.as_ref(), shown).await?;
    let target = account.as_ref().map(|account| account.id);
    let Some(account) = account.filter(|account| fit != Fit::No && !account.disabled) else {
        store::identity::record_refused_sign_in(db, target).await?;
        return Ok(None);
    };
    store::throttle::clear(db, taken.own).await?;
    for one in taken.shared {
        store::throttle::give_back(db, one).await?;
    }
    Ok(Some(account))
}

/// Remembers the browser and the network of a person who has shown every proof that was asked of them. `factor` is
/// true if a second factor was one of these proofs.
///
/// # Errors
/// When it cannot be stored.
pub(super) async fn remember(context: &ServerContext, user: domain::UserId, email: &str, factor: bool) -> Result<()> {
    let email = email.to_lowercase();
    store::throttle::remember(&context.state.db, known_network_key(context, &email)).await?;
    device::remember(context, user, factor).await
}

/// Clears the attempts that strangers used up on an account, after its owner set a password by a link in a mail.
/// Attempts at the second factor stay counted, because reading a mail does not prove that factor.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn clear(context: &ServerContext, user: domain::UserId, email: &str) -> Result<()> {
    let email = email.to_lowercase();
    let mut keys = vec![
        all_sources_key(&email),
        network_key(context, &email),
        reset_interval_key(&email),
        reset_daily_key(&email),
    ];
    keys.extend(device::key(context, "account", user).await);
    Ok(store::throttle::clear_keys(&context.state.db, &keys).await?)
}

/// Key that limits how often reset mails are sent for an account.
pub(super) fn reset_interval_key(email: &str) -> Key {
    Key::of("reset account", email)
}

/// Key that limits the number of reset mails for an account per day.
pub(super) fn reset_daily_key(email: &str) -> Key {
    Key::of("resets of a day", email)
}

/// Attempts at codes for one account, from all browsers that showed a code before, until they slow down.
const CODES: i32 = 20;

/// Keys that count attempts at codes of a second factor. For a browser that showed a code before: its own key, and
/// one that all such browsers of the account share. Otherwise: one key for the account from this network, and one
/// for the account from everywhere. Whoever tries codes from an unknown browser knows the password, so that last
/// key blocks for a long time.
pub(super) async fn code_keys(context: &ServerContext, user: domain::UserId) -> Vec<Key> {
    match device::key_of_codes(context, user).await {
        Some(own) => vec![own, Key::of("codes of browsers", user).with_free(CODES).slowing()],
        None => vec![Key::at_account_from_network("code", user, &context.request.ip), Key::of("code", user)],
    }
}

/// Compares the password. Without an account it checks a dummy hash, so that both cases cost the same.
async fn check(context: &ServerContext, account: Option<&AuthUser>, shown: SecretString) -> Result<Fit> {
    let stored = account.and_then(|account| account.password_hash.clone());
    let is_real = stored.is_some();
    let stored = stored.unwrap_or_else(|| context.state.settings.dummy_hash.clone());
    let fit = password::check(shown.clone(), stored).await?;
    match (account, fit) {
        (Some(account), Fit::Weak) if is_real => {
            let better = password::hash(shown).await?;
            store::identity::rehash_password(&context.state.db, account, better.expose_secret()).await?;
            Ok(Fit::Yes)
        }
        (Some(_), fit) if is_real => Ok(fit),
        _ => Ok(Fit::No),
    }
}
