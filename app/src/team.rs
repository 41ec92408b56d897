//! Who works in the agency, as what, and who is invited.

use std::time::Duration;

use domain::UserId;
use domain::identity::{Reach, Role};
use domain::permission::Action;
use domain::person::{Invite, Member};
use leptos::prelude::*;
use leptos_meta::Title;
use store::invites::NewInvite;
use uuid::Uuid;

use crate::around::frame;
use crate::error::{Error, Result};
use crate::frame::{Crumb, Shell};
use crate::guard::here;
use crate::identity::letters;
use crate::identity::token::Secret;
use crate::page::{filled, loaded};
use crate::tell::tell;
use crate::ui::{
    Ago, Button, Card, Choice, Confirm, Filled, Form, Look, PageHeader, PostButton, Select, StatusPill, TextField, Tone,
};

/// How long an invitation works.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Invites a colleague by mail.
#[server(prefix = "/do", endpoint = "invite_colleague")]
pub async fn invite_colleague(agency: String, email: String, role: String) -> Result<()> {
    let here = here()?;
    let mut cx = here.agency("invite_colleague", &agency).await?;
    here.recent()?;
    let email = email.trim().to_lowercase();
    if !domain::provisioning::is_email(&email) {
        return Err(Error::field("email", "Give an address like ana@example.com."));
    }
    let role = Role::parse(&role)
        .filter(|role| matches!(role, Role::AgencyOwner | Role::AgencyAdmin | Role::AgencyStaff))
        .ok_or_else(|| Error::field("role", "Choose a role."))?;
    let is_admin = matches!(cx.place.role, Role::AgencyOwner | Role::SuperAdmin);
    if role == Role::AgencyOwner && !is_admin {
        return Err(Error::field("role", "Only an owner can invite another owner."));
    }
    let secret = Secret::new();
    let reach = if role == Role::AgencyStaff { Reach::Listed } else { Reach::All };
    let invite = NewInvite { hash: secret.hash(), email: &email, role, reach, valid: INVITATION };
    store::invites::invite(&mut cx.tx, &invite).await?;
    let name = cx.place.name.clone();
    cx.commit().await?;
    letters::invitation(&here.state, &email, &name, role.label(), &secret).await?;
    tell(&here, "invite_colleague", format!("{email} is invited. The link works for 72 hours.")).await
}

/// Takes an invitation back.
#[server(prefix = "/do", endpoint = "revoke_invite")]
pub async fn revoke_invite(agency: String, invite: Uuid) -> Result<()> {
    let here = here()?;
    let mut cx = here.agency("revoke_invite", &agency).await?;
    store::invites::withdraw(&mut cx.tx, invite).await?;
    cx.commit().await?;
    tell(&here, "revoke_invite", "The invitation no longer works.").await
}

/// Ends somebody's membership.
#[server(prefix = "/do", endpoint = "remove_member")]
pub async fn remove_member(agency: String, user: UserId) -> Result<()> {
    let here = here()?;
    let mut cx = here.agency("remove_member", &agency).await?;
    here.recent()?;
    match store::memberships::remove_from_agency(&mut cx.tx, user).await {
        Err(store::Error::Refused(what)) if what == "last_owner" => {
            return Err(Error::Conflict(
                "An agency keeps at least one owner. Make somebody else an owner first.".to_owned(),
            ));
        }
        done => done?,
    }
    cx.commit().await?;
    tell(&here, "remove_member", "They no longer have access, from their next click on.").await
}

/// The team page.
#[component]
pub fn Team() -> impl IntoView {
    let here = here();
    loaded(async move {
        let here = here?;
        let mut cx = here.page().await?;
        let members = store::memberships::of_agency(&mut cx.tx).await?;
        let may = cx.place.allows(Action::TeamManage);
        let invites = if may { store::invites::list(&mut cx.tx).await? } else { Vec::new() };
        let (agency, me) = (cx.place.slug.clone(), cx.caller.user);
        cx.commit().await?;
        let filled = filled(&here.visit, "invite_colleague");
        let frame = frame(&here, vec![Crumb::here("Team")]);
        Ok(view! {
            <Title text="Team"/>
            <Shell frame=frame>
                <PageHeader title="Team"/>
                <div class="grid items-start gap-4 lg:grid-cols-[2fr_1fr]">
                    <Members agency=agency.clone() members me may/>
                    <div class="flex flex-col gap-4">
                        {may.then(|| view! { <InviteForm agency=agency.clone() filled/> })}
                        {(!invites.is_empty()).then(|| view! { <Invites agency invites/> })}
                    </div>
                </div>
            </Shell>
        })
    })
}

#[component]
fn Members(agency: String, members: Vec<Member>, me: UserId, may: bool) -> impl IntoView {
    let lines = members.into_iter().map(move |member| {
        let name = if member.name.is_empty() { member.email.clone() } else { member.name.clone() };
        let verb = format!("Remove {name}");
        let hidden = vec![("agency", agency.clone()), ("user", member.user.to_string())];
        let (tone, factor) = if member.mfa_enrolled { (Tone::Ok, "Second factor on") } else { (Tone::Waiting, "Password only") };
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <div class="min-w-0 grow basis-48"><p class="truncate font-medium">{name}</p><p class="truncate text-sm text-fg-2">{member.email}</p></div>
                <span class="text-sm">{member.role.label()}</span>
                <StatusPill tone=tone plain=true>{factor}</StatusPill>
                <span class="text-sm text-fg-2">{member.last_seen_at.map(|at| view! { <Ago at=at/> })}</span>
                {(may && member.user != me).then(|| view! {
                    <Confirm action="/do/remove_member" label="Remove" verb=verb hidden=hidden>"They lose access at once. What they did stays in the audit log."</Confirm>
                })}
            </li>
        }
    });
    view! { <Card title="People" flush=true><ul>{lines.collect_view()}</ul></Card> }
}

#[component]
fn InviteForm(agency: String, filled: Filled) -> impl IntoView {
    let roles = [Role::AgencyStaff, Role::AgencyAdmin, Role::AgencyOwner];
    let choices = roles.into_iter().map(|role| Choice::new(role.key(), role.label())).collect::<Vec<_>>();
    view! {
        <Card title="Invite a colleague">
            <Form action="/do/invite_colleague" filled=filled hidden=vec![("agency", agency)]>
                <TextField name="email" label="Email" kind="email" required=true/>
                <Select name="role" label="Role" required=true choices=choices value=Role::AgencyStaff.key() help="Staff work for the clients assigned to them; admins reach all clients and connections."/>
                <div><Button look=Look::Primary>"Send invitation"</Button></div>
            </Form>
        </Card>
    }
}

#[component]
fn Invites(agency: String, invites: Vec<Invite>) -> impl IntoView {
    let lines = invites.into_iter().map(move |invite| {
        let hidden = vec![("agency", agency.clone()), ("invite", invite.id.to_string())];
        view! {
            <li class="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3 first:border-0">
                <div class="min-w-0 grow"><p class="truncate">{invite.email}</p><p class="text-sm text-fg-2">{invite.role.label()} ", invited " <Ago at=invite.created_at/></p></div>
                <PostButton action="/do/revoke_invite" look=Look::Quiet hidden=hidden>"Withdraw"</PostButton>
            </li>
        }
    });
    view! { <Card title="Invited" flush=true><ul>{lines.collect_view()}</ul></Card> }
}
