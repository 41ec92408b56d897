//! Asks for a fresh proof of identity before a sensitive operation: the password or a second-factor code. Afterwards
//! the person gets their form back with everything they typed, which the session holds meanwhile.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Filled, Form, TextField};
use leptos::prelude::*;
use operations::identity::confirmation::{self, Proof, Shown};
use secrecy::SecretString;
use web::error::{Error, Result};
use web::flash::Flash;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::session;

use crate::login::query_value;
use crate::user_name::UserName;

/// Notice on a form that is shown again after the proof.
const BACK: &str = "Confirmed. What you had filled in is still here: send it again.";

/// Accepts a proof of identity, which is valid for ten minutes, and redirects to the page that asked for it.
#[server(prefix = "/do", endpoint = "confirm_identity")]
pub async fn confirm_identity(password: Option<String>, code: Option<String>, next: Option<String>) -> Result<()> {
    let context = server_context()?;
    let (caller, code) = (context.caller()?, code.unwrap_or_default());
    let shown = Shown {
        email: &caller.email,
        password: SecretString::from(password.unwrap_or_default()),
        code: &code,
        now: web::clock::now(),
    };
    let proved = confirmation::confirm(&context.myself()?, &context.state.vault, shown).await?;
    let proof = session::proof(&context.session).await?.ok_or(Error::SignIn)?;
    let proof = if proved == Proof::SecondFactor { proof.and_second_factor() } else { proof };
    session::begin(&context.session, &context.request, proof).await?;
    let next = next.filter(|next| domain::redirect::is_local(next)).unwrap_or_else(|| "/".to_owned());
    Flash::release(&context.session, &next, BACK).await?;
    leptos_axum::redirect(&next);
    Ok(())
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
                <ProofForms filled next=next.clone() enrolled email=caller.email.clone()/>
                <p class="text-sm text-fg-2"><a class="link" href=next>"Back without it"</a></p>
            </Blank>
        })
    })
}

/// The form for the password and, if the person has a second factor, a form for a code instead.
#[component]
fn ProofForms(filled: Filled, next: String, enrolled: bool, email: String) -> impl IntoView {
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
