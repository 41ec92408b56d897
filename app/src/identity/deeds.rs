//! Passwords, invitations and sessions: what a person may do about their own account.

use std::time::Duration;

use domain::UserId;
use domain::identity::Role;
use leptos::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::throttle::Key;

use super::{confirm, letters, password, token, tries};
use crate::error::{Error, Result};
use crate::guard::{Here, here};
use crate::tell::tell;

/// How long a reset link works.
const RESET: Duration = Duration::from_secs(30 * 60);

/// Mails a reset link if the account exists; says the same either way.
#[server(prefix = "/do", endpoint = "request_reset")]
pub async fn request_reset(email: String) -> Result<()> {
    let here = here()?;
    here.open("request_reset")?;
    let email = domain::text::account(&email);
    // Of any address alike, whether or not it has an account: mails to one are as few as mails for one asker.
    let keys = [Key::from_address("reset", &here.visit.ip), Key::of("reset account", &email)];
    tries::take(&here.state.db, keys).await?;
    mail_later(here.state.clone(), email);
    tell(&here, "account", "If this address has an account, a mail with a link is on its way.").await?;
    leptos_axum::redirect("/forgot");
    Ok(())
}

/// Mails in a task of its own, so that neither time nor a broken connection tells whether the account exists.
#[expect(
    clippy::disallowed_methods,
    reason = "the answer must not wait for the mail, else its time tells who has an account"
)]
fn mail_later(state: crate::State, email: String) {
    tokio::spawn(async move {
        if let Err(error) = letters::reset(&state, &email, RESET).await {
            tracing::error!(%error, "a reset mail could not be sent");
        }
    });
}

/// Sets a password by a one-time link. It signs nobody in and skips no second factor.
#[server(prefix = "/do", endpoint = "set_password")]
pub async fn set_password(token: String, password: String) -> Result<()> {
    let here = here()?;
    here.open("set_password")?;
    let shown = token::hash(&token);
    let over = || Error::Conflict("This link was used already or has expired.".to_owned());
    // Looked at first: hashing is dear, and nobody without a link gets any.
    let link = store::invites::find(&here.state.db, shown).await?;
    link.filter(|link| link.user.is_some() && link.purpose != "invite").ok_or_else(over)?;
    password::acceptable("password", &password, "")?;
    let hash = password::hash(SecretString::from(password)).await?;
    let user = match store::invites::set_password(&here.state.db, shown, hash.expose_secret()).await {
        Ok(user) => user,
        Err(store::Error::NotFound) => return Err(over()),
        Err(error) => return Err(error.into()),
    };
    tell(&here, "account", "Your password is set. Sign in with it.").await?;
    leptos_axum::redirect(if begins(&here, user).await? { "/login?next=/admin/start" } else { "/login" });
    Ok(())
}

/// Whether this is a super admin of a platform on which nothing is yet.
async fn begins(here: &Here, user: UserId) -> Result<bool> {
    let caller = store::identity::caller(&here.state.db, user).await?;
    if caller.and_then(|caller| caller.platform) != Some(Role::SuperAdmin) {
        return Ok(false);
    }
    let mut tx = PlatformTx::begin(&here.state.db, Some(user)).await?;
    let counts = store::agencies::platform_counts(&mut tx).await?;
    tx.commit().await?;
    Ok(counts.agencies == 0)
}

/// Accepts an invitation.
#[server(prefix = "/do", endpoint = "accept_invite")]
pub async fn accept_invite(token: String, name: Option<String>, password: Option<String>) -> Result<()> {
    let here = here()?;
    here.open("accept_invite")?;
    let db = &here.state.db;
    let shown = token::hash(&token);
    let expired = || Error::Conflict("This invitation was used already, withdrawn or has expired.".to_owned());
    let link = store::invites::find(db, shown).await?.filter(|link| link.purpose == "invite").ok_or_else(expired)?;
    let email = link.email.unwrap_or_default();
    let known = store::invites::has_account(db, &email).await?;
    let (name, hash) = if known {
        (String::new(), String::new())
    } else {
        let name = domain::text::name(&name.unwrap_or_default(), 120)
            .map_err(|wrong| Error::field("name", &wrong.say("your name")))?;
        let password = password.unwrap_or_default();
        password::acceptable("password", &password, &email)?;
        (name, password::hash(SecretString::from(password)).await?.expose_secret().to_owned())
    };
    match store::invites::accept(db, shown, &name, &hash).await {
        Ok(_) => {}
        Err(store::Error::NotFound) => return Err(expired()),
        Err(error) => return Err(error.into()),
    }
    tell(&here, "account", "Your invitation is accepted. Sign in to begin.").await?;
    leptos_axum::redirect("/login");
    Ok(())
}

/// Replaces one's own password; every other session ends.
#[server(prefix = "/do", endpoint = "change_password")]
pub async fn change_password(current_password: String, password: String) -> Result<()> {
    let here = here()?;
    let caller = here.person("change_password")?;
    let account = store::identity::auth_user(&here.state.db, &caller.email).await?.ok_or(Error::SignIn)?;
    let stored = account.password_hash.ok_or(Error::SignIn)?;
    let [at_proof] = tries::take(&here.state.db, [confirm::tried(caller.user)]).await?;
    if password::check(SecretString::from(current_password), stored).await? == password::Fit::No {
        return Err(Error::field("current_password", "This is not your current password."));
    }
    store::throttle::clear(&here.state.db, at_proof).await?;
    password::acceptable("password", &password, &caller.email)?;
    let hash = password::hash(SecretString::from(password)).await?;
    let mut tx = TenantTx::begin(&here.state.db, Scope::Person(caller.user)).await?;
    store::identity::set_password(&mut tx, caller.user, hash.expose_secret()).await?;
    store::sessions::end_all(&mut tx, caller.user).await?;
    tx.commit().await?;
    here.session.flush().await?;
    tell(&here, "account", "Your password is changed and every session ended. Sign in again.").await?;
    leptos_axum::redirect("/login");
    Ok(())
}

/// Ends one of one's own sessions.
#[server(prefix = "/do", endpoint = "end_session")]
pub async fn end_session(reference: String) -> Result<()> {
    let here = here()?;
    let caller = here.person("end_session")?;
    let mut tx = TenantTx::begin(&here.state.db, Scope::Person(caller.user)).await?;
    store::sessions::end(&mut tx, caller.user, &reference).await?;
    tx.commit().await?;
    tell(&here, "account", "The session ended.").await
}

/// Ends all of one's own sessions, this one too.
#[server(prefix = "/do", endpoint = "sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<()> {
    let here = here()?;
    let caller = here.person("sign_out_everywhere")?;
    let mut tx = TenantTx::begin(&here.state.db, Scope::Person(caller.user)).await?;
    store::sessions::end_all(&mut tx, caller.user).await?;
    tx.commit().await?;
    here.session.flush().await?;
    leptos_axum::redirect("/login");
    Ok(())
}
