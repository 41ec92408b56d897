//! API tokens of an agency: shown once, scoped, valid for a year. A token can do what the person who created it may do,
//! and only as long as they may.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::ApiTokenId;
use domain::access::{AgencyAccess, agency_access};
use domain::feature;
use domain::permission::TOKEN_SCOPES;
use domain::person::ApiToken;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonLink, ButtonStyle, Card, Checkbox, Chip, Confirm, CopyId, Empty, Exact, Filled, Form,
    PageHeader, StatusPill, TextField, Tone,
};
use leptos::prelude::*;
use operations::Actor;
use operations::tokens::{self, NewToken};
use secrecy::ExposeSecret;
use web::clock::now;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::shown_once::{show_once, shown_once};

/// Creates a token. Its value is shown once, on the next page. Posting the same form twice creates one token.
#[server(prefix = "/do", endpoint = "create_token")]
pub async fn create_token(
    name: String,
    #[server(default)] once: Option<String>,
    #[server(flatten)] fields: BTreeMap<String, String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    context.recent()?;
    // The form has a checkbox for each scope.
    let scopes = TOKEN_SCOPES.into_iter().filter(|scope| fields.contains_key(*scope)).collect();
    let once = once.filter(|once| (8..=64).contains(&once.len()));
    run_to_end(create_and_keep(context, actor, name, scopes, once)).await
}

/// Runs the work even if its request is gone: if a person presses twice, the browser drops the first request and shows
/// the page of the second.
#[expect(clippy::disallowed_methods, reason = "a token whose value is never shown would be worth nothing")]
async fn run_to_end(work: impl Future<Output = Result<()>> + Send + 'static) -> Result<()> {
    let done = tokio::spawn(store::audit::within(store::audit::current(), work)).await;
    done.map_err(web::internal_error)?
}

/// Creates the token, and keeps its value for the next page. `once` is the key of the page that was shown.
async fn create_and_keep(
    context: ServerContext,
    actor: Actor,
    name: String,
    scopes: Vec<&'static str>,
    once: Option<String>,
) -> Result<()> {
    let new = NewToken { name: &name, scopes: &scopes, now: now() };
    let secret = match once {
        Some(once) => tokens::create_once(&actor, &new, &once).await?,
        None => Some(tokens::create(&actor, &new).await?),
    };
    let Some(secret) = secret else { return Ok(()) };
    show_once(&context, context.caller()?.user, "new_token", secret.expose_secret()).await?;
    Ok(context.session.save().await?)
}

/// Revokes a token at once.
#[server(prefix = "/do", endpoint = "revoke_token")]
pub async fn revoke_token(token: ApiTokenId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    context.recent()?;
    tokens::revoke(&actor, token).await?;
    flash_notice(&context, "revoke_token", "The token no longer works.").await
}

/// The tokens page.
#[component]
pub fn Tokens() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let tokens = store::api_tokens::list(&mut tenant.tx).await?;
        let place = tenant.access.clone();
        tenant.commit().await?;
        let lapsed = lapsed(&context, &tokens).await?;
        let filled = filled(&context.request, "create_token");
        let fresh = shown_once(&context, context.caller()?.user, "new_token").await?;
        let frame = frame(&context, vec![Crumb::current("API tokens")]);
        Ok(view! {
            <PageTitle text="API tokens"/>
            <Shell frame=frame>
                <PageHeader title="API tokens"/>
                <div class="flex flex-col gap-4">
                    {fresh.map(|secret| view! { <Fresh secret/> })}
                    <div class="grid items-start gap-4 lg:grid-cols-[2fr_1fr]">
                        <List agency=place.slug.clone() tokens lapsed/>
                        <New place filled/>
                    </div>
                </div>
            </Shell>
        })
    })
}

/// Tokens whose creator may not, or may no longer, do everything that the token's scopes say. The API judges them
/// in the same way.
async fn lapsed(context: &ServerContext, tokens: &[ApiToken]) -> Result<Vec<ApiTokenId>> {
    let mut makers = BTreeMap::new();
    for by in tokens.iter().filter_map(|token| token.made_by) {
        if let Entry::Vacant(unknown) = makers.entry(by) {
            unknown.insert(store::identity::caller(&context.state.db, by).await?);
        }
    }
    let holds = |token: &ApiToken| {
        let Some(by) = token.made_by else { return true };
        let place = makers.get(&by).and_then(Option::as_ref).and_then(|maker| agency_access(maker, token.agency));
        place.is_some_and(|place| token.scopes.iter().all(|scope| place.may_grant_token_scope(scope, token.business)))
    };
    Ok(tokens.iter().filter(|token| !holds(token)).map(|token| token.id).collect())
}

/// Who created the token, as the end of a sentence.
fn maker(token: &ApiToken) -> String {
    match (&token.maker, token.made_by) {
        (Some(name), _) => name.clone(),
        (None, Some(_)) => "the platform".to_owned(),
        (None, None) => "whoever runs the server".to_owned(),
    }
}

#[component]
fn Fresh(secret: String) -> impl IntoView {
    view! {
        <Card title="Your new token">
            <p class="pb-3 text-fg-2">"Copy it now: it is not shown again. Send it as a bearer token in the Authorization header."</p>
            <p class="break-all font-mono text-sm"><CopyId id=secret tail=0 label="Copy the token"/></p>
        </Card>
    }
}

#[component]
fn List(agency: String, tokens: Vec<ApiToken>, lapsed: Vec<ApiTokenId>) -> impl IntoView {
    if tokens.is_empty() {
        return view! { <Empty title="No tokens" text="A token lets a program start jobs and read lists for your agency."><ButtonLink href="/api/openapi.json">"See what the API offers"</ButtonLink></Empty> }.into_any();
    }
    let lines = tokens.into_iter().map(move |token| {
        let hidden = vec![("agency", agency.clone()), ("token", token.id.to_string())];
        let (by, ended) = (maker(&token), lapsed.contains(&token.id));
        let scopes = token.scopes.into_iter().map(|scope| view! { <Chip>{scope}</Chip> }).collect_view();
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <div class="min-w-0 grow basis-48">
                    <p class="font-medium">{token.name}</p>
                    <p class="text-sm text-fg-2"><span class="font-mono">{token.prefix}"…"</span>" · made by "{by}{token.expires_at.map(|at| view! { " · until " <Exact at=at/> })}</p>
                </div>
                {ended.then(|| view! { <StatusPill tone=Tone::Failed evidence="Whoever made it may no longer do all that it says.">"Refused"</StatusPill> })}
                <span class="flex flex-wrap gap-1">{scopes}</span>
                <span class="text-sm text-fg-2">{token.last_used_at.map_or_else(|| "never used".into_any(), |at| view! { "used " <Ago at=at/> }.into_any())}</span>
                <Confirm action="/do/revoke_token" label="Revoke" verb="Revoke it" hidden=hidden>"Programs that use it are refused at once."</Confirm>
            </li>
        }
    });
    view! { <Card title="Tokens" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}

#[component]
fn New(place: AgencyAccess, filled: Filled) -> impl IntoView {
    let hidden = vec![("agency", place.slug.clone()), ("once", store::new_id::<uuid::Uuid>().to_string())];
    let lent = feature::scopes().filter(|scope| place.may_grant_token_scope(scope.name, None));
    let lent = lent.enumerate().collect::<Vec<_>>();
    if lent.is_empty() {
        return view! {
            <Card title="New token">
                <p class="text-fg-2">"A token reaches every client and does what you may do. Your role gives you nothing to lend, or not for all clients. An owner or admin can make one."</p>
            </Card>
        }
        .into_any();
    }
    view! {
        <Card title="New token">
            <Form action="/do/create_token" filled=filled hidden=hidden>
                <TextField name="name" label="What it is for" required=true placeholder="Website sign-up form"/>
                {lent.into_iter().map(|(at, scope)| view! { <Checkbox name=scope.name label=scope.label checked={at == 0}/> }).collect_view()}
                <p class="text-sm text-fg-2">"It reaches every client. It works for one year, and only as long as you may do the same yourself."</p>
                <div><Button look=ButtonStyle::Primary>"Create token"</Button></div>
            </Form>
        </Card>
    }
    .into_any()
}
