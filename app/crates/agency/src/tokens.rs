//! API tokens of an agency: shown once, scoped, valid for a year. A token can do what the person who created it may do,
//! and only as long as they may.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use chrono::Duration;
use domain::ApiTokenId;
use domain::access::{AgencyAccess, agency_access};
use domain::permission::{TOKEN_SCOPES, right_of};
use domain::person::ApiToken;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonLink, ButtonStyle, Card, Checkbox, Chip, Confirm, CopyId, Empty, Exact, Filled, Form,
    PageHeader, StatusPill, TextField, Tone,
};
use leptos::prelude::*;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use store::api_tokens::NewToken;
use store::idempotency::{self, Begun};
use web::clock::now;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, TenantContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::shown_once::{show_once, shown_once};

/// Creates a token. Its value is shown once, on the next page. Posting the same form twice creates one token.
#[server(prefix = "/do", endpoint = "create_token")]
pub async fn create_token(
    agency: String,
    name: String,
    #[server(default)] provisioning: Option<String>,
    #[server(default)] snapshots: Option<String>,
    #[server(default)] businesses: Option<String>,
    #[server(default)] once: Option<String>,
) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("create_token", &agency).await?;
    context.recent()?;
    let new = checked(&tenant.access, &name, [provisioning, snapshots, businesses])?;
    let made = make(&mut tenant, &new, once.as_deref()).await?;
    match made {
        Some(secret) => keep(context, tenant, secret).await,
        None => tenant.commit().await,
    }
}

/// Stores the token, and keeps its value for the next page. If a person presses twice, the browser drops the first
/// request and shows the page of the second, so this runs to its end even if its request is gone.
#[expect(clippy::disallowed_methods, reason = "a token whose value is never shown would be worth nothing")]
async fn keep(context: ServerContext, tenant: TenantContext, secret: SecretString) -> Result<()> {
    let kept = tokio::spawn(async move {
        let user = tenant.caller.user;
        tenant.commit().await?;
        show_once(&context, user, "new_token", secret.expose_secret()).await?;
        context.session.save().await?;
        Ok::<(), Error>(())
    });
    kept.await.map_err(web::internal_error)?
}

/// Checks the form of a token: a name of 1 to 120 characters, and scopes that the caller may lend.
fn checked(place: &AgencyAccess, name: &str, ticked: [Option<String>; 3]) -> Result<NewToken> {
    let name = domain::text::name(name, 120)
        .map_err(|_| Error::field("name", "Say what it is for, in at most 120 characters."))?;
    let ticked = TOKEN_SCOPES.into_iter().zip(ticked).filter(|(_, ticked)| ticked.is_some());
    let scopes: Vec<&str> = ticked.map(|(scope, _)| scope).collect();
    if let Some(scope) = scopes.iter().find(|scope| !place.may_grant_token_scope(scope, None)) {
        return Err(Error::field(scope, &beyond(scope)));
    }
    if scopes.is_empty() {
        return Err(Error::field("provisioning", "Tick at least one thing it may do."));
    }
    let scopes = scopes.into_iter().map(ToOwned::to_owned).collect();
    Ok(NewToken { name, scopes, expires_at: Some(now() + Duration::days(365)) })
}

fn beyond(scope: &str) -> String {
    let right = right_of(scope).map_or("do this", |right| right.words());
    format!("A token may do only what you may: to lend this, you need the right to {right}, for all clients.")
}

/// Creates the token; `None` if this very form created one before.
async fn make(tenant: &mut TenantContext, new: &NewToken, once: Option<&str>) -> Result<Option<SecretString>> {
    // Each page that was shown has one key: pressing twice creates one token, a changed form after "back" creates
    // another.
    if let Some(once) = once.filter(|once| (8..=64).contains(&once.len())) {
        let asked: [u8; 32] = Sha256::digest(format!("{}\n{}", new.name, new.scopes.join(" "))).into();
        let key = format!("{once}-{}", hex::encode(asked));
        let Begun::Fresh(key) = idempotency::begin(&mut tenant.tx, &key, "create_token", asked).await? else {
            return Ok(None);
        };
        idempotency::finish(&mut tenant.tx, key, 200, &serde_json::Value::Null).await?;
    }
    Ok(Some(store::api_tokens::add(&mut tenant.tx, new).await?.1))
}

/// Revokes a token at once.
#[server(prefix = "/do", endpoint = "revoke_token")]
pub async fn revoke_token(agency: String, token: ApiTokenId) -> Result<()> {
    let context = server_context()?;
    let mut tenant = context.agency("revoke_token", &agency).await?;
    context.recent()?;
    store::api_tokens::revoke(&mut tenant.tx, token).await?;
    tenant.commit().await?;
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

/// What each scope lets a program do.
const LABELS: [&str; 3] = ["Start and steer provisioning jobs", "Read snapshots", "Read businesses"];

#[component]
fn New(place: AgencyAccess, filled: Filled) -> impl IntoView {
    let hidden = vec![("agency", place.slug.clone()), ("once", store::new_id::<uuid::Uuid>().to_string())];
    let lent = TOKEN_SCOPES.into_iter().zip(LABELS).filter(|(scope, _)| place.may_grant_token_scope(scope, None));
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
                {lent.into_iter().map(|(at, (scope, label))| view! { <Checkbox name=scope label checked={at == 0}/> }).collect_view()}
                <p class="text-sm text-fg-2">"It reaches every client. It works for one year, and only as long as you may do the same yourself."</p>
                <div><Button look=ButtonStyle::Primary>"Create token"</Button></div>
            </Form>
        </Card>
    }
    .into_any()
}
