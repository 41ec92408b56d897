//! Signing in and out: password, second factor, throttling, and what the session then holds.
//! Whether an account exists never shows: not in words, not in time, not in the throttle.

use leptos::prelude::*;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

use super::password::{self, Fit};
use crate::error::{Error, Result};
use crate::guard::{Here, here};
use crate::session::{self, Proof};

const WRONG: &str = "Email or password is not right.";

/// Signs a person in by password.
#[server(prefix = "/do", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<()> {
    let here = here()?;
    here.open("sign_in")?;
    let email = email.trim().to_lowercase();
    let keys = throttle_keys(&here, &email);
    if let Some(wait) = store::identity::throttled(&here.state.db, &keys).await? {
        return Err(Error::Waiting(wait));
    }
    let account = store::identity::auth_user(&here.state.db, &email).await?;
    let password = SecretString::from(password);
    let stored = account.as_ref().and_then(|account| account.password_hash.clone());
    let fit = password::check(password.clone(), stored.unwrap_or_else(|| here.state.settings.dummy_hash.clone())).await?;
    let known = account.filter(|account| !account.disabled && account.password_hash.is_some() && fit != Fit::No);
    let Some(account) = known else {
        store::identity::failed(&here.state.db, &keys, &email, &here.visit.ip).await?;
        return Err(Error::Conflict(WRONG.to_owned()));
    };
    if fit == Fit::Weak {
        let better = password::hash(password).await?;
        store::identity::rehash(&here.state.db, account.id, &better).await?;
    }
    store::identity::succeeded(&here.state.db, &keys[0], account.id).await?;
    session::begin(&here.session, Proof::by_password(account.id)).await?;
    let target = next.filter(|next| crate::is_local(next) && next != "/").unwrap_or_else(|| "/".to_owned());
    session::remember_target(&here.session, &target).await?;
    leptos_axum::redirect(&target);
    Ok(())
}

/// Completes a sign-in with the code of an app, or a recovery code.
#[server(prefix = "/do", endpoint = "confirm_code")]
pub async fn confirm_code(code: String) -> Result<()> {
    let here = here()?;
    here.open("confirm_code")?;
    let halfway = here.visit.halfway.ok_or(Error::SignIn)?;
    let keys = [Sha256::digest(format!("code|{}", halfway.user)).into()];
    if let Some(wait) = store::identity::throttled(&here.state.db, &keys).await? {
        return Err(Error::Waiting(wait));
    }
    if !super::second_factor::fits(&here, halfway.user, &code).await? {
        store::identity::failed(&here.state.db, &keys, "", &here.visit.ip).await?;
        return Err(Error::field("code", "This code is not right, or it was used already. Wait for the next one."));
    }
    session::begin(&here.session, Proof::by_second_factor(halfway.user)).await?;
    let target = session::target(&here.session).await?;
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

/// Hashed keys under which tries are counted: the account, then the address.
fn throttle_keys(here: &Here, email: &str) -> [[u8; 32]; 2] {
    [Sha256::digest(format!("account|{email}")).into(), Sha256::digest(format!("address|{}", here.visit.ip)).into()]
}
