//! A person's own account: who they are, their password, second factor and open sessions.

use domain::person::OpenSession;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Ago, Button, ButtonLink, ButtonStyle, Card, Filled, Form, PageHeader, PostButton, TextField};
use leptos::prelude::*;
use store::tenant::{Scope, TenantTx};
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use crate::user_name::UserName;

/// The account page.
#[component]
pub fn Me() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let caller = context.caller()?;
        let frame = frame(&context, vec![Crumb::current("Your account")]);
        let filled = filled(&context.request, "change_password");
        let current = context.request.session.unwrap_or_default();
        let mut tx = TenantTx::begin(&context.state.db, Scope::Person(caller.user)).await?;
        let sessions = store::sessions::list(&mut tx, caller.user, current).await?;
        tx.commit().await?;
        let email = caller.email.clone();
        let enrolled = caller.mfa_enrolled;
        let nowhere = (caller.memberships.is_empty() && caller.platform.is_none()).then(|| {
            let text = "You belong to no agency and no business yet. Ask whoever works with you for an invitation to this address.";
            view! { <Card title="Nowhere to go yet"><p class="text-fg-2">{text}</p></Card> }
        });
        Ok(view! {
            <PageTitle text="Your account"/>
            <Shell frame=frame>
                <PageHeader title="Your account" meta=email.clone().into_any()/>
                <div class="empty:hidden pb-4">{nowhere}</div>
                <div class="grid gap-4 pb-4 lg:grid-cols-2">
                    <Password filled email/>
                    <Factor enrolled/>
                </div>
                <Sessions sessions/>
            </Shell>
        })
    })
}

#[component]
fn Password(filled: Filled, email: String) -> impl IntoView {
    view! {
        <Card title="Password">
            <Form action="/do/change_password" filled=filled>
                <UserName email/>
                <TextField name="current_password" label="Current password" kind="password" autocomplete="current-password" required=true/>
                <TextField name="password" label="New password" kind="password" autocomplete="new-password" help="At least 12 characters." required=true/>
                <div><Button look=ButtonStyle::Primary>"Change password"</Button></div>
            </Form>
        </Card>
    }
}

#[component]
fn Factor(enrolled: bool) -> impl IntoView {
    let (says, label) = if enrolled {
        ("On: you confirm each sign-in with a code from your app.", "Manage")
    } else {
        ("Off: your password alone lets you in.", "Set up")
    };
    view! {
        <Card title="Second factor">
            <p class="pb-4 text-fg-2">{says}</p>
            <ButtonLink href="/me/second-factor">{label}</ButtonLink>
        </Card>
    }
}

#[component]
fn Sessions(sessions: Vec<OpenSession>) -> impl IntoView {
    let lines = sessions.into_iter().map(|session| {
        let what = session.user_agent.as_deref().map_or_else(|| "An unknown browser".to_owned(), browser);
        let from = session.ip.unwrap_or_else(|| "an unknown address".to_owned());
        view! {
            <li class="flex flex-wrap items-center gap-3 border-t border-line py-3 first:border-0">
                <div class="min-w-0 grow">
                    <p class="truncate" title=session.user_agent>{what}</p>
                    <p class="text-sm text-fg-2">{from} " · last used " <Ago at=session.last_seen_at/></p>
                </div>
                {if session.current {
                    view! { <span class="text-sm text-fg-2">"This session"</span> }.into_any()
                } else {
                    view! { <PostButton action="/do/end_session" hidden=vec![("reference", session.reference)]>"End"</PostButton> }.into_any()
                }}
            </li>
        }
    });
    view! {
        <Card title="Where you are signed in">
            <ul>{lines.collect_view()}</ul>
            <PostButton action="/do/sign_out_everywhere" look=ButtonStyle::Danger>"Sign out everywhere"</PostButton>
        </Card>
    }
}

/// "Chrome on Windows": what a person calls the browser that sent this `User-Agent`.
fn browser(agent: &str) -> String {
    // A `User-Agent` also names older browsers, so the order of this list decides.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    let said = |list: &[(&'static str, &'static str)]| {
        list.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, word)| *word)
    };
    match (said(&BROWSERS), said(&SYSTEMS)) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        _ => agent.split_whitespace().next().unwrap_or("An unknown browser").to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::browser;

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
