//! The platform's list of people, with a super admin's actions: platform role, sessions, second factor and
//! disabling.

use domain::UserId;
use domain::identity::Role;
use domain::person::Person;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, Ago, Column, Empty, Menu, MenuPost, PageHeader, Row, StatusPill, Table, Tone};
use leptos::prelude::*;
use web::guard::server_context;
use web::page::{filled, load_page};
use web::page_frame::frame;

use super::platform::{Invite, role_changes};

/// The list of people.
#[component]
pub fn People() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tx = context.platform_page().await?;
        let page = store::identity::list(&mut tx, &at.query()).await?;
        tx.commit().await?;
        let filled = filled(&context.request, "invite_to_platform");
        let caller = context.caller()?;
        let (may, me) = (caller.platform == Some(Role::SuperAdmin), caller.user);
        let frame = frame(&context, vec![Crumb::current("People")]);
        let columns = vec![
            Column::plain("Person"),
            Column::plain("State"),
            Column::plain("Platform role").wide_only(),
            Column::plain("Second factor").wide_only(),
            Column::plain("Last seen"),
            Column::plain(""),
        ];
        let empty = view! { <Empty title="Nobody yet" text="People appear here when they are invited."></Empty> };
        let rows = page.rows.into_iter().map(|person| line(person, may, me)).collect::<Vec<_>>();
        Ok(view! {
            <PageTitle text="People"/>
            <Shell frame=frame>
                <PageHeader title="People"/>
                <div class="grid items-start gap-4 xl:grid-cols-[3fr_1fr]">
                    <div class="min-w-0">
                    <Table caption="People" topics="" at=at columns=columns rows=rows next=page.next total=page.total search="Search people" empty=empty.into_any()/>
                    </div>
                    {may.then(|| view! { <Invite filled/> })}
                </div>
            </Shell>
        })
    })
}

fn line(person: Person, may: bool, me: UserId) -> Row {
    let off = person.disabled_at.is_some();
    let (tone, word) = if off { (Tone::Cancelled, "Disabled") } else { (Tone::Ok, "Active") };
    let operations = may.then(|| operations(&person, off, person.id == me));
    let name =
        if person.name.is_empty() { person.email.clone() } else { format!("{} · {}", person.name, person.email) };
    Row {
        key: person.id.to_string(),
        href: None,
        cells: vec![
            view! { <span class="font-medium">{name}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{word}</StatusPill> }.into_any(),
            view! { <span class="text-fg-2">{person.platform.map(|role| role.label())}</span> }.into_any(),
            view! { <span class="text-fg-2">{if person.mfa_enrolled { "On" } else { "Off" }}</span> }.into_any(),
            person.last_seen_at.map_or_else(|| "never".into_any(), |at| view! { <Ago at=at/> }.into_any()),
            operations.into_any(),
        ],
    }
}

/// The actions that a super admin may take on a person. On their own account they may only end the sessions.
fn operations(person: &Person, off: bool, own: bool) -> AnyView {
    let mut operations = vec![("end_sessions_of", None, "End all sessions", false)];
    if !own {
        let roles = role_changes(person.platform);
        operations.extend(roles.map(|(role, words)| ("set_platform_role", Some(("role", role)), words, false)));
        if person.mfa_enrolled {
            operations.push(("reset_second_factor", None, "Reset second factor", true));
        }
        let words = if off { "Let in again" } else { "Disable" };
        operations.push(("set_person_disabled", Some(("disabled", (!off).to_string())), words, !off));
    }
    let user = person.id.to_string();
    let entries = operations.into_iter().map(|(operation, more, words, danger)| {
        let hidden = [("user", user.clone())].into_iter().chain(more).collect::<Vec<_>>();
        view! { <MenuPost action=format!("/do/{operation}") hidden=hidden danger=danger>{words}</MenuPost> }
    });
    let entries = entries.collect_view();
    view! { <Menu label="More" dots=true>{entries}</Menu> }.into_any()
}
