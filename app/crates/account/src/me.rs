//! A person's own account: who they are, their password, second factor and open sessions.

use domain::identity::{Caller, Membership};
use domain::language::Language;
use domain::person::OpenSession;
use domain::user_agent::browser_and_system;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonLink, ButtonStyle, Card, Choice, Filled, Form, PageHeader, PostButton, Select, TextField,
};
use leptos::prelude::*;
use store::tenant::{Scope, TenantTx};
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use crate::messages::{Messages, messages};
use crate::user_name::UserName;

/// The account page.
#[component]
pub fn Me() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let caller = context.caller()?;
        let language = context.request.language;
        let texts = messages(language);
        let crumbs = way_back(&caller).into_iter().chain([Crumb::current(texts.account)]).collect();
        let frame = frame(&context, crumbs);
        let (of_password, of_language) =
            (filled(&context.request, "change_password"), filled(&context.request, "set_language"));
        let current = context.request.session.unwrap_or_default();
        let mut tx = TenantTx::begin(&context.state.db, Scope::Person(caller.user)).await?;
        let sessions = store::sessions::list(&mut tx, caller.user, current).await?;
        tx.commit().await?;
        let of_name = filled(&context.request, "set_my_name");
        let (email, name) = (caller.email.clone(), caller.name.clone());
        let enrolled = caller.mfa_enrolled;
        let nowhere = (caller.memberships.is_empty() && caller.platform.is_none()).then(|| {
            view! { <Card title=texts.nowhere_title><p class="text-fg-2">{texts.nowhere}</p></Card> }
        });
        Ok(view! {
            <PageTitle text=texts.account/>
            <Shell frame=frame>
                <PageHeader title=texts.account meta=email.clone().into_any()/>
                <div class="empty:hidden pb-4">{nowhere}</div>
                <div class="grid gap-4 pb-4 lg:grid-cols-2">
                    <div class="flex flex-col gap-4">
                        <OwnName texts filled=of_name name/>
                        <Password texts filled=of_password email/>
                    </div>
                    <div class="flex flex-col gap-4">
                        <Factor texts enrolled/>
                        <ChosenLanguage language filled=of_language/>
                    </div>
                </div>
                <Sessions language sessions/>
            </Shell>
        })
    })
}

/// Whoever works in one business alone finds the way back to it above the page.
fn way_back(caller: &Caller) -> Option<Crumb> {
    match caller.memberships.as_slice() {
        [Membership::Business { id, name, .. }] if !caller.is_staff() => {
            Some(Crumb::link(name.as_str(), format!("/b/{id}")))
        }
        _ => None,
    }
}

#[component]
fn Password(texts: &'static Messages, filled: Filled, email: String) -> impl IntoView {
    view! {
        <Card title=texts.password>
            <Form action="/do/change_password" filled=filled>
                <UserName email/>
                <TextField name="current_password" label=texts.current_password kind="password" autocomplete="current-password" required=true/>
                <TextField name="password" label=texts.new_password kind="password" autocomplete="new-password" help=texts.at_least_12 required=true/>
                <div><Button look=ButtonStyle::Primary>{texts.change_password}</Button></div>
            </Form>
        </Card>
    }
}

/// The name by which others know the person.
#[component]
fn OwnName(texts: &'static Messages, filled: Filled, name: String) -> impl IntoView {
    view! {
        <Card title=texts.profile>
            <Form action="/do/set_my_name" filled=filled>
                <TextField name="name" label=texts.your_name value=name autocomplete="name" maxlength=120_u32 required=true/>
                <div><Button>{texts.save_name}</Button></div>
            </Form>
        </Card>
    }
}

#[component]
fn Factor(texts: &'static Messages, enrolled: bool) -> impl IntoView {
    let (says, label) = if enrolled { (texts.factor_on, texts.manage) } else { (texts.factor_off, texts.set_up) };
    view! {
        <Card title=texts.second_factor>
            <p class="pb-4 text-fg-2">{says}</p>
            <ButtonLink href="/me/second-factor">{label}</ButtonLink>
        </Card>
    }
}

/// The choice of a language. It names each language in itself.
#[component]
fn ChosenLanguage(language: Language, filled: Filled) -> impl IntoView {
    let texts = messages(language);
    let choices = Language::ALL.map(|one| Choice::new(one.key(), one.name())).to_vec();
    view! {
        <Card title=texts.language>
            <Form action="/do/set_language" filled=filled>
                <Select name="language" label=texts.language choices value=language.key() required=true help=texts.language_help/>
                <div><Button>{texts.save}</Button></div>
            </Form>
        </Card>
    }
}

#[component]
fn Sessions(language: Language, sessions: Vec<OpenSession>) -> impl IntoView {
    let (texts, mut sessions) = (messages(language), sessions);
    sessions.sort_by_key(|session| !session.current);
    let lines = sessions.into_iter().map(move |session| {
        let agent = session.user_agent.as_deref();
        let what = agent.map_or_else(|| texts.unknown_browser.to_owned(), |agent| browser(texts, agent));
        let from = session.ip.unwrap_or_else(|| texts.unknown_address.to_owned());
        view! {
            <li class="flex flex-wrap items-center gap-3 border-t border-line py-3 first:border-0">
                <div class="min-w-0 grow">
                    <p class="truncate" title=session.user_agent>{what}</p>
                    <p class="text-sm text-fg-2">{(texts.last_used)(&from)}" "<Ago at=session.last_seen_at/></p>
                </div>
                {if session.current {
                    view! { <span class="text-sm text-fg-2">{texts.this_session}</span> }.into_any()
                } else {
                    view! { <PostButton action="/do/end_session" hidden=vec![("reference", session.reference)]>{texts.sign_out}</PostButton> }.into_any()
                }}
            </li>
        }
    });
    view! {
        <Card title=texts.sessions>
            <ul>{lines.collect_view()}</ul>
            <PostButton action="/do/sign_out_everywhere" look=ButtonStyle::Danger>{texts.sign_out_everywhere}</PostButton>
        </Card>
    }
}

/// "Chrome on Windows": what a person calls the browser that sent this `User-Agent`.
fn browser(texts: &Messages, agent: &str) -> String {
    match browser_and_system(agent) {
        (Some(browser), Some(system)) => (texts.browser_on)(browser, system),
        (Some(browser), None) => browser.to_owned(),
        _ => agent.split_whitespace().next().unwrap_or(texts.unknown_browser).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(agent: &str) -> String {
        super::browser(messages(Language::English), agent)
    }

    #[test]
    fn browsers_are_named_as_people_name_them() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        assert_eq!(browser(chrome), "Chrome on Linux");
        assert_eq!(browser(&chrome.replace("Safari/537.36", "Safari/537.36 Edg/156.0")), "Edge on Linux");
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(browser(iphone), "Safari on iPhone");
        assert_eq!(browser("curl/8.5.0"), "curl/8.5.0");
        assert_eq!(browser(""), "An unknown browser");
    }
}
