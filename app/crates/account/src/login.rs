//! The sign-in page. An unknown account gets the same answer as a wrong password.

use kit::frame::Blank;
use kit::title::PageTitle;
use kit::{Banner, Button, ButtonStyle, Card, Form, PostButton, TextField, Tone};
use leptos::prelude::*;
use operations::platform::demo::{ACCOUNTS, AGENCY, PASSWORD};
use web::address_note::AddressNote;
use web::guard::{ServerContext, server_context};
use web::page::{SuccessBanner, filled, load_page};

use crate::messages::{Messages, messages};

/// The sign-in page.
#[component]
pub fn Login() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let texts = messages(context.request.language);
        let next = query_value(&context.request.address, "next").unwrap_or_default();
        let filled = filled(&context.request, "sign_in");
        let idle = query_value(&context.request.address, "idle").and_then(|minutes| idle_words(texts, &minutes));
        let notice = context.request.flash.clone().and_then(|flash| flash.notice);
        let demo = is_demo_world(&context).await.then(|| view! { <DemoAccounts next=next.clone()/> });
        Ok(view! {
            <PageTitle text=texts.sign_in/>
            <Blank title=texts.sign_in_title>
                <AddressNote public=context.state.settings.public_url.clone() request=context.request.clone()/>
                <SuccessBanner text=notice/>
                {idle.map(|text| view! { <Banner tone=Tone::Waiting text=text/> })}
                <Form action="/do/sign_in" filled=filled hidden=vec![("next", next)]>
                    <TextField name="email" label=texts.email kind="email" autocomplete="username" required=true autofocus=true/>
                    <TextField name="password" label=texts.password kind="password" autocomplete="current-password" required=true/>
                    <Button look=ButtonStyle::Primary>{texts.sign_in}</Button>
                </Form>
                <p class="text-sm text-fg-2"><a class="link" href="/forgot">{texts.forgot}</a></p>
                {demo}
            </Blank>
        })
    })
}

/// True if this is no production and holds the demo data. While the database does not answer, the page does without.
async fn is_demo_world(context: &ServerContext) -> bool {
    let state = &context.state;
    !state.settings.production
        && state.demo.is_some()
        && store::provisioning::history::is_complete(&state.db, AGENCY).await.unwrap_or(false)
}

/// The accounts of the demo data, each opened with one press.
#[component]
fn DemoAccounts(
    /// Where the person goes after signing in; empty for their start page.
    next: String,
) -> impl IntoView {
    let lines = ACCOUNTS.iter().map(move |account| {
        let hidden =
            vec![("email", account.email.to_owned()), ("password", PASSWORD.to_owned()), ("next", next.clone())];
        view! {
            <li class="flex items-center justify-between gap-3 border-t border-line px-4 py-2.5 first:border-0">
                <p class="min-w-0">
                    <span class="block font-medium">{account.name}</span>
                    <span class="block text-sm text-fg-2">{account.role}</span>
                </p>
                <PostButton action="/do/sign_in" hidden=hidden>"Enter"<span class="sr-only">{format!(" as {}", account.name)}</span></PostButton>
            </li>
        }
    });
    view! {
        <div class="pt-6" lang="en">
            <Card title="Demo world" flush=true><ul>{lines.collect_view()}</ul></Card>
            <p class="pt-3 text-sm text-fg-2">{format!("Everyone's password is {PASSWORD}. This is never shown in production.")}</p>
        </div>
    }
}

/// Value of a parameter in an address's query; `None` if it is absent.
#[must_use]
pub fn query_value(address: &str, name: &str) -> Option<String> {
    let (_, query) = address.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes()).find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

/// Why somebody has to sign in again, from the minutes that their session was left unused.
fn idle_words(texts: &Messages, minutes: &str) -> Option<String> {
    let minutes: u32 = minutes.parse().ok().filter(|minutes| (1..=7 * 24 * 60).contains(minutes))?;
    Some(if minutes.is_multiple_of(60) { (texts.idle_hours)(minutes / 60) } else { (texts.idle_minutes)(minutes) })
}

#[cfg(test)]
mod tests {
    use domain::language::Language;

    use super::*;

    #[test]
    fn the_reason_is_said_in_hours_or_minutes_and_nothing_else_is_repeated() {
        let said = |minutes| idle_words(messages(Language::English), minutes);
        assert_eq!(said("720").as_deref(), Some("You were signed out after 12 hours without activity."));
        assert_eq!(said("30").as_deref(), Some("You were signed out after 30 minutes without activity."));
        let spanish = idle_words(messages(Language::Spanish), "60");
        assert_eq!(spanish.as_deref(), Some("Su sesión se cerró después de 1 hora sin actividad."));
        for odd in ["", "0", "-5", "99999999", "12 <b>", "x"] {
            assert_eq!(said(odd), None, "{odd}");
        }
    }
}
