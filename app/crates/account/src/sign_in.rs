//! Signs people in and out: password, second factor, and the proof that the session then holds.

use leptos::prelude::*;
use secrecy::SecretString;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::session::{self, Proof};
use web::{normalize, throttle};

use crate::{account, second_factor};

const WRONG: &str = "Email or password is not right.";

/// Signs a person in by password.
#[server(prefix = "/do", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<()> {
    let context = server_context()?;
    context.open("sign_in")?;
    let db = &context.state.db;
    let email = domain::text::account(&email);
    let wrong = || Error::Conflict(WRONG.to_owned());
    let account = account::check_sign_in(&context, &email, SecretString::from(password)).await?.ok_or_else(wrong)?;
    let caller = store::identity::caller(db, account.id).await?.ok_or_else(wrong)?;
    store::identity::record_sign_in(db, caller.user, true, "password").await?;
    // The generation was read together with the hash. If all sessions were ended since then, this one ends too.
    let proof = Proof::by_password(caller.user, caller.is_staff()).of_generation(account.generation);
    session::begin(&context.session, &context.request, proof).await?;
    let target = next.filter(|next| domain::redirect::is_local(next)).unwrap_or_else(|| "/".to_owned());
    if caller.mfa_enrolled {
        session::remember_target(&context.session, &target).await?;
    } else {
        account::remember(&context, caller.user, &caller.email, false).await?;
    }
    leptos_axum::redirect(if caller.mfa_enrolled { "/login/code" } else { &target });
    Ok(())
}

/// Completes a sign-in with the code of an app, or a recovery code.
#[server(prefix = "/do", endpoint = "confirm_code")]
pub async fn confirm_code(code: String) -> Result<()> {
    let context = server_context()?;
    context.open("confirm_code")?;
    let pending_second_factor = context.request.pending_second_factor.ok_or(Error::SignIn)?;
    let db = &context.state.db;
    let keys = account::code_keys(&context, pending_second_factor.user).await;
    let taken = throttle::take_each(db, "confirm_code", &keys).await?;
    if !second_factor::fits(&context, pending_second_factor.user, &normalize::code(&code)).await? {
        store::identity::record_sign_in(db, pending_second_factor.user, false, "wrong code").await?;
        return Err(Error::field("code", second_factor::WRONG));
    }
    for one in taken {
        store::throttle::clear(db, one).await?;
    }
    store::identity::record_sign_in(db, pending_second_factor.user, true, "second factor").await?;
    let target = session::target(&context.session).await?;
    let proof = session::proof(&context.session).await?.ok_or(Error::SignIn)?;
    session::begin(&context.session, &context.request, proof.and_second_factor()).await?;
    if let Some(caller) = store::identity::caller(db, pending_second_factor.user).await? {
        account::remember(&context, caller.user, &caller.email, true).await?;
    }
    leptos_axum::redirect(&target);
    Ok(())
}

/// Ends this browser's session.
#[server(prefix = "/do", endpoint = "sign_out")]
pub async fn sign_out() -> Result<()> {
    let context = server_context()?;
    context.open("sign_out")?;
    if let Some(user) = session_user(&context) {
        store::sessions::record_sign_out(&context.state.db, user).await?;
    }
    context.session.flush().await?;
    context.response.insert_header(
        http::HeaderName::from_static("clear-site-data"),
        http::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    leptos_axum::redirect("/login");
    Ok(())
}

/// The person who is signed in, or who still has to show their second factor.
fn session_user(context: &ServerContext) -> Option<domain::UserId> {
    let caller = context.request.caller.as_ref().map(|caller| caller.user);
    caller.or(context.request.pending_second_factor.map(|pending_second_factor| pending_second_factor.user))
}

/// Sets light, dark or the system's theme for this browser.
#[server(prefix = "/do", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<()> {
    let context = server_context()?;
    context.open("set_theme")?;
    if !matches!(theme.as_str(), "light" | "dark" | "system") {
        return Err(Error::field("theme", "Choose light, dark or system."));
    }
    let cookie = format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax");
    let cookie = http::HeaderValue::from_str(&cookie).map_err(web::internal_error)?;
    context.response.append_header(http::header::SET_COOKIE, cookie);
    Ok(())
}
