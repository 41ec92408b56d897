//! Accepts a fresh proof of identity of a signed-in person: the password or a code of the second factor.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use store::Db;
use store::identity as accounts;
use store::throttle as tries;
use store::vault::Vault;
use uuid::Uuid;

use super::password::{self, Fit};
use super::{proof_key, second_factor};
use crate::{Myself, Refusal, throttle};

/// What a person shows. The code counts if there is one, otherwise the password.
pub struct Shown<'a> {
    /// The address of the person's account.
    pub email: &'a str,
    /// The password.
    pub password: SecretString,
    /// The code of their app, or a recovery code, as it was typed.
    pub code: &'a str,
    /// The time of the request.
    pub now: DateTime<Utc>,
}

/// What proved the identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password.
    Password,
    /// A code of the second factor.
    SecondFactor,
}

/// True for the one request that may send a form that waited for a proof, of all that took it from the session.
///
/// # Errors
/// When the database fails.
pub async fn claim_form(db: &Db, form: Uuid) -> Result<bool, Refusal> {
    Ok(tries::count_daily(db, &[(tries::Key::of("held form", form), 1)]).await?.is_ok())
}

/// Gives the claim of a form back, because nothing was done: the operation refused it or failed.
///
/// # Errors
/// When the database fails.
pub async fn release_form(db: &Db, form: Uuid) -> Result<(), Refusal> {
    Ok(tries::uncount_daily(db, &[tries::Key::of("held form", form)]).await?)
}

/// Checks the proof and records the result in the audit log. A code is then used up.
///
/// # Errors
/// `Invalid` if it is wrong; `RateLimited` after too many attempts; `SignIn` if the account is gone.
pub async fn confirm(myself: &Myself, vault: &Vault, shown: Shown<'_>) -> Result<Proof, Refusal> {
    let (db, user) = (myself.db(), myself.user());
    let [at_proof] = throttle::take(db, "confirm_identity", [proof_key(user)]).await?;
    let by_code = !second_factor::normalised(shown.code).is_empty();
    let (how, fits) = if by_code {
        ("second factor", second_factor::fits(db, vault, user, shown.code, shown.now).await?)
    } else {
        ("password", knows_password(myself, shown.email, shown.password).await?)
    };
    accounts::record_confirmation(db, user, fits, how).await?;
    if !fits {
        return Err(if by_code {
            Refusal::field("code", second_factor::WRONG)
        } else {
            Refusal::field("password", "Wrong password.")
        });
    }
    tries::clear(db, at_proof).await?;
    Ok(if by_code { Proof::SecondFactor } else { Proof::Password })
}

async fn knows_password(myself: &Myself, email: &str, shown: SecretString) -> Result<bool, Refusal> {
    let account = accounts::auth_user(myself.db(), email).await?.ok_or(Refusal::SignIn)?;
    let Some(stored) = account.password_hash else { return Ok(false) };
    Ok(password::check(shown, stored).await? != Fit::No)
}
