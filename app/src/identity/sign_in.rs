//! Signing in and out: password, second factor, throttling, and what the session then holds.
//! Whether an account exists never shows: not in words, not in time, not in the throttle.

use leptos::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use store::identity::AuthUser;
use store::throttle::Key;

use super::password::{self, Fit};
use super::{second_factor, tries};
use crate::error::{Error, Result};
use crate::guard::{Here, here};
use crate::session::{self, Proof};

const WRONG: &str = "Email or password is not right.";

/// Signs a person in by password.
#[server(prefix = "/do", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<()> {
    let here = here()?;
    here.open("sign_in")?;
    let db = &here.state.db;
    let email = domain::text::account(&email);
    let keys = [Key::from_address("address", &here.visit.ip), Key::of("account", &email)];
    let [from_here, at_account] = tries::take(db, keys).await?;
    let account = store::identity::auth_user(db, &email).await?;
    let fit = check(&here, account.as_ref(), SecretString::from(password)).await?;
    let caller = match account.filter(|account| fit != Fit::No && !account.disabled) {
        Some(account) => store::identity::caller(db, account.id).await?,
        None => None,
    };
    let Some(caller) = caller else {
        store::identity::record_sign_in(db, None, false, "wrong e-mail or password").await?;
        return Err(Error::Conflict(WRONG.to_owned()));
    };
    store::throttle::clear(db, at_account).await?;
    // Only this one try: a right account must not open the door for guessing others.
    store::throttle::give_back(db, from_here).await?;
    store::identity::record_sign_in(db, Some(caller.user), true, "password").await?;
    session::begin(&here.session, &here.visit, Proof::by_password(caller.user, caller.is_staff())).await?;
    let target = next.filter(|next| crate::is_local(next)).unwrap_or_else(|| "/".to_owned());
    if caller.mfa_enrolled {
        session::remember_target(&here.session, &target).await?;
    }
    leptos_axum::redirect(if caller.mfa_enrolled { "/login/code" } else { &target });
    Ok(())
}

/// Compares the password; an unknown account costs the same as a known one.
async fn check(here: &Here, account: Option<&AuthUser>, shown: SecretString) -> Result<Fit> {
    let stored = account.and_then(|account| account.password_hash.clone());
    let is_real = stored.is_some();
    let stored = stored.unwrap_or_else(|| here.state.settings.dummy_hash.clone());
    let fit = password::check(shown.clone(), stored).await?;
    match (account, fit) {
        (Some(account), Fit::Weak) if is_real => {
            let better = password::hash(shown).await?;
            store::identity::rehash_password(&here.state.db, account.id, better.expose_secret()).await?;
            Ok(Fit::Yes)
        }
        (Some(_), fit) if is_real => Ok(fit),
        _ => Ok(Fit::No),
    }
}

/// Completes a sign-in with the code of an app, or a recovery code.
#[server(prefix = "/do", endpoint = "confirm_code")]
pub async fn confirm_code(code: String) -> Result<()> {
    let here = here()?;
    here.open("confirm_code")?;
    let halfway = here.visit.halfway.ok_or(Error::SignIn)?;
    let [at_code] = tries::take(&here.state.db, [Key::of("code", halfway.user)]).await?;
    if !second_factor::fits(&here, halfway.user, &code).await? {
        store::identity::record_sign_in(&here.state.db, Some(halfway.user), false, "wrong code").await?;
        return Err(Error::field("code", "This code is not right, or it was used already. Wait for the next one."));
    }
    store::throttle::clear(&here.state.db, at_code).await?;
    let target = session::target(&here.session).await?;
    let proof = session::proof(&here.session).await?.ok_or(Error::SignIn)?;
    session::begin(&here.session, &here.visit, proof.and_second_factor()).await?;
    leptos_axum::redirect(&target);
    Ok(())
}

/// Ends this browser's session.
#[server(prefix = "/do", endpoint = "sign_out")]
pub async fn sign_out() -> Result<()> {
    let here = here()?;
    here.open("sign_out")?;
    here.session.flush().await?;
    here.response.insert_header(
        http::HeaderName::from_static("clear-site-data"),
        http::HeaderValue::from_static("\"cache\", \"storage\""),
    );
    leptos_axum::redirect("/login");
    Ok(())
}

/// Sets light, dark or the system's theme for this browser.
#[server(prefix = "/do", endpoint = "set_theme")]
pub async fn set_theme(theme: String) -> Result<()> {
    let here = here()?;
    here.open("set_theme")?;
    if !matches!(theme.as_str(), "light" | "dark" | "system") {
        return Err(Error::field("theme", "Choose light, dark or system."));
    }
    let cookie = format!("theme={theme}; Path=/; Max-Age=31536000; SameSite=Lax");
    let cookie = http::HeaderValue::from_str(&cookie).map_err(crate::ours)?;
    here.response.append_header(http::header::SET_COOKIE, cookie);
    Ok(())
}
