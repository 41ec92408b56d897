//! The page for a forgotten password. It mails a link to the account, and answers the same whether or not the
//! account exists.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::{SuccessBanner, filled, load_page};

use crate::messages::messages;

/// Asks for the address.
#[component]
pub fn Forgot() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let texts = messages(context.request.language);
        let filled = filled(&context.request, "request_reset");
        let notice = context.request.flash.clone().and_then(|flash| flash.notice);
        let is_asked = notice.is_none();
        Ok(view! {
            <PageTitle text=texts.reset_title/>
            <Blank title=texts.reset_title>
                <SuccessBanner text=notice/>
                <p class="text-fg-2">{texts.reset_text}</p>
                <Form action="/do/request_reset" filled=filled>
                    <TextField name="email" label=texts.email kind="email" autocomplete="username" required=true autofocus=is_asked/>
                    <Button look=ButtonStyle::Primary>{texts.send_link}</Button>
                </Form>
                <p class="text-sm text-fg-2"><a class="link" href="/login">{texts.back_to_sign_in}</a></p>
            </Blank>
        })
    })
}
