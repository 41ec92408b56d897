//! Checks the password of an account, for sign-in and for accepting an invitation. Neither texts, timing nor throttling
//! reveal whether an account exists.
//!
//! Failed tries are counted per account together with their source: the browser if it signed in to the account before,
//! else the address. The count per account alone, which anybody can fill, only slows tries, and never from where the
//! person signed in recently.

use secrecy::{ExposeSecret, SecretString};
use store::identity::AuthUser;
use store::throttle::{Key, Try};

use super::password::{self, Fit};
use super::{device, tries};
use crate::error::Result;
use crate::guard::ServerContext;

/// Sign-ins of an account from one place before they slow down, right ones too: a password that somebody knows is no reason to
/// make sessions without end.
const SIGN_INS: i32 = 200;

/// The tries taken for one look at a password.
struct Taken {
    /// Forgotten when the password is right.
    own: Try,
    /// Given back one by one: a right password must not open the door for guesses at others.
    shared: Vec<Try>,
}

/// Under what tries at an address from one place are counted.
fn network_key(context: &ServerContext, email: &str) -> Key {
    Key::from_there("account", email, &context.request.ip)
}

/// That a place is one where the account's person signed in lately.
fn known_network_key(context: &ServerContext, email: &str) -> Key {
    Key::from_there("known", email, &context.request.ip)
}

/// Under what everybody's tries at an address are counted.
fn everywhere(email: &str) -> Key {
    Key::of("account", email).everybodys()
}

async fn take(context: &ServerContext, email: &str, account: Option<&AuthUser>) -> Result<Taken> {
    let db = &context.state.db;
    let (known, signs_in) = match account {
        Some(AuthUser { id, .. }) => {
            (device::key(context, "account", *id).await, device::key(context, "sign in", *id).await)
        }
        None => (None, None),
    };
    let signs_in = signs_in.unwrap_or_else(|| Key::from_there("sign in", email, &context.request.ip));
    let mut keys = vec![known.unwrap_or_else(|| network_key(context, email)), signs_in.with_free(SIGN_INS).slowing()];
    if known.is_none() {
        keys.extend(Key::from_address("address", &context.request.ip));
        if !store::throttle::knows(db, known_network_key(context, email)).await? {
            keys.push(everywhere(email));
        }
    }
    let mut taken = tries::take_each(db, "sign_in", &keys).await?.into_iter();
    let own = taken.next().ok_or_else(|| crate::ours("no try was taken"))?;
    // The one at all sign-ins is kept, whatever comes of it.
    Ok(Taken { own, shared: taken.skip(1).collect() })
}

/// The account, if the password is right and it may sign in. A failure is in the log, with the account it was aimed at.
///
/// # Errors
/// `Waiting` when there were too many tries.
pub(super) async fn knows(context: &ServerContext, email: &str, shown: SecretString) -> Result<Option<AuthUser>> {
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

/// Remembers browser and place of a person who has shown everything that is asked of them; `factor` when a second factor was part
/// of it.
///
/// # Errors
/// When it cannot be kept.
pub(super) async fn remember(context: &ServerContext, user: domain::UserId, email: &str, factor: bool) -> Result<()> {
    let email = email.to_lowercase();
    store::throttle::remember(&context.state.db, known_network_key(context, &email)).await?;
    device::remember(context, user, factor).await
}

/// Forgets what strangers used up for an account whose person just set a password by a link to their mail. The tries at its second
/// factor stay counted: a mail is no proof of that.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn clear(context: &ServerContext, user: domain::UserId, email: &str) -> Result<()> {
    let email = email.to_lowercase();
    let mut keys = vec![everywhere(&email), network_key(context, &email), resets(&email), resets_of_day(&email)];
    keys.extend(device::key(context, "account", user).await);
    Ok(store::throttle::clear_keys(&context.state.db, &keys).await?)
}

/// Under what mails that reset an account's password are paced.
pub(super) fn resets(email: &str) -> Key {
    Key::of("reset account", email)
}

/// The same, counted over a day.
pub(super) fn resets_of_day(email: &str) -> Key {
    Key::of("resets of a day", email)
}

/// Codes of one account from all browsers that showed one before, until they slow down.
const CODES: i32 = 20;

/// Under what codes of a second factor are counted. With a browser that showed one before: under its own key, and together with the
/// account's other such browsers. Else: from that place, and from everywhere; whoever tries them there knows the password, so the
/// second of these waits long.
pub(super) async fn code_keys(context: &ServerContext, user: domain::UserId) -> Vec<Key> {
    match device::key_of_codes(context, user).await {
        Some(own) => vec![own, Key::of("codes of browsers", user).with_free(CODES).slowing()],
        None => vec![Key::from_there("code", user, &context.request.ip), Key::of("code", user)],
    }
}

/// Compares the password; an unknown account costs the same as a known one.
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
