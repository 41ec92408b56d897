//! The platform's list of people: where they work, when they were last seen, and a super admin's actions.

use domain::UserId;
use domain::identity::Role;
use domain::person::Person;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, Ago, Column, Empty, PageHeader, Row, SavedView, StatusPill, Table};
use leptos::prelude::*;
use store::platform::Place;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::acts::{Acts, name_of};
use super::detail::state;
use super::platform::Invite;

/// The list of people.
#[component]
pub fn People() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let page = store::identity::list(&mut tx, &at.query()).await?;
        let listed: Vec<UserId> = page.rows.iter().map(|person| person.id).collect();
        let places = store::platform::places(&mut tx, &listed).await?;
        tx.commit().await?;
        let filled = filled(&context.request, "invite_to_platform");
        let caller = context.caller()?;
        let (may, me) = (caller.platform == Some(Role::SuperAdmin), caller.user);
        let frame = frame(&context, vec![Crumb::current("People")]);
        let columns = vec![
            Column::plain("Person").lead(),
            Column::plain("Status"),
            Column::plain("Agency"),
            Column::plain("2FA").wide_only(),
            Column::plain("Last seen").named(),
            Column::plain("").mark(),
        ];
        let views = [("", "All"), ("platform", "Platform"), ("disabled", "Blocked")];
        let views = views.map(|(key, label)| SavedView { key, label, count: None }).to_vec();
        let empty = view! { <Empty title="Nobody yet" text="People appear here when they are invited."></Empty> };
        let rows = page.rows.into_iter().map(|person| line(person, &places, may, me)).collect::<Vec<_>>();
        Ok(view! {
            <PageTitle text="People"/>
            <Shell frame=frame>
                <PageHeader title="People"/>
                <div class="grid items-start gap-4 xl:grid-cols-[3fr_1fr]">
                    <div class="min-w-0">
                    <Table caption="People" noun=("person", "people") topics="" at=at views=views columns=columns rows=rows next=page.next total=page.total search="Search people" empty=empty.into_any()/>
                    </div>
                    {may.then(|| view! { <Invite filled/> })}
                </div>
            </Shell>
        })
    })
}

fn line(person: Person, places: &[Place], may: bool, me: UserId) -> Row {
    let (tone, word) = state(&person);
    let own = person.id == me;
    let operations = may.then(|| view! { <Acts person=person.clone() own dots=true/> });
    let name = name_of(&person).to_owned();
    let address = (!person.name.is_empty())
        .then(|| view! { <span class="block text-sm text-fg-3">{person.email.clone()}</span> });
    Row {
        key: person.id.to_string(),
        href: Some(format!("/admin/people/{}", person.id)),
        cells: vec![
            view! { <span class="font-medium">{name}</span>{address} }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{works_in(&person, places)}</span> }.into_any(),
            view! { <span class="text-fg-2">{if person.mfa_enrolled { "On" } else { "Off" }}</span> }.into_any(),
            person.last_seen_at.map_or_else(|| "Never".into_any(), |at| view! { <Ago at=at/> }.into_any()),
            operations.into_any(),
        ],
    }
}

/// Where a person works and as what, shortened to the first two places.
fn works_in(person: &Person, places: &[Place]) -> String {
    let own = places.iter().filter(|place| place.user == person.id).map(|place| {
        let name = place.business.as_ref().map_or(&place.agency_name, |(_, name)| name);
        format!("{name} ({})", place.role)
    });
    let platform = person.platform.map(|role| format!("Platform ({})", role.label()));
    let all: Vec<String> = platform.into_iter().chain(own).collect();
    let more = all.len().saturating_sub(2);
    let shown = all.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}
