//! Sets a password by a link that works once: the first password, or a new one after it was forgotten.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonLink, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use operations::Refusal;
use operations::identity::password;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::token;

use crate::messages::{Messages, messages};
use crate::user_name::UserName;

/// Asks for the new password.
#[component]
pub fn NewPassword() -> impl IntoView {
    let context = server_context();
    let shown = use_params_map().read_untracked().get("token").unwrap_or_default();
    load_page(async move {
        let context = context?;
        let texts = messages(context.request.language);
        let filled = filled(&context.request, "set_password");
        let (db, hash) = (&context.state.db, token::hash(&shown));
        let link = store::invites::find(db, hash).await?;
        let person = match link.filter(|link| link.purpose != "invite").and_then(|link| link.user) {
            Some(user) => store::identity::caller(db, user).await?,
            None => None,
        };
        let Some(person) = person else {
            return match password::link_error(db, hash).await {
                Refusal::State(text) => {
                    context.response.set_status(http::StatusCode::CONFLICT);
                    Ok(view! { <Unusable texts text/> }.into_any())
                }
                fault => Err(fault.into()),
            };
        };
        Ok(view! {
            <PageTitle text=texts.set_password_title/>
            <Blank title=texts.set_password_title>
                <Form action="/do/set_password" filled=filled hidden=vec![("token", shown)]>
                    <UserName email=person.email/>
                    <TextField
                        name="password"
                        label=texts.new_password
                        kind="password"
                        autocomplete="new-password"
                        help=texts.password_help
                        required=true
                    />
                    <Button look=ButtonStyle::Primary>{texts.set_password}</Button>
                </Form>
            </Blank>
        }
        .into_any())
    })
}

/// A link that sets no password: why, and where to get another one.
#[component]
fn Unusable(texts: &'static Messages, text: String) -> impl IntoView {
    let title = texts.link_over;
    view! {
        <PageTitle text=title/>
        <Blank title=title text>
            <div><ButtonLink href="/forgot" look=ButtonStyle::Primary>{texts.get_new_link}</ButtonLink></div>
        </Blank>
    }
}
