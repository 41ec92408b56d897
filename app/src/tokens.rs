//! Which programs may act for the agency: API tokens, shown once, scoped, ending after a year.

use chrono::Duration;
use domain::ApiTokenId;
use domain::permission::TOKEN_SCOPES;
use domain::person::ApiToken;
use leptos::prelude::*;
use leptos_meta::Title;
use secrecy::ExposeSecret;

use crate::around::frame;
use crate::clock::now;
use crate::error::{Error, Result};
use crate::flash::Flash;
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::page::{filled, loaded};
use crate::tell::tell;
use crate::ui::{
    Ago, Button, ButtonLink, Card, Checkbox, Chip, Confirm, CopyId, Empty, Exact, Filled, Form, Look, PageHeader,
    TextField,
};

/// Makes a token; its value is shown on the next page, once.
#[server(prefix = "/do", endpoint = "create_token")]
pub async fn create_token(
    agency: String,
    name: String,
    #[server(default)] provisioning: Option<String>,
    #[server(default)] snapshots: Option<String>,
    #[server(default)] businesses: Option<String>,
) -> Result<()> {
    let here = here()?;
    let mut cx = here.agency("create_token", &agency).await?;
    here.recent()?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        return Err(Error::field("name", "Say what it is for, in at most 120 characters."));
    }
    let ticked = [provisioning, snapshots, businesses];
    let scopes: Vec<String> = TOKEN_SCOPES
        .iter()
        .zip(ticked)
        .filter(|(_, ticked)| ticked.is_some())
        .map(|(scope, _)| (*scope).to_owned())
        .collect();
    if scopes.is_empty() {
        return Err(Error::field("provisioning", "Tick at least one thing it may do."));
    }
    let new = store::api_tokens::NewToken { name, scopes, expires_at: Some(now() + Duration::days(365)) };
    let (_, secret) = store::api_tokens::add(&mut cx.tx, &new).await?;
    let user = cx.caller.user;
    cx.commit().await?;
    Flash::show_once(&here, user, "new_token", secret.expose_secret()).await
}

/// Ends a token at once.
#[server(prefix = "/do", endpoint = "revoke_token")]
pub async fn revoke_token(agency: String, token: ApiTokenId) -> Result<()> {
    let here = here()?;
    let mut cx = here.agency("revoke_token", &agency).await?;
    here.recent()?;
    store::api_tokens::revoke(&mut cx.tx, token).await?;
    cx.commit().await?;
    tell(&here, "revoke_token", "The token no longer works.").await
}

/// The tokens page.
#[component]
pub fn Tokens() -> impl IntoView {
    let here = here();
    loaded(async move {
        let here = here?;
        let mut cx = here.page().await?;
        let tokens = store::api_tokens::list(&mut cx.tx).await?;
        let agency = cx.place.slug.clone();
        cx.commit().await?;
        let filled = filled(&here.visit, "create_token");
        let fresh = Flash::shown_once(&here, here.caller()?.user, "new_token").await?;
        let frame = frame(&here, vec![Crumb::here("API tokens")]);
        Ok(view! {
            <Title text="API tokens"/>
            <Shell frame=frame>
                <PageHeader title="API tokens"/>
                <div class="flex flex-col gap-4">
                    {fresh.map(|secret| view! { <Fresh secret/> })}
                    <div class="grid items-start gap-4 lg:grid-cols-[2fr_1fr]">
                        <List agency=agency.clone() tokens/>
                        <New agency filled/>
                    </div>
                </div>
            </Shell>
        })
    })
}

#[component]
fn Fresh(secret: String) -> impl IntoView {
    view! {
        <Card title="Your new token">
            <p class="pb-3 text-fg-2">"Copy it now: it is not shown again. Send it as a bearer token in the Authorization header."</p>
            <p class="break-all font-mono text-sm"><CopyId id=secret tail=0/></p>
        </Card>
    }
}

#[component]
fn List(agency: String, tokens: Vec<ApiToken>) -> impl IntoView {
    if tokens.is_empty() {
        return view! { <Empty title="No tokens" text="A token lets a program start jobs and read lists for your agency."><ButtonLink href="/api/openapi.json">"See what the API offers"</ButtonLink></Empty> }.into_any();
    }
    let lines = tokens.into_iter().map(move |token| {
        let hidden = vec![("agency", agency.clone()), ("token", token.id.to_string())];
        let scopes = token.scopes.into_iter().map(|scope| view! { <Chip>{scope}</Chip> }).collect_view();
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <div class="min-w-0 grow basis-48">
                    <p class="font-medium">{token.name}</p>
                    <p class="text-sm text-fg-2"><span class="font-mono">{token.prefix}"…"</span>{token.expires_at.map(|at| view! { " · until " <Exact at=at/> })}</p>
                </div>
                <span class="flex flex-wrap gap-1">{scopes}</span>
                <span class="text-sm text-fg-2">{token.last_used_at.map_or_else(|| "never used".into_any(), |at| view! { "used " <Ago at=at/> }.into_any())}</span>
                <Confirm action="/do/revoke_token" label="Revoke" verb="Revoke it" hidden=hidden>"Programs that use it are refused at once."</Confirm>
            </li>
        }
    });
    view! { <Card title="Tokens" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}

#[component]
fn New(agency: String, filled: Filled) -> impl IntoView {
    view! {
        <Card title="New token">
            <Form action="/do/create_token" filled=filled hidden=vec![("agency", agency)]>
                <TextField name="name" label="What it is for" required=true placeholder="Website sign-up form"/>
                <Checkbox name="provisioning" label="Start and steer provisioning jobs" checked=true/>
                <Checkbox name="snapshots" label="Read snapshots"/>
                <Checkbox name="businesses" label="Read businesses"/>
                <div><Button look=Look::Primary>"Create token"</Button></div>
            </Form>
        </Card>
    }
}
