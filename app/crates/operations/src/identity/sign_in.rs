//! Signs people in: checks the password of an account, and then a code if there is a second factor. Neither the text of
//! an answer, nor its timing, nor throttling reveals whether an account exists.
//!
//! Failed attempts are counted per account and source. The source is the browser if the person signed in to the
//! account with it before, otherwise the network. A second count covers the account from all sources. Anybody can
//! use that one up, so it only slows attempts, and it does not apply where the person signed in recently.

use chrono::{DateTime, Utc};
use domain::UserId;
use domain::identity::Caller;
use secrecy::{ExposeSecret, SecretString};
use store::Db;
use store::identity::{self as accounts, AuthUser};
use store::throttle::{self as tries, Key, Try};
use store::vault::Vault;

use super::password::{self, Fit};
use super::source::all_sources_key;
use super::{Source, second_factor};
use crate::{Refusal, throttle};

const WRONG: &str = "Wrong email or password.";

/// Sign-ins to one account from one source before they slow down. Successful ones count too, because somebody who
/// knows the password must not be able to create sessions without limit.
const SIGN_INS: i32 = 200;

/// Attempts at codes for one account, from all browsers that showed a code before, until they slow down.
const CODES: i32 = 20;

/// An attempt at the password of an account.
pub struct Attempt<'a> {
    /// The address of the account, in lower case.
    pub email: &'a str,
    /// The password that was shown.
    pub password: SecretString,
    /// Where the attempt comes from.
    pub source: &'a Source,
    /// A hash of nobody's password. It is checked if there is no account, so that both cases cost the same.
    pub dummy_hash: &'a SecretString,
}

/// A person whose password was right.
pub struct SignedIn {
    /// The person.
    pub caller: Caller,
    /// How often all their sessions had been ended when the password's hash was read. If they are ended once more, the
    /// session that begins now ends too.
    pub generation: i32,
}

/// Checks a password and records the result in the audit log. The caller then begins the session.
///
/// # Errors
/// `State` if there is no such account, the password is wrong or the person may not sign in; the three are never
/// distinguished. `RateLimited` after too many attempts.
pub async fn by_password(db: &Db, attempt: Attempt<'_>) -> Result<SignedIn, Refusal> {
    let wrong = || Refusal::State(WRONG.to_owned());
    let account = check_password(db, attempt).await?.ok_or_else(wrong)?;
    let caller = accounts::caller(db, account.id).await?.ok_or_else(wrong)?;
    accounts::record_sign_in(db, caller.user, true, "password").await?;
    Ok(SignedIn { caller, generation: account.generation })
}

/// The code of somebody whose password was right.
pub struct CodeAttempt<'a> {
    /// The person.
    pub user: UserId,
    /// The code of their app, or a recovery code, as it was typed.
    pub code: &'a str,
    /// Where the attempt comes from.
    pub source: &'a Source,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// Checks the code that completes a sign-in, and records the result in the audit log. The code is then used up.
///
/// # Errors
/// `Invalid` if the code is wrong; `RateLimited` after too many attempts.
pub async fn by_code(db: &Db, vault: &Vault, attempt: &CodeAttempt<'_>) -> Result<(), Refusal> {
    let user = attempt.user;
    let taken = throttle::take_each(db, "confirm_code", &code_keys(attempt.source, user)).await?;
    if !second_factor::fits(db, vault, user, attempt.code, attempt.now).await? {
        accounts::record_sign_in(db, user, false, "wrong code").await?;
        return Err(Refusal::field("code", second_factor::WRONG));
    }
    for one in taken {
        tries::clear(db, one).await?;
    }
    Ok(accounts::record_sign_in(db, user, true, "second factor").await?)
}

/// The attempts counted for one check of a password.
struct Taken {
    /// Cleared when the password is right.
    own: Try,
    /// Given back one by one when the password is right, because a success must not buy more guesses at other
    /// accounts.
    shared: Vec<Try>,
}

async fn take(db: &Db, source: &Source, email: &str, account: Option<&AuthUser>) -> Result<Taken, Refusal> {
    let known = account.and_then(|account| source.browser_key("account", account.id));
    let signs_in = account.and_then(|account| source.browser_key("sign in", account.id));
    let signs_in = signs_in.unwrap_or_else(|| Key::at_account_from_network("sign in", email, &source.ip));
    let mut keys = vec![known.unwrap_or_else(|| source.network_key(email)), signs_in.with_free(SIGN_INS).slowing()];
    if known.is_none() {
        keys.extend(Key::from_address("address", &source.ip));
        if !tries::knows(db, source.known_network_key(email)).await? {
            keys.push(all_sources_key(email));
        }
    }
    let mut taken = throttle::take_each(db, "sign_in", &keys).await?.into_iter();
    let own = taken.next().ok_or_else(|| Refusal::Fault("no try was taken".to_owned()))?;
    // The attempt under the key for all sign-ins stays counted, whatever the result.
    Ok(Taken { own, shared: taken.skip(1).collect() })
}

/// Keys that count attempts at codes of a second factor. For a browser that showed a code before: its own key, and
/// one that all such browsers of the account share. Otherwise: one key for the account from this network, and one
/// for the account from everywhere. Whoever tries codes from an unknown browser knows the password, so that last
/// key blocks for a long time.
fn code_keys(source: &Source, user: UserId) -> Vec<Key> {
    match source.code_key(user) {
        Some(own) => vec![own, Key::of("codes of browsers", user).with_free(CODES).slowing()],
        None => vec![Key::at_account_from_network("code", user, &source.ip), Key::of("code", user)],
    }
}

/// Returns the account if the password is right and the account may sign in, otherwise `None`. A failure is
/// written to the audit log with the account it was aimed at, if there is one.
///
/// # Errors
/// `RateLimited` when there were too many attempts.
pub(super) async fn check_password(db: &Db, attempt: Attempt<'_>) -> Result<Option<AuthUser>, Refusal> {
    let Attempt { email, password, source, dummy_hash } = attempt;
    let account = accounts::auth_user(db, email).await?;
    let taken = take(db, source, email, account.as_ref()).await?;
    let fit = fit(db, account.as_ref(), password, dummy_hash).await?;
    let target = account.as_ref().map(|account| account.id);
    let Some(account) = account.filter(|account| fit != Fit::No && !account.disabled) else {
        accounts::record_refused_sign_in(db, target).await?;
        return Ok(None);
    };
    tries::clear(db, taken.own).await?;
    for one in taken.shared {
        tries::give_back(db, one).await?;
    }
    Ok(Some(account))
}

/// Compares the password, and replaces its hash if that is weak. Without an account it checks the dummy hash, so that
/// both cases cost the same.
async fn fit(
    db: &Db,
    account: Option<&AuthUser>,
    shown: SecretString,
    dummy_hash: &SecretString,
) -> Result<Fit, Refusal> {
    let stored = account.and_then(|account| account.password_hash.clone());
    let is_real = stored.is_some();
    let stored = stored.unwrap_or_else(|| dummy_hash.clone());
    let fit = password::check(shown.clone(), stored).await?;
    match (account, fit) {
        (Some(account), Fit::Weak) if is_real => {
            let better = password::hash(shown).await?;
            accounts::rehash_password(db, account, better.expose_secret()).await?;
            Ok(Fit::Yes)
        }
        (Some(_), fit) if is_real => Ok(fit),
        _ => Ok(Fit::No),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Browser, KnownPerson};
    use super::*;
    use uuid::Uuid;

    fn source(ip: &str, people: &[(UserId, bool)]) -> Source {
        let people = people.iter().map(|(user, factor)| KnownPerson { user: *user, factor: *factor }).collect();
        Source { ip: ip.to_owned(), browser: Some(Browser { id: Uuid::from_u128(7), people }) }
    }

    #[test]
    fn codes_are_counted_by_browser_only_where_a_code_was_shown_before() {
        let (ann, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
        let here = source("192.0.2.1", &[(ann, true), (bob, false)]);
        let elsewhere = source("203.0.113.5", &[(ann, true), (bob, false)]);
        assert_eq!(code_keys(&here, ann), code_keys(&elsewhere, ann), "the browser counts, wherever it is");
        assert_ne!(code_keys(&here, bob)[0], code_keys(&elsewhere, bob)[0], "the network counts");
        assert_eq!(code_keys(&here, bob)[1], Key::of("code", bob), "and the account from everywhere");
        assert!(here.browser_key("account", bob).is_some(), "a password was shown with it");
        let nobody = Source { browser: None, ..here };
        assert!(nobody.browser_key("account", ann).is_none() && nobody.code_key(ann).is_none());
    }
}
