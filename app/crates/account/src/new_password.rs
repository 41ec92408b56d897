//! Sets a password by a link that works once: the first password, or a new one after it was forgotten.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::invites::LinkState;
use web::error::Error;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::token;

use crate::user_name::UserName;

/// The error that says why a link cannot set a password, for instance because it was used or has expired.
pub(super) async fn link_error(context: &ServerContext, hash: [u8; 32]) -> Error {
    let text = match store::invites::link_state(&context.state.db, hash).await {
        Ok(Some(LinkState::Used)) => {
            "A password was set by this link already. Sign in with it; if it was not you who set it, ask for a new link on the sign-in page."
        }
        Ok(Some(LinkState::Ended)) => {
            "This link has expired, or a newer one took its place. Ask for a new one on the sign-in page."
        }
        Ok(Some(LinkState::Gone | LinkState::Paused) | None) => {
            "This link is not one of ours, or it is long over. Ask for a new one on the sign-in page."
        }
        Err(error) => return error.into(),
    };
    Error::Conflict(text.to_owned())
}

/// Asks for the new password.
#[component]
pub fn NewPassword() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let filled = filled(&context.request, "set_password");
        let link = store::invites::find(&context.state.db, token::hash(&shown)).await?;
        let person = match link.filter(|link| link.purpose != "invite").and_then(|link| link.user) {
            Some(user) => store::identity::caller(&context.state.db, user).await?,
            None => None,
        };
        let Some(person) = person else { return Err(link_error(&context, token::hash(&shown)).await) };
        Ok(view! {
            <PageTitle text="Set your password"/>
            <Blank title="Set your password".to_owned()>
                <Form action="/do/set_password" filled=filled hidden=vec![("token", shown)]>
                    <UserName email=person.email/>
                    <TextField
                        name="password"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        help="At least 12 characters. A short sentence works well."
                        required=true
                    />
                    <Button look=ButtonStyle::Primary>"Set password"</Button>
                </Form>
            </Blank>
        })
    })
}
