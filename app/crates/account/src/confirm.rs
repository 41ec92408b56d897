//! Asks for a fresh proof of identity before a sensitive operation: the password or a second-factor code. The session
//! holds the form meanwhile; the server sends it as soon as the proof is accepted.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Filled, Form, TextField};
use leptos::prelude::*;
use operations::identity::confirmation::{self, Proof, Shown};
use secrecy::SecretString;
use web::error::{Error, Result};
use web::guard::server_context;
use web::held_form::HeldForm;
use web::page::{filled, load_page};
use web::session;

use crate::login::query_value;
use crate::messages::{Messages, messages};
use crate::user_name::UserName;

/// Accepts a proof of identity, which is valid for ten minutes, and redirects to the page that asked for it. The layer
/// of forms sends the form that waited for it.
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
        let held = HeldForm::of_page(&context.session, &next).await?;
        let words = held.as_ref().and_then(HeldForm::words);
        let texts = messages(context.request.language);
        let text = (texts.confirm_text)(words.as_deref());
        let form = held.map(|held| held.id.to_string());
        Ok(view! {
            <PageTitle text=texts.confirm_title/>
            <Blank title=texts.confirm_title text=text>
                <ProofForms texts filled next=next.clone() form enrolled email=caller.email.clone()/>
                <p class="text-sm text-fg-2"><a class="link" href=next>{texts.cancel}</a></p>
            </Blank>
        })
    })
}

/// The form for the password and, if the person has a second factor, a form for a code instead.
#[component]
fn ProofForms(
    texts: &'static Messages,
    filled: Filled,
    next: String,
    form: Option<String>,
    enrolled: bool,
    email: String,
) -> impl IntoView {
    let by_code = filled.error("code").is_some();
    let (first, second) = if by_code { (Filled::default(), filled) } else { (filled, Filled::default()) };
    let hidden: Vec<_> = [("next", next)].into_iter().chain(form.map(|form| ("form", form))).collect();
    let code = enrolled.then(|| {
        view! {
            <details open=by_code>
                <summary class="fold w-fit py-1 text-sm text-fg-2">{texts.use_code}</summary>
                <Form action="/do/confirm_identity" filled=second hidden=hidden.clone() class="flex flex-col gap-5 pt-3">
                    <TextField name="code" label=texts.code autocomplete="one-time-code" help=texts.code_help required=true/>
                    <div><Button>{texts.confirm_code}</Button></div>
                </Form>
            </details>
        }
    });
    view! {
        <Form action="/do/confirm_identity" filled=first hidden=hidden>
            <UserName email/>
            <TextField name="password" label=texts.password kind="password" autocomplete="current-password" required=true autofocus=true/>
            <Button look=ButtonStyle::Primary>{texts.confirm}</Button>
        </Form>
        {code}
    }
}
