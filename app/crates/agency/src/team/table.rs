//! The table of an agency's people: members first, then those who were invited and have not accepted yet.

use domain::UserId;
use domain::person::{Invite, Member};
use kit::{
    Address, Ago, ButtonStyle, Chip, Column, Empty, Menu, MenuLink, MenuPost, Row, StatusPill, Table, Tone, counted,
};
use leptos::prelude::*;

use super::member::called;

/// The table.
#[component]
pub(super) fn MembersTable(
    agency: String,
    /// Address of the team page.
    page: String,
    members: Vec<Member>,
    invites: Vec<Invite>,
    /// The members that the caller may change.
    touchable: Vec<UserId>,
) -> impl IntoView {
    let columns = vec![
        Column::plain("Name").lead(),
        Column::plain("Role"),
        Column::plain("Clients"),
        Column::plain("Two-factor"),
        Column::plain("Last seen"),
        Column::plain("").mark(),
    ];
    let members = members.into_iter().map(|member| {
        let menu =
            touchable.contains(&member.user).then(|| view! { <MemberMenu page=page.clone() member=member.clone()/> });
        member_row(member, menu.into_any())
    });
    let rows: Vec<Row> = members.chain(invites.into_iter().map(|invite| invite_row(&agency, invite))).collect();
    let empty = view! { <Empty title="Nobody yet" text="Invite a colleague using the form."></Empty> };
    view! {
        <Table caption="Team" noun=("person", "people") topics="invite.changed:*" at=Address::new(page, "") columns=columns rows=rows empty=empty.into_any()/>
    }
}

fn member_row(member: Member, menu: AnyView) -> Row {
    let (tone, factor) = if member.mfa_enrolled { (Tone::Ok, "2FA on") } else { (Tone::Cancelled, "2FA off") };
    let clients = member.assigned.map_or_else(|| "All clients".to_owned(), |count| counted(count, "client", "clients"));
    let seen = member.last_seen_at.map_or_else(|| "Never".into_any(), |at| view! { <Ago at/> }.into_any());
    let name = called(&member);
    let email = (name != member.email).then(|| view! { <p class="truncate text-fg-3">{member.email}</p> });
    Row {
        key: member.user.to_string(),
        href: None,
        cells: vec![
            view! { <p class="truncate font-medium text-fg">{name}</p>{email} }.into_any(),
            view! { <span>{member.role.label().to_owned()}</span> }.into_any(),
            view! { <span>{clients}</span> }.into_any(),
            view! { <StatusPill tone=tone plain=true>{factor}</StatusPill> }.into_any(),
            view! { <span><span class="sm:hidden">"Last seen "</span>{seen}</span> }.into_any(),
            menu,
        ],
    }
}

/// What can be done with a member.
#[component]
fn MemberMenu(page: String, member: Member) -> impl IntoView {
    let user = member.user;
    view! {
        <Menu label=format!("Actions for {}", called(&member)) dots=true look=ButtonStyle::Quiet>
            <MenuLink href=format!("{page}?role={user}#act")>"Change role\u{2026}"</MenuLink>
            <MenuLink href=format!("{page}?remove={user}#act")>"Remove\u{2026}"</MenuLink>
        </Menu>
    }
}

fn invite_row(agency: &str, invite: Invite) -> Row {
    let hidden = vec![("agency", agency.to_owned()), ("invite", invite.id.to_string())];
    let sent = match invite.unsent {
        true => view! { <span>"Invitation not sent yet"</span> }.into_any(),
        false => view! { <span>"Invited " <Ago at=invite.created_at/></span> }.into_any(),
    };
    let label = format!("Actions for {}", invite.email);
    let menu = view! {
        <Menu label=label dots=true look=ButtonStyle::Quiet>
            <MenuPost action="/do/resend_invite" hidden=hidden.clone()>"Resend"</MenuPost>
            <MenuPost action="/do/copy_invite_link" hidden=hidden.clone()>"Copy link"</MenuPost>
            <MenuPost action="/do/revoke_invite" hidden=hidden danger=true>"Cancel invitation"</MenuPost>
        </Menu>
    };
    Row {
        key: invite.id.to_string(),
        href: None,
        cells: vec![
            view! { <p class="flex min-w-0 items-center gap-2"><span class="truncate font-medium text-fg">{invite.email}</span><Chip>"Invited"</Chip></p> }.into_any(),
            view! { <span>{invite.role.label()}</span> }.into_any(),
            ().into_any(),
            ().into_any(),
            sent,
            menu.into_any(),
        ],
    }
}
