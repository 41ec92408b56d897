//! Server functions of a person's own account: passwords, invitations and sessions.

use std::time::Duration;

use domain::UserId;
use domain::identity::Role;
use domain::language::Language;
use leptos::prelude::*;
use operations::identity::invitation::{self, Acceptance, Accepted};
use operations::identity::{password as passwords, sessions};
use operations::throttle;
use secrecy::SecretString;
use store::tenant::PlatformTx;
use store::throttle::Key;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};

use crate::device;
use crate::messages::messages;
use crate::sign_in::enter;

/// Mails a reset link if the account exists; says the same either way.
#[server(prefix = "/do", endpoint = "request_reset")]
pub async fn request_reset(email: String) -> Result<()> {
    let context = server_context()?;
    let db = &context.state.db;
    let email = domain::text::account(&email);
    throttle::take_each(db, "request_reset", &Key::from_address("reset", &context.request.ip)).await?;
    if let Some(valid) = passwords::count_reset(db, &email).await? {
        mail_later(context.state.clone(), email, valid);
    }
    flash_notice(&context, "account", messages(context.request.language).reset_sent).await?;
    leptos_axum::redirect("/forgot");
    Ok(())
}

/// Queues the mail in a task of its own, so that neither timing nor a broken connection reveals whether the account
/// exists.
#[expect(
    clippy::disallowed_methods,
    reason = "the answer must not wait for the mail, else its time tells who has an account"
)]
fn mail_later(state: web::State, email: String, valid: Duration) {
    let context = store::audit::current();
    tokio::spawn(store::audit::within(context, async move { passwords::mail_reset(&state.db, &email, valid).await }));
}

/// Sets a password by a one-time link. It signs nobody in and skips no second factor.
#[server(prefix = "/do", endpoint = "set_password")]
pub async fn set_password(token: String, password: String) -> Result<()> {
    let context = server_context()?;
    let source = device::source(&context).await;
    let password = SecretString::from(password);
    let caller = passwords::set_by_link(&context.state.db, &token, password, &source).await?;
    if let Some(caller) = &caller {
        device::remember_browser(&context, &source, caller.user, false).await?;
    }
    flash_notice(&context, "account", messages(context.request.language).password_set).await?;
    let runs = caller.filter(|caller| caller.platform == Some(Role::SuperAdmin));
    let begins = match runs {
        Some(caller) => platform_is_empty(&context, caller.user).await?,
        None => false,
    };
    leptos_axum::redirect(if begins { "/login?next=/admin/start" } else { "/login" });
    Ok(())
}

/// True if the platform that this person runs has no agency yet.
async fn platform_is_empty(context: &ServerContext, user: UserId) -> Result<bool> {
    let mut tx = PlatformTx::begin(&context.state.db, Some(user)).await?;
    let counts = store::agencies::platform_counts(&mut tx).await?;
    tx.commit().await?;
    Ok(counts.agencies == 0)
}

/// Accepts an invitation and signs the person in. A person without an account gives a name and a password. Anybody else
/// gives the account's password, or has a session of the account.
#[server(prefix = "/do", endpoint = "accept_invite")]
pub async fn accept_invite(token: String, name: Option<String>, password: Option<String>) -> Result<()> {
    let context = server_context()?;
    let (source, name) = (device::source(&context).await, name.unwrap_or_default());
    let acceptance = Acceptance {
        secret: &token,
        signed_in_as: context.request.caller.as_ref().map(|caller| caller.email.as_str()),
        name: &name,
        language: context.request.language,
        password: SecretString::from(password.unwrap_or_default()),
        source: &source,
        dummy_hash: &context.state.settings.dummy_hash,
    };
    let Accepted { signed_in, is_signed_in, page } = invitation::accept(&context.state.db, acceptance).await?;
    if is_signed_in {
        leptos_axum::redirect(&page);
    } else {
        enter(&context, &source, signed_in, &page).await?;
    }
    flash_notice(&context, "account", messages(context.request.language).accepted).await
}

/// Replaces the caller's own password. All their sessions end.
#[server(prefix = "/do", endpoint = "change_password")]
pub async fn change_password(current_password: String, password: String) -> Result<()> {
    let context = server_context()?;
    let (current, new) = (SecretString::from(current_password), SecretString::from(password));
    passwords::change(&context.myself()?, &context.caller()?.email, current, new).await?;
    context.session.flush().await?;
    flash_notice(&context, "account", messages(context.request.language).password_changed).await?;
    leptos_axum::redirect("/login");
    Ok(())
}

/// Ends one of the caller's own sessions.
#[server(prefix = "/do", endpoint = "end_session")]
pub async fn end_session(reference: String) -> Result<()> {
    let context = server_context()?;
    sessions::end(&context.myself()?, &reference).await?;
    flash_notice(&context, "account", messages(context.request.language).session_ended).await
}

/// Ends all of the caller's own sessions, including this one.
#[server(prefix = "/do", endpoint = "sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<()> {
    let context = server_context()?;
    sessions::end_all(&context.myself()?).await?;
    context.session.flush().await?;
    leptos_axum::redirect("/login");
    Ok(())
}

/// Changes the name by which others know the caller.
#[server(prefix = "/do", endpoint = "set_my_name")]
pub async fn set_my_name(name: String) -> Result<()> {
    let context = server_context()?;
    operations::identity::name::change(&context.myself()?, &name).await?;
    flash_notice(&context, "set_my_name", messages(context.request.language).saved).await
}

/// Chooses the language of the caller's pages and mails.
#[server(prefix = "/do", endpoint = "set_language")]
pub async fn set_language(language: String) -> Result<()> {
    let context = server_context()?;
    let Some(language) = Language::parse(&language) else {
        return Err(Error::field("language", messages(context.request.language).choose_language));
    };
    operations::identity::language::choose(&context.myself()?, language).await?;
    flash_notice(&context, "set_language", messages(language).language_saved).await
}
