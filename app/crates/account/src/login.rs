//! The sign-in page. An unknown account gets the same answer as a wrong password.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Banner, Button, ButtonStyle, Form, TextField, Tone};
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
        let idle = query_value(&context.request.address, "idle").and_then(|minutes| idle_words(&minutes));
        let notice = context.request.flash.clone().and_then(|flash| flash.notice);
        Ok(view! {
            <PageTitle text="Sign in"/>
            <Blank title="Sign in to Slipway".to_owned()>
                <AddressNote public=context.state.settings.public_url.clone() request=context.request.clone()/>
                <SuccessBanner text=notice/>
                {idle.map(|text| view! { <Banner tone=Tone::Waiting text=text/> })}
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

/// Why somebody has to sign in again, from the minutes that their session was left unused.
fn idle_words(minutes: &str) -> Option<String> {
    let minutes: u32 = minutes.parse().ok().filter(|minutes| (1..=7 * 24 * 60).contains(minutes))?;
    let (count, unit) = if minutes.is_multiple_of(60) { (minutes / 60, "hour") } else { (minutes, "minute") };
    let plural = if count == 1 { "" } else { "s" };
    Some(format!("You were signed out after {count} {unit}{plural} without activity."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_said_in_hours_or_minutes_and_nothing_else_is_repeated() {
        let said = |minutes| idle_words(minutes);
        assert_eq!(said("720").as_deref(), Some("You were signed out after 12 hours without activity."));
        assert_eq!(said("30").as_deref(), Some("You were signed out after 30 minutes without activity."));
        for odd in ["", "0", "-5", "99999999", "12 <b>", "x"] {
            assert_eq!(said(odd), None, "{odd}");
        }
    }
}
