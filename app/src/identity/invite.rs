//! Accepting an invitation: who invites, as what, and a first password where there is none yet.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::token;
use crate::error::Error;
use crate::frame::Blank;
use crate::guard::here;
use crate::page::{filled, loaded};
use crate::title::PageTitle;
use crate::ui::{Button, Form, Look, TextField};

/// Asks for name and password, or only for a yes.
#[component]
pub fn Invite() -> impl IntoView {
    let here = here();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    loaded(async move {
        let here = here?;
        let filled = filled(&here.visit, "accept_invite");
        let link =
            store::invites::find(&here.state.db, token::hash(&shown)).await?.filter(|link| link.purpose == "invite");
        let Some(link) = link else {
            return Err(Error::Conflict(
                "This invitation was used already, withdrawn or has expired. Ask whoever invited you for a new one."
                    .to_owned(),
            ));
        };
        let email = link.email.unwrap_or_default();
        let role = link.role.map_or("a colleague", |role| role.label());
        let known = store::invites::has_account(&here.state.db, &email).await?;
        Ok(view! {
            <PageTitle text="Accept your invitation"/>
            <Blank title="Welcome to Slipway".to_owned() text=format!("You are invited as {role}, with the address {email}.")>
                <Form action="/do/accept_invite" filled=filled hidden=vec![("token", shown)]>
                    {(!known).then(|| view! {
                        <TextField name="name" label="Your name" autocomplete="name" required=true/>
                        <TextField
                            name="password"
                            label="Password"
                            kind="password"
                            autocomplete="new-password"
                            help="At least 12 characters. A short sentence works well."
                            required=true
                        />
                    })}
                    <Button look=Look::Primary>"Accept the invitation"</Button>
                </Form>
            </Blank>
        })
    })
}
