//! The sign-in page. An unknown account gets the same answer as a wrong password.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Button, ButtonStyle, Form, TextField};
use leptos::prelude::*;
use web::address_note::AddressNote;
use web::guard::server_context;
use web::page::{SuccessBanner, filled, load_page};

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let next = query_value(&context.request.address, "next").unwrap_or_default();
        let filled = filled(&context.request, "sign_in");
        let notice = context.request.flash.clone().and_then(|flash| flash.notice);
        Ok(view! {
            <PageTitle text="Sign in"/>
            <Blank title="Sign in to Slipway".to_owned()>
                <AddressNote public=context.state.settings.public_url.clone() request=context.request.clone()/>
                <SuccessBanner text=notice/>
                <Form action="/do/sign_in" filled=filled hidden=vec![("next", next)]>
                    <TextField name="email" label="Email" kind="email" autocomplete="username" required=true/>
                    <TextField name="password" label="Password" kind="password" autocomplete="current-password" required=true/>
                    <Button look=ButtonStyle::Primary>"Sign in"</Button>
                </Form>
                <p class="text-sm text-fg-2"><a class="link" href="/forgot">"Forgot your password?"</a></p>
            </Blank>
        })
    })
}

/// Value of a parameter in an address's query; `None` if it is absent.
#[must_use]
pub fn query_value(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes()).find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}
