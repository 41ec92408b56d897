//! The page of an agency's API tokens: what there is, a form for a new one, and the new one's value with a first call.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::ApiTokenId;
use domain::access::{AgencyAccess, agency_access};
use domain::feature;
use domain::language::Language;
use domain::person::ApiToken;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonLink, ButtonStyle, Card, Checkbox, Chip, Choice, Confirm, CopyId, Empty, Filled, Form,
    PageHeader, Select, StatusPill, TextField, Tone,
};
use leptos::prelude::*;
use operations::tokens::Lifetime;
use web::error::Result;
use web::guard::{ServerContext, server_context};
use web::page::{filled, load_page};
use web::page_frame::frame;
use web::shown_once::shown_once;

use super::examples::{Examples, first_call};

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
        let base = context.state.settings.public_url.clone();
        let reference = format!("/a/{}/tokens/reference", place.slug);
        let frame = frame(&context, vec![Crumb::current("API tokens")]);
        Ok(view! {
            <PageTitle text="API tokens"/>
            <Shell frame=frame>
                <PageHeader title="API tokens"><ButtonLink href=reference>"API reference"</ButtonLink></PageHeader>
                <div class="flex flex-col gap-4">
                    {fresh.map(|secret| view! { <Fresh secret base=base/> })}
                    <div class="grid items-start gap-4 xl:grid-cols-[2fr_1fr]">
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
        (None, None) => "your Slipway administrator".to_owned(),
    }
}

#[component]
fn Fresh(secret: String, base: String) -> impl IntoView {
    let call = first_call(&base, &secret);
    view! {
        <Card title="Your new token">
            <p class="pb-3 text-fg-2">"Copy it now: you won't see it again. Apps send it as a bearer token in the Authorization header."</p>
            <p class="break-all font-mono text-sm"><CopyId id=secret tail=0 label="Copy token"/></p>
            <p class="pb-2 pt-4 text-sm text-fg-2">"Try it: this lists your snapshots with their IDs."</p>
            <Examples call/>
        </Card>
    }
}

#[component]
fn List(agency: String, tokens: Vec<ApiToken>, lapsed: Vec<ApiTokenId>) -> impl IntoView {
    if tokens.is_empty() {
        return view! { <Empty title="No tokens yet" text="A token lets another app work for your agency: a website form that creates clients, or a report that reads your lists."/> }.into_any();
    }
    let lines = tokens.into_iter().map(move |token| {
        let hidden = vec![("agency", agency.clone()), ("token", token.id.to_string())];
        let (by, ended) = (maker(&token), lapsed.contains(&token.id));
        let scopes = token.scopes.iter().map(|scope| scope_label(scope));
        let scopes = scopes.map(|label| view! { <Chip>{label}</Chip> }).collect_view();
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <div class="min-w-0 grow basis-48">
                    <p class="font-medium">{token.name}</p>
                    <p class="text-sm text-fg-2"><span class="font-mono">{token.prefix}"…"</span>" · created by "{by}{token.expires_at.map(|at| format!(" · expires {}", Language::English.date(at)))}</p>
                </div>
                {ended.then(|| view! { <StatusPill tone=Tone::Failed evidence="Its creator no longer has all of these permissions.">"Refused"</StatusPill> })}
                <span class="flex flex-wrap gap-1">{scopes}</span>
                <span class="text-sm text-fg-2">{token.last_used_at.map_or_else(|| "never used".into_any(), |at| view! { "used " <Ago at=at/> }.into_any())}</span>
                <Confirm action="/do/revoke_token" label="Revoke" verb="Revoke token" hidden=hidden>"Apps using it will stop working immediately."</Confirm>
            </li>
        }
    });
    view! { <Card title="Tokens" flush=true><ul>{lines.collect_view()}</ul></Card> }.into_any()
}

/// What a scope allows, in words. One that only another version knows is shown by its name.
fn scope_label(name: &str) -> String {
    feature::scopes().find(|scope| scope.name == name).map_or(name, |scope| scope.label).to_owned()
}

#[component]
fn New(place: AgencyAccess, filled: Filled) -> impl IntoView {
    let hidden = vec![("agency", place.slug.clone()), ("once", store::new_id::<uuid::Uuid>().to_string())];
    let lent = feature::scopes().filter(|scope| place.may_grant_token_scope(scope.name, None));
    // A token for tools is made on the page of its client.
    let lent = lent.filter(|scope| scope.name != operations::tools::tokens::SCOPE).collect::<Vec<_>>();
    if lent.is_empty() {
        return view! {
            <Card title="New token">
                <p class="text-fg-2">"A token can do what you can do, for every client. Your role does not allow that for all clients. An owner or admin can create one."</p>
            </Card>
        }
        .into_any();
    }
    view! {
        <Card title="New token">
            <Form action="/do/create_token" filled=filled hidden=hidden>
                <TextField name="name" label="Name" required=true placeholder="Website sign-up form"/>
                <fieldset class="grid gap-x-4 gap-y-2.5 sm:max-xl:grid-cols-2">
                    <legend class="pb-2 text-sm font-medium">"Permissions"</legend>
                    {lent.into_iter().map(|scope| view! { <Checkbox name=scope.name label=scope.label checked={scope.name == "provisioning" || scope.name == "snapshots"}/> }).collect_view()}
                </fieldset>
                <Select name="lifetime" label="Expires" choices=lifetimes()/>
                <p class="text-sm text-fg-2">"Works for all clients, with the permissions above only. It stops working when it expires, or when you lose one of them."</p>
                <div><Button look=ButtonStyle::Primary>"Create token"</Button></div>
            </Form>
        </Card>
    }
    .into_any()
}

/// The choices of a token's lifetime.
fn lifetimes() -> Vec<Choice> {
    Lifetime::ALL.into_iter().map(|lifetime| Choice::new(lifetime.key(), lifetime.words())).collect()
}
