//! The second step of signing in: the code of an authenticator app, or a recovery code.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, PostButton, TextField};
use leptos::prelude::*;
use web::error::Error;
use web::guard::server_context;
use web::page::{filled, load_page};

use crate::messages::messages;

/// Asks for the code.
#[component]
pub fn Code() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        if context.request.pending_second_factor.is_none() {
            return Err(Error::SignIn);
        }
        let texts = messages(context.request.language);
        let filled = filled(&context.request, "confirm_code");
        Ok(view! {
            <PageTitle text=texts.confirm_title/>
            <Blank title=texts.confirm_title>
                <Form action="/do/confirm_code" filled=filled>
                    <TextField
                        name="code"
                        label=texts.code
                        autocomplete="one-time-code"
                        help=texts.code_help_long
                        required=true
                        autofocus=true
                    />
                    <Button look=ButtonStyle::Primary>{texts.confirm}</Button>
                </Form>
                <PostButton action="/do/sign_out" look=ButtonStyle::Quiet>{texts.someone_else}</PostButton>
            </Blank>
        })
    })
}
