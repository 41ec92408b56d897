//! Operations on a person's own account: passwords, invitations and sessions.

use std::time::Duration;

use domain::UserId;
use domain::identity::Role;
use leptos::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use store::tenant::{PlatformTx, Scope, TenantTx};
use store::throttle::Key;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::{mails, throttle, token};

use crate::new_password::link_error;
use crate::{account, confirm, invite, password};

/// Lifetime of a reset link.
const RESET: Duration = Duration::from_secs(30 * 60);
/// Reset mails that one account can get in a day.
const RESETS: i32 = 12;
/// Lifetime of the day's last reset link. The link works until mails can be sent again, so that a stranger who
/// uses up the mails cannot keep the person out of their account.
const LAST_RESET: Duration = Duration::from_secs(24 * 3600);

/// Mails a reset link if the account exists; says the same either way.
#[server(prefix = "/do", endpoint = "request_reset")]
pub async fn request_reset(email: String) -> Result<()> {
    let context = server_context()?;
    context.open("request_reset")?;
    let db = &context.state.db;
    let email = domain::text::account(&email);
    throttle::take_each(db, "request_reset", &Key::from_address("reset", &context.request.ip)).await?;
    // The limits apply to any address, whether or not it has an account. A stranger who uses them up does not lock
    // the owner out: while no mail is sent, a link sent before still works.
    if store::throttle::take(db, account::reset_interval_key(&email)).await?.is_ok()
        && let Ok(left) = store::throttle::count_daily(db, &[(account::reset_daily_key(&email), RESETS)]).await?
    {
        mail_later(context.state.clone(), email, if left == 0 { LAST_RESET } else { RESET });
    }
    let told = "If this address has an account, a mail with a link is on its way, or came in the last minutes.";
    flash_notice(&context, "account", told).await?;
    leptos_axum::redirect("/forgot");
    Ok(())
}

/// Sends the mail in a task of its own, so that neither timing nor a broken connection reveals whether the account
/// exists.
#[expect(
    clippy::disallowed_methods,
    reason = "the answer must not wait for the mail, else its time tells who has an account"
)]
fn mail_later(state: web::State, email: String, valid: Duration) {
    let context = store::audit::current();
    tokio::spawn(store::audit::within(context, async move {
        if let Err(error) = mails::reset(&state, &email, valid).await {
            tracing::error!(%error, "a reset mail could not be sent");
            if let Err(error) = store::throttle::uncount_daily(&state.db, &[account::reset_daily_key(&email)]).await {
                tracing::warn!(event = "mail.still_counted", %error, "a mail that did not leave stays counted for today");
            }
        }
    }));
}

/// Sets a password by a one-time link. It signs nobody in and skips no second factor.
#[server(prefix = "/do", endpoint = "set_password")]
pub async fn set_password(token: String, password: String) -> Result<()> {
    let context = server_context()?;
    context.open("set_password")?;
    let shown = token::hash(&token);
    // The link is checked first: hashing is expensive, and nobody without a valid link may cause it.
    let link = store::invites::find(&context.state.db, shown).await?;
    if link.is_none_or(|link| link.user.is_none() || link.purpose == "invite") {
        return Err(link_error(&context, shown).await);
    }
    password::acceptable("password", &password, "")?;
    let hash = password::hash(SecretString::from(password)).await?;
    let user = match store::invites::set_password(&context.state.db, shown, hash.expose_secret()).await {
        Ok(user) => user,
        Err(store::Error::NotFound) => return Err(link_error(&context, shown).await),
        Err(error) => return Err(error.into()),
    };
    let caller = store::identity::caller(&context.state.db, user).await?;
    if let Some(caller) = &caller {
        // The person reads the account's mail, so attempts that strangers used up no longer count, and this
        // browser is known.
        account::clear(&context, user, &caller.email).await?;
        account::remember(&context, user, &caller.email, false).await?;
    }
    flash_notice(&context, "account", "Your password is set. Sign in with it.").await?;
    let runs = caller.and_then(|caller| caller.platform) == Some(Role::SuperAdmin);
    leptos_axum::redirect(if runs && platform_is_empty(&context, user).await? {
        "/login?next=/admin/start"
    } else {
        "/login"
    });
    Ok(())
}

/// True if the platform that this person runs has no agency yet.
async fn platform_is_empty(context: &ServerContext, user: UserId) -> Result<bool> {
    let mut tx = PlatformTx::begin(&context.state.db, Some(user)).await?;
    let counts = store::agencies::platform_counts(&mut tx).await?;
    tx.commit().await?;
    Ok(counts.agencies == 0)
}

/// Accepts an invitation. The link alone is not enough, because some programs open every link in a mail and press
/// every button. A person without an account gives a name and a password. Anybody else gives the account's
/// password, or has a session of the account.
#[server(prefix = "/do", endpoint = "accept_invite")]
pub async fn accept_invite(token: String, name: Option<String>, password: Option<String>) -> Result<()> {
    let context = server_context()?;
    context.open("accept_invite")?;
    let db = &context.state.db;
    let shown = token::hash(&token);
    let Some(link) = store::invites::find(db, shown).await?.filter(|link| link.purpose == "invite") else {
        return Err(invite::invitation_error(&context, shown).await);
    };
    let email = link.email.unwrap_or_default();
    let own = invite::caller_has_address(&context, &email);
    let new_account = check_acceptance(&context, &email, name, password.unwrap_or_default()).await?;
    let (name, hash) = new_account.clone().unwrap_or_default();
    let user = match store::invites::accept(db, shown, &name, &hash).await {
        Ok(user) => user,
        Err(store::Error::NotFound) => return Err(invite::invitation_error(&context, shown).await),
        Err(error) => return Err(error.into()),
    };
    if new_account.is_some() {
        account::remember(&context, user, &email, false).await?;
    }
    let told = if own { "Your invitation is accepted." } else { "Your invitation is accepted. Sign in to begin." };
    flash_notice(&context, "account", told).await?;
    leptos_axum::redirect(if own { "/" } else { "/login" });
    Ok(())
}

/// Checks what a person enters to accept an invitation. Returns the name and the hash of a first password if the
/// address has no account yet, or `None` once they have proved that the existing account is theirs.
async fn check_acceptance(
    context: &ServerContext,
    email: &str,
    name: Option<String>,
    password: String,
) -> Result<Option<(String, String)>> {
    if store::invites::has_account(&context.state.db, email).await? {
        let own = invite::caller_has_address(context, email);
        if !own && account::check_sign_in(context, &email.to_lowercase(), SecretString::from(password)).await?.is_none()
        {
            return Err(Error::field("password", &format!("This is not the password of {email}.")));
        }
        return Ok(None);
    }
    let name = domain::text::name(&name.unwrap_or_default(), 120)
        .map_err(|wrong| Error::field("name", &wrong.say("your name")))?;
    password::acceptable("password", &password, email)?;
    Ok(Some((name, password::hash(SecretString::from(password)).await?.expose_secret().to_owned())))
}

/// Replaces the caller's own password. All their sessions end.
#[server(prefix = "/do", endpoint = "change_password")]
pub async fn change_password(current_password: String, password: String) -> Result<()> {
    let context = server_context()?;
    let caller = context.person("change_password")?;
    let db = &context.state.db;
    let account = store::identity::auth_user(db, &caller.email).await?.ok_or(Error::SignIn)?;
    let stored = account.password_hash.ok_or(Error::SignIn)?;
    let [at_proof] = throttle::take(db, "change_password", [confirm::proof_key(caller.user)]).await?;
    if password::check(SecretString::from(current_password), stored).await? == password::Fit::No {
        store::identity::record_confirmation(db, caller.user, false, "wrong current password").await?;
        return Err(Error::field("current_password", "This is not your current password."));
    }
    store::throttle::clear(db, at_proof).await?;
    password::acceptable("password", &password, &caller.email)?;
    let hash = password::hash(SecretString::from(password)).await?;
    let mut tx = TenantTx::begin(db, Scope::Person(caller.user)).await?;
    store::identity::change_password(&mut tx, caller.user, hash.expose_secret(), account.generation).await?;
    tx.commit().await?;
    context.session.flush().await?;
    flash_notice(&context, "account", "Your password is changed and every session ended. Sign in again.").await?;
    leptos_axum::redirect("/login");
    Ok(())
}

/// Ends one of the caller's own sessions.
#[server(prefix = "/do", endpoint = "end_session")]
pub async fn end_session(reference: String) -> Result<()> {
    let context = server_context()?;
    let caller = context.person("end_session")?;
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(caller.user)).await?;
    store::sessions::end(&mut tx, caller.user, &reference).await?;
    tx.commit().await?;
    flash_notice(&context, "account", "The session ended.").await
}

/// Ends all of the caller's own sessions, including this one.
#[server(prefix = "/do", endpoint = "sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<()> {
    let context = server_context()?;
    let caller = context.person("sign_out_everywhere")?;
    let mut tx = TenantTx::begin(&context.state.db, Scope::Person(caller.user)).await?;
    store::sessions::end_all_own(&mut tx, caller.user).await?;
    tx.commit().await?;
    context.session.flush().await?;
    leptos_axum::redirect("/login");
    Ok(())
}
