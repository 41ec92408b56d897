//! Accepts an invitation: shows who invites to what, and asks for a name and a first password if the address has no
//! account. A person with an account must prove that it is theirs; the link alone accepts nothing.

use domain::identity::Role;
use domain::language::Language;
use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonLink, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::identity::invitation::{self, Why};
use store::invites::Offer;
use web::Error;
use web::brand::{BrandAccent, BrandMark};
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::token;

use crate::messages::{Messages, messages};
use crate::user_name::UserName;

/// True if the caller is signed in to the account with this address.
fn caller_has_address(context: &ServerContext, email: &str) -> bool {
    context.request.caller.as_ref().is_some_and(|caller| caller.email.eq_ignore_ascii_case(email))
}

/// What the person has to enter to accept.
#[derive(Clone, Copy)]
enum RequiredProof {
    /// Nothing, because they are signed in to the account.
    Nothing,
    /// The account's password.
    Password,
    /// A name and a first password, because there is no account yet.
    Account,
}

/// The page of an invitation. It says who invites to what, and asks for a name and a password, for the account's
/// password, or only for a confirmation.
#[component]
pub fn Invite() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let (db, language) = (&context.state.db, context.request.language);
        let texts = messages(language);
        let hash = token::hash(&shown);
        let link = store::invites::find(db, hash).await?.filter(|link| link.purpose == "invite");
        let Some(link) = link else {
            let why = invitation::unusable(db, hash).await?;
            context.response.set_status(http::StatusCode::CONFLICT);
            return Ok(view! { <Unusable texts why/> }.into_any());
        };
        let email = link.email.clone().unwrap_or_default();
        let offer = store::invites::offer(db, &link, hash).await?.ok_or(Error::NotFound)?;
        let proof = match store::invites::has_account(db, &email).await? {
            true if caller_has_address(&context, &email) => RequiredProof::Nothing,
            true => RequiredProof::Password,
            false => RequiredProof::Account,
        };
        let (title, text) = words(language, &offer, link.role, &email);
        let brand = offer.brand;
        let filled = filled(&context.request, "accept_invite");
        let mark = view! { <BrandMark brand=brand.clone()/> };
        Ok(view! {
            <PageTitle text=texts.accept_title/>
            <BrandAccent brand/>
            <Blank title text brand=mark.into_any()>
                <Form action="/do/accept_invite" filled=filled hidden=vec![("token", shown)]>
                    {fields(texts, proof, &email)}
                    <Button look=ButtonStyle::Primary>{texts.accept}</Button>
                </Form>
                {matches!(proof, RequiredProof::Password).then(|| view! { <p class="text-sm text-fg-2"><a class="link" href="/forgot">{texts.forgot}</a></p> })}
            </Blank>
        }
        .into_any())
    })
}

/// The headline and the sentence under it: who has set up what, who invites, and as whom.
fn words(language: Language, offer: &Offer, role: Option<Role>, email: &str) -> (String, String) {
    let texts = messages(language);
    let (agency, role) = (&offer.brand.name, role.map_or(texts.a_colleague, |role| language.role(role)));
    let by = offer.inviter.as_deref();
    match &offer.business {
        Some(business) => ((texts.set_up_for)(agency, business), (texts.invited_as)(by, role, email)),
        None => ((texts.join)(agency), (texts.invited_to)(by, role, email, agency)),
    }
}

/// An invitation that cannot be accepted: why, and what to do.
#[component]
fn Unusable(texts: &'static Messages, why: Why) -> impl IntoView {
    let (title, text) = (texts.unusable)(why);
    view! {
        <PageTitle text=title/>
        <Blank title text>
            <div><ButtonLink href="/" look=ButtonStyle::Primary>{texts.go_to_sign_in}</ButtonLink></div>
        </Blank>
    }
}

fn fields(texts: &'static Messages, proof: RequiredProof, email: &str) -> AnyView {
    let email = email.to_owned();
    match proof {
        RequiredProof::Nothing => ().into_any(),
        RequiredProof::Password => view! {
            <UserName email/>
            <TextField
                name="password"
                label=texts.your_password
                kind="password"
                autocomplete="current-password"
                help=texts.account_exists
                required=true
                autofocus=true
            />
        }
        .into_any(),
        RequiredProof::Account => view! {
            <UserName email/>
            <TextField name="name" label=texts.your_name autocomplete="name" required=true autofocus=true/>
            <TextField
                name="password"
                label=texts.password
                kind="password"
                autocomplete="new-password"
                help=texts.password_help
                required=true
            />
        }
        .into_any(),
    }
}
