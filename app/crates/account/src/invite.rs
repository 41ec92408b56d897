//! Accepts an invitation: shows the role and the address, and asks for a name and a first password if the address has
//! no account. A person with an account must prove that it is theirs; the link alone accepts nothing.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::identity::invitation;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::token;

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

/// The page of an invitation. It asks for a name and a password, for the account's password, or only for a
/// confirmation.
#[component]
pub fn Invite() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let filled = filled(&context.request, "accept_invite");
        let hash = token::hash(&shown);
        let link = store::invites::find(&context.state.db, hash).await?.filter(|link| link.purpose == "invite");
        let Some(link) = link else { return Err(invitation::link_error(&context.state.db, hash).await.into()) };
        let email = link.email.unwrap_or_default();
        let role = link.role.map_or("a colleague", |role| role.label());
        let proof = match store::invites::has_account(&context.state.db, &email).await? {
            true if caller_has_address(&context, &email) => RequiredProof::Nothing,
            true => RequiredProof::Password,
            false => RequiredProof::Account,
        };
        Ok(view! {
            <PageTitle text="Accept your invitation"/>
            <Blank title="Welcome to Slipway".to_owned() text=format!("You are invited as {role}, with the address {email}.")>
                <Form action="/do/accept_invite" filled=filled hidden=vec![("token", shown)]>
                    {fields(proof, &email)}
                    <Button look=ButtonStyle::Primary>"Accept the invitation"</Button>
                </Form>
                {matches!(proof, RequiredProof::Password).then(|| view! { <p class="text-sm text-fg-2"><a class="link" href="/forgot">"Forgot your password?"</a></p> })}
            </Blank>
        })
    })
}

fn fields(proof: RequiredProof, email: &str) -> AnyView {
    let email = email.to_owned();
    match proof {
        RequiredProof::Nothing => ().into_any(),
        RequiredProof::Password => view! {
            <UserName email/>
            <TextField
                name="password"
                label="Your password"
                kind="password"
                autocomplete="current-password"
                help="You have an account with this address already. Its password shows that it is you."
                required=true
            />
        }
        .into_any(),
        RequiredProof::Account => view! {
            <UserName email/>
            <TextField name="name" label="Your name" autocomplete="name" required=true/>
            <TextField
                name="password"
                label="Password"
                kind="password"
                autocomplete="new-password"
                help="At least 12 characters. A short sentence works well."
                required=true
            />
        }
        .into_any(),
    }
}
