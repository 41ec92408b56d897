//! Everybody who may sign in, and taking that right away.

use domain::person::Person;
use leptos::prelude::*;
use leptos_meta::Title;

use crate::around::frame;
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::page::loaded;
use crate::ui::{Address, Ago, Column, Empty, Menu, MenuPost, PageHeader, Row, StatusPill, Table, Tone};

/// The list of people.
#[component]
pub fn People() -> impl IntoView {
    let here = here();
    let at = Address::current();
    loaded(async move {
        let here = here?;
        let mut tx = here.platform_page().await?;
        let page = store::identity::list(&mut tx, &at.query()).await?;
        tx.commit().await?;
        let frame = frame(&here, vec![Crumb::here("People")]);
        let columns = vec![
            Column::plain("Person"),
            Column::plain("State"),
            Column::plain("Platform role").wide_only(),
            Column::plain("Second factor").wide_only(),
            Column::plain("Last seen"),
            Column::plain(""),
        ];
        let empty = view! { <Empty title="Nobody yet" text="People appear here when they are invited."></Empty> };
        let rows = page.rows.into_iter().map(line).collect::<Vec<_>>();
        Ok(view! {
            <Title text="People"/>
            <Shell frame=frame>
                <PageHeader title="People"/>
                <Table caption="People" at=at columns=columns rows=rows next=page.next total=page.total search="Search people" empty=empty.into_any()/>
            </Shell>
        })
    })
}

fn line(person: Person) -> Row {
    let off = person.disabled_at.is_some();
    let (tone, word) = if off { (Tone::Cancelled, "Disabled") } else { (Tone::Ok, "Active") };
    let user = person.id.to_string();
    let lost = vec![("user", user.clone())];
    let toggle = vec![("user", user.clone()), ("disabled", (!off).to_string())];
    let name =
        if person.name.is_empty() { person.email.clone() } else { format!("{} · {}", person.name, person.email) };
    Row {
        key: user.clone(),
        href: None,
        cells: vec![
            view! { <span class="font-medium">{name}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{person.platform.map(|role| role.label())}</span> }.into_any(),
            view! { <span class="text-fg-2">{if person.mfa_enrolled { "On" } else { "Off" }}</span> }.into_any(),
            person.last_seen_at.map_or_else(|| "never".into_any(), |at| view! { <Ago at=at/> }.into_any()),
            view! {
                <Menu label="More" dots=true>
                    <MenuPost action="/do/end_sessions_of" hidden=vec![("user", user)]>"End all sessions"</MenuPost>
                    {person.mfa_enrolled.then(|| view! { <MenuPost action="/do/reset_second_factor" hidden=lost danger=true>"Reset second factor"</MenuPost> })}
                    <MenuPost action="/do/set_person_disabled" hidden=toggle danger=!off>{if off { "Let in again" } else { "Disable" }}</MenuPost>
                </Menu>
            }
            .into_any(),
        ],
    }
}
