//! Signs people in and out: password, second factor, and the proof that the session then holds.

use leptos::prelude::*;
use operations::Myself;
use operations::identity::sign_in::{self, Attempt, CodeAttempt, SignedIn};
use operations::identity::{Source, sessions};
use secrecy::SecretString;
use web::error::{Error, Result};
use web::guard::{ServerContext, server_context};
use web::session::{self, Proof};

use crate::device;

/// Signs a person in by password.
#[server(prefix = "/do", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<()> {
    let context = server_context()?;
    let email = domain::text::account(&email);
    let source = device::source(&context).await;
    let attempt = Attempt {
        email: &email,
        password: SecretString::from(password),
        source: &source,
        dummy_hash: &context.state.settings.dummy_hash,
    };
    let signed_in = sign_in::by_password(&context.state.db, attempt).await?;
    let target = next.filter(|next| domain::redirect::is_local(next)).unwrap_or_else(|| "/".to_owned());
    enter(&context, &source, signed_in, &target).await
}

/// Begins the session of a person whose password was right or was just set, and leads them on: to `target`, or first to
/// the code of their second factor.
pub(crate) async fn enter(context: &ServerContext, source: &Source, signed_in: SignedIn, target: &str) -> Result<()> {
    let SignedIn { caller, generation } = signed_in;
    let proof = Proof::by_password(caller.user, caller.platform.is_some()).of_generation(generation);
    session::begin(&context.session, &context.request, proof).await?;
    if caller.mfa_enrolled {
        session::remember_target(&context.session, target).await?;
    } else {
        device::remember(context, source, caller.user, &caller.email, false).await?;
    }
    leptos_axum::redirect(if caller.mfa_enrolled { "/login/code" } else { target });
    Ok(())
}

/// Completes a sign-in with the code of an app, or a recovery code.
#[server(prefix = "/do", endpoint = "confirm_code")]
pub async fn confirm_code(code: String) -> Result<()> {
    let context = server_context()?;
    let user = context.request.pending_second_factor.ok_or(Error::SignIn)?.user;
    let source = device::source(&context).await;
    let attempt = CodeAttempt { user, code: &code, source: &source, now: web::clock::now() };
    sign_in::by_code(&context.state.db, &context.state.vault, &attempt).await?;
    let target = session::target(&context.session).await?;
    let proof = session::proof(&context.session).await?.ok_or(Error::SignIn)?;
    session::begin(&context.session, &context.request, proof.and_second_factor()).await?;
    if let Some(caller) = store::identity::caller(&context.state.db, user).await? {
        device::remember(&context, &source, user, &caller.email, true).await?;
    }
    leptos_axum::redirect(&target);
    Ok(())
}

/// Ends this browser's session.
#[server(prefix = "/do", endpoint = "sign_out")]
pub async fn sign_out() -> Result<()> {
    let context = server_context()?;
    if let Some(user) = session_user(&context) {
        sessions::sign_out(&Myself::new(context.state.db.clone(), user)).await?;
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
    if !matches!(theme.as_str(), "light" | "dark" | "system") {
        return Err(Error::field("theme", "Choose light, dark or system."));
    }
    let cookie = format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax");
    let cookie = http::HeaderValue::from_str(&cookie).map_err(web::internal_error)?;
    context.response.append_header(http::header::SET_COOKIE, cookie);
    Ok(())
}
