//! The page of one person: where they work, how they sign in, where they are signed in, and what they did.

use domain::UserId;
use domain::audit::Repeated;
use domain::identity::Role;
use domain::person::{OpenSession, Person};
use domain::user_agent::browser_and_system;
use kit::activity::Activity;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Ago, Card, CopyId, Exact, KeyValue, KeyValues, PageHeader, StatusPill, Tone};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use store::platform::{self, Place};
use web::error::Error;
use web::guard::server_context;
use web::page::load_page;
use web::page_frame::frame;
use web::platform_activity;

use super::acts::{Acts, name_of};

/// One person.
#[component]
pub fn PersonPage() -> impl IntoView {
    let context = server_context();
    let named = use_params_map().with_untracked(|map| map.get("user").unwrap_or_default());
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let id: UserId = named.parse().map_err(|_| Error::NotFound)?;
        let person = store::identity::get(&mut tx, id).await?;
        let places = platform::places(&mut tx, &[id]).await?;
        let did = platform_activity::load(&mut tx, None, Some(("by.is", id.to_string()))).await?;
        tx.commit().await?;
        let sessions = platform::sessions(&context.state.db, id).await?;
        let caller = context.caller()?;
        let may = caller.platform == Some(Role::SuperAdmin);
        let crumbs = vec![Crumb::link("People", "/admin/people"), Crumb::current(name_of(&person))];
        let frame = frame(&context, crumbs);
        let acts = may.then(|| view! { <Acts person=person.clone() own=person.id == caller.user/> });
        Ok(view! {
            <PageTitle text=name_of(&person).to_owned()/>
            <Shell frame=frame><Page person places sessions did acts=acts.into_any()/></Shell>
        })
    })
}

#[component]
fn Page(
    person: Person,
    places: Vec<Place>,
    sessions: Vec<OpenSession>,
    did: Vec<Repeated>,
    acts: AnyView,
) -> impl IntoView {
    let (look, word) = state(&person);
    let mark = view! { <StatusPill tone=look>{word}</StatusPill> }.into_any();
    view! {
        <PageHeader title=name_of(&person).to_owned() mark=mark>{acts}</PageHeader>
        <div class="grid items-start gap-4 lg:grid-cols-2">
            <div class="flex min-w-0 flex-col gap-4"><Details person/><Places places/></div>
            <div class="flex min-w-0 flex-col gap-4"><Sessions sessions/><Activity entries=did/></div>
        </div>
    }
}

/// Tone and word of whether a person may sign in.
pub(super) const fn state(person: &Person) -> (Tone, &'static str) {
    if person.disabled_at.is_some() { (Tone::Cancelled, "Blocked") } else { (Tone::Ok, "Active") }
}

#[component]
fn Details(person: Person) -> impl IntoView {
    let seen = person.last_seen_at.map_or_else(|| "Never".into_any(), |at| view! { <Ago at/> }.into_any());
    let role = person.platform.map_or("None", Role::label);
    view! {
        <Card title="Account">
            <KeyValues>
                <KeyValue name="Email"><span class="break-all">{person.email}</span></KeyValue>
                <KeyValue name="ID"><CopyId id=person.id.to_string()/></KeyValue>
                <KeyValue name="Platform role">{role}</KeyValue>
                <KeyValue name="Two-factor authentication">{if person.mfa_enrolled { "On" } else { "Off" }}</KeyValue>
                <KeyValue name="Last seen">{seen}</KeyValue>
                <KeyValue name="Added"><Exact at=person.created_at/></KeyValue>
                {person.disabled_at.map(|at| view! { <KeyValue name="Blocked"><Exact at/></KeyValue> })}
            </KeyValues>
        </Card>
    }
}

#[component]
fn Places(places: Vec<Place>) -> impl IntoView {
    if places.is_empty() {
        return view! { <Card title="Works in"><p class="text-fg-2">"No agency and no business."</p></Card> }
            .into_any();
    }
    let lines = places.into_iter().map(|place| {
        let (name, href, of) = match place.business {
            Some((id, name)) => (name, format!("/admin/businesses/{id}"), Some(place.agency_name)),
            None => (place.agency_name, format!("/admin/agencies/{}", place.agency), None),
        };
        view! {
            <li class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
                <a class="underline underline-offset-2" href=href>{name}</a>
                <span class="grow text-sm text-fg-3">{of}</span>
                <span class="text-sm text-fg-2">{place.role}</span>
                <span class="text-sm text-fg-3">"added "<Ago at=place.since/></span>
            </li>
        }
    });
    view! { <Card title="Works in"><ul class="flex flex-col gap-2">{lines.collect_view()}</ul></Card> }.into_any()
}

#[component]
fn Sessions(sessions: Vec<OpenSession>) -> impl IntoView {
    if sessions.is_empty() {
        return view! { <Card title="Active sessions"><p class="text-fg-2">"Not signed in anywhere."</p></Card> }
            .into_any();
    }
    let lines = sessions.into_iter().map(|one| {
        let agent = one.user_agent.unwrap_or_default();
        let browser = match browser_and_system(&agent) {
            (Some(browser), Some(system)) => format!("{browser} on {system}"),
            (Some(browser), None) => browser.to_owned(),
            _ if agent.is_empty() => "Unknown browser".to_owned(),
            _ => agent.clone(),
        };
        view! {
            <li class="flex flex-wrap items-baseline gap-x-3 gap-y-1">
                <span class="min-w-0 grow basis-60 break-words" title=agent>{browser}</span>
                <span class="text-sm text-fg-2">"used "<Ago at=one.last_seen_at/></span>
                <span class="text-sm text-fg-3">"signed in "<Ago at=one.created_at/></span>
            </li>
        }
    });
    view! { <Card title="Active sessions"><ul class="flex flex-col gap-2">{lines.collect_view()}</ul></Card> }
        .into_any()
}
