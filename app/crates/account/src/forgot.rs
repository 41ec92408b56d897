//! The page for a forgotten password. It mails a link to the account, and answers the same whether or not the
//! account exists.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::{SuccessBanner, filled, load_page};

/// Asks for the address.
#[component]
pub fn Forgot() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let filled = filled(&context.request, "request_reset");
        let notice = context.request.flash.clone().and_then(|flash| flash.notice);
        Ok(view! {
            <PageTitle text="Reset your password"/>
            <Blank title="Reset your password".to_owned()>
                <SuccessBanner text=notice/>
                <p class="text-fg-2">"We send you a link that works once, for 30 minutes."</p>
                <Form action="/do/request_reset" filled=filled>
                    <TextField name="email" label="Email" kind="email" autocomplete="username" required=true/>
                    <Button look=ButtonStyle::Primary>"Send the link"</Button>
                </Form>
                <p class="text-sm text-fg-2"><a class="link" href="/login">"Back to sign-in"</a></p>
            </Blank>
        })
    })
}
