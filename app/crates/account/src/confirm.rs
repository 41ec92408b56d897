//! Asks for a fresh proof of identity before a sensitive operation: the password or a second-factor code. Afterwards
//! the person gets their form back with everything they typed, which the session holds meanwhile.

use domain::UserId;
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Filled, Form, TextField};
use leptos::prelude::*;
use secrecy::SecretString;
use store::throttle::Key;
use web::error::{Error, Result};
use web::flash::Flash;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::session;
use web::{normalize, throttle};

use crate::login::query_value;
use crate::password::{self, Fit};
use crate::second_factor;
use crate::user_name::UserName;

/// Notice on a form that is shown again after the proof.
const BACK: &str = "Confirmed. What you had filled in is still here: send it again.";

/// Accepts a proof of identity, which is valid for ten minutes, and redirects to the page that asked for it.
#[server(prefix = "/do", endpoint = "confirm_identity")]
pub async fn confirm_identity(password: Option<String>, code: Option<String>, next: Option<String>) -> Result<()> {
    let context = server_context()?;
    let caller = context.person("confirm_identity")?;
    let db = &context.state.db;
    let [at_proof] = throttle::take(db, "confirm_identity", [proof_key(caller.user)]).await?;
    let code = code.filter(|code| !normalize::code(code).is_empty());
    let (how, fits) = match &code {
        Some(code) => ("second factor", second_factor::fits(&context, caller.user, &normalize::code(code)).await?),
        None => ("password", knows_password(&context, &caller.email, password.unwrap_or_default()).await?),
    };
    store::identity::record_confirmation(db, caller.user, fits, how).await?;
    if !fits {
        return Err(match code {
            Some(_) => Error::field("code", second_factor::WRONG),
            None => Error::field("password", "This is not your password."),
        });
    }
    store::throttle::clear(db, at_proof).await?;
    let proof = session::proof(&context.session).await?.ok_or(Error::SignIn)?;
    let proof = if code.is_some() { proof.and_second_factor() } else { proof };
    session::begin(&context.session, &context.request, proof).await?;
    let next = next.filter(|next| domain::redirect::is_local(next)).unwrap_or_else(|| "/".to_owned());
    Flash::release(&context.session, &next, BACK).await?;
    leptos_axum::redirect(&next);
    Ok(())
}

/// Key that counts a signed-in person's attempts at their own password or code, whichever form asks for it.
pub(super) fn proof_key(user: UserId) -> Key {
    Key::of("confirm", user)
}

async fn knows_password(context: &ServerContext, email: &str, shown: String) -> Result<bool> {
    let account = store::identity::auth_user(&context.state.db, email).await?.ok_or(Error::SignIn)?;
    let Some(stored) = account.password_hash else { return Ok(false) };
    Ok(password::check(SecretString::from(shown), stored).await? != Fit::No)
}

/// Asks for the proof.
#[component]
pub fn Confirm() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let caller = context.caller()?;
        let next = query_value(&context.request.address, "next").filter(|next| domain::redirect::is_local(next));
        let next = next.unwrap_or_else(|| "/me".to_owned());
        let filled = filled(&context.request, "confirm_identity");
        let enrolled = caller.mfa_enrolled;
        let text =
            "This needs a fresh proof that it is you. It is good for ten minutes, and nothing you filled in is lost.";
        Ok(view! {
            <PageTitle text="Confirm it's you"/>
            <Blank title="Confirm it's you" text=text>
                <Proof filled next=next.clone() enrolled email=caller.email.clone()/>
                <p class="text-sm text-fg-2"><a class="link" href=next>"Back without it"</a></p>
            </Blank>
        })
    })
}

/// The form for the password and, if the person has a second factor, a form for a code instead.
#[component]
fn Proof(filled: Filled, next: String, enrolled: bool, email: String) -> impl IntoView {
    let by_code = filled.error("code").is_some();
    let (first, second) = if by_code { (Filled::default(), filled) } else { (filled, Filled::default()) };
    let hidden = vec![("next", next)];
    let code = enrolled.then(|| {
        view! {
            <details open=by_code>
                <summary class="fold w-fit py-1 text-sm text-fg-2">"Use a code from your app instead"</summary>
                <Form action="/do/confirm_identity" filled=second hidden=hidden.clone() class="flex flex-col gap-5 pt-3">
                    <TextField name="code" label="Code" autocomplete="one-time-code" help="Six digits, or one of your recovery codes." required=true/>
                    <div><Button>"Confirm with the code"</Button></div>
                </Form>
            </details>
        }
    });
    view! {
        <Form action="/do/confirm_identity" filled=first hidden=hidden>
            <UserName email/>
            <TextField name="password" label="Password" kind="password" autocomplete="current-password" required=true autofocus=true/>
            <Button look=ButtonStyle::Primary>"Confirm"</Button>
        </Form>
        {code}
    }
}
