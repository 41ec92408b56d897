//! The second step of signing in: the code of an authenticator app, or a recovery code.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, PostButton, TextField};
use leptos::prelude::*;
use web::error::Error;
use web::guard::server_context;
use web::page::{filled, load_page};

/// Asks for the code.
#[component]
pub fn Code() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        if context.request.pending_second_factor.is_none() {
            return Err(Error::SignIn);
        }
        let filled = filled(&context.request, "confirm_code");
        Ok(view! {
            <PageTitle text="Confirm it's you"/>
            <Blank title="Confirm it's you".to_owned()>
                <Form action="/do/confirm_code" filled=filled>
                    <TextField
                        name="code"
                        label="Code"
                        autocomplete="one-time-code"
                        help="Six digits from your authenticator app, or one of your recovery codes. If they are not accepted, set your phone's clock to automatic."
                        required=true
                    />
                    <Button look=ButtonStyle::Primary>"Confirm"</Button>
                </Form>
                <PostButton action="/do/sign_out" look=ButtonStyle::Quiet>"Sign in as someone else"</PostButton>
            </Blank>
        })
    })
}
