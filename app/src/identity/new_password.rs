//! Setting a password by a link that works once: the first one, or a new one after forgetting it.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::token;
use crate::error::Error;
use crate::frame::Blank;
use crate::guard::here;
use crate::page::{filled, loaded};
use crate::title::PageTitle;
use crate::ui::{Button, Form, Look, TextField};

/// Asks for the new password.
#[component]
pub fn NewPassword() -> impl IntoView {
    let here = here();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    loaded(async move {
        let here = here?;
        let filled = filled(&here.visit, "set_password");
        let link = store::invites::find(&here.state.db, token::hash(&shown)).await?;
        if link.is_none_or(|link| link.purpose == "invite") {
            return Err(Error::Conflict(
                "This link was used already or has expired. Ask for a new one on the sign-in page.".to_owned(),
            ));
        }
        Ok(view! {
            <PageTitle text="Set your password"/>
            <Blank title="Set your password".to_owned()>
                <Form action="/do/set_password" filled=filled hidden=vec![("token", shown)]>
                    <TextField
                        name="password"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        help="At least 12 characters. A short sentence works well."
                        required=true
                    />
                    <Button look=Look::Primary>"Set password"</Button>
                </Form>
            </Blank>
        })
    })
}
