//! The team of an agency: its members, their roles, and its invitations.

use domain::UserId;
use domain::access::AgencyAccess;
use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::Right;
use domain::person::{Invite, Member};
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{
    Ago, Button, ButtonLink, ButtonStyle, Card, Choice, Confirm, Filled, Form, PageHeader, PostButton, Region, Select,
    StatusPill, TextField, Tone, counted,
};
use leptos::prelude::*;
use operations::people::RoleChoice;
use operations::{invitations, people};
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::invite_link::{InviteLink, show_link, shown_link};
use web::normalize;
use web::page::{filled, load_page};
use web::page_frame::frame;

/// Invites a colleague by mail.
#[server(prefix = "/do", endpoint = "invite_colleague")]
pub async fn invite_colleague(email: String, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let email = normalize::email("email", &email)?;
    let role = Role::parse(&role).ok_or_else(no_role)?;
    invitations::invite_colleague(&actor, &email, role).await?;
    flash_notice(
        &context,
        "invite_colleague",
        format!("{email} is invited. The link works for 7 days; an older one ended."),
    )
    .await
}

/// Sends an invitation again.
#[server(prefix = "/do", endpoint = "resend_invite")]
pub async fn resend_invite(invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let email = invitations::resend(&actor, invite).await?;
    let told = format!("Invitation sent to {email}. The link works for 7 days; older ones ended.");
    flash_notice(&context, "resend_invite", told).await
}

/// Makes a new link of an invitation, and shows it once.
#[server(prefix = "/do", endpoint = "copy_invite_link")]
pub async fn copy_invite_link(invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let secret = invitations::new_link(&actor, invite).await?;
    show_link(&context, "copy_invite_link", secret.expose()).await
}

/// Withdraws an invitation.
#[server(prefix = "/do", endpoint = "revoke_invite")]
pub async fn revoke_invite(invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    invitations::withdraw(&actor, invite).await?;
    flash_notice(&context, "revoke_invite", "Invitation canceled. Its link no longer works.").await
}

/// Ends somebody's membership.
#[server(prefix = "/do", endpoint = "remove_member")]
pub async fn remove_member(user: UserId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    people::remove(&actor, user).await?;
    flash_notice(&context, "remove_member", "Removed from the team. They no longer have access.").await
}

/// Gives somebody another role, built in or created by the agency.
#[server(prefix = "/do", endpoint = "set_member_role")]
pub async fn set_member_role(user: UserId, role: String, reach: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let role = RoleChoice::parse(&role).ok_or_else(no_role)?;
    let reach = if reach == "all" { Reach::All } else { Reach::Listed };
    let role = people::change_role(&actor, user, role, reach).await?;
    flash_notice(&context, "set_member_role", format!("Role changed to {}. Takes effect immediately.", role.label()))
        .await
}

fn no_role() -> Error {
    Error::field("role", "Choose a role.")
}

/// The team page.
#[component]
pub fn Team() -> impl IntoView {
    let context = server_context();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let members = store::memberships::of_agency(&mut tenant.tx).await?;
        let may = tenant.access.allows(Right::TeamManage);
        let invites = if may { store::invites::list(&mut tenant.tx).await? } else { Vec::new() };
        let own = if may { store::roles::list(&mut tenant.tx).await? } else { Vec::new() };
        let (place, me) = (tenant.access.clone(), tenant.caller.user);
        let agency = place.slug.clone();
        let roles = format!("/a/{agency}/team/roles");
        tenant.commit().await?;
        let link = shown_link(&context, "copy_invite_link").await?;
        let given = roles_to_give(&place, own.into_iter().map(|row| row.role));
        let filled = filled(&context.request, "invite_colleague");
        let frame = frame(&context, vec![Crumb::current("Team")]);
        Ok(view! {
            <PageTitle text="Team"/>
            <Shell frame=frame>
                <PageHeader title="Team">{may.then(|| view! { <ButtonLink href=roles>"Roles"</ButtonLink> })}</PageHeader>
                <div class="grid items-start gap-4 lg:grid-cols-[2fr_1fr]">
                    <Members agency=agency.clone() members given=given.clone() place me may/>
                    <div class="flex flex-col gap-4">
                        {link.map(|link| view! { <InviteLink link/> })}
                        {may.then(|| view! { <InviteForm agency=agency.clone() given filled/> })}
                        {(!invites.is_empty()).then(|| view! { <Invites agency invites/> })}
                    </div>
                </div>
            </Shell>
        })
    })
}

/// The roles that the caller may give.
fn roles_to_give(place: &AgencyAccess, own: impl Iterator<Item = domain::identity::CustomRole>) -> Vec<AgencyRole> {
    let all = Role::OF_AGENCY.into_iter().map(AgencyRole::BuiltIn).chain(own.map(AgencyRole::Custom));
    all.filter(|role| place.may_grant_with_reach(role, role.least_reach())).collect()
}

fn choices(roles: &[AgencyRole]) -> Vec<Choice> {
    roles.iter().map(|role| Choice::new(role.key(), role.label())).collect()
}

#[component]
fn Members(
    agency: String,
    members: Vec<Member>,
    given: Vec<AgencyRole>,
    place: AgencyAccess,
    me: UserId,
    may: bool,
) -> impl IntoView {
    let lines = members.into_iter().map(move |member| {
        let touchable = may && member.user != me && place.may_change_member(&member);
        let role = member.role.label().to_owned();
        let change = touchable.then(|| view! { <RoleOf agency=agency.clone() member=member.clone() given=given.clone()/> });
        let name = if member.name.is_empty() { member.email.clone() } else { member.name.clone() };
        let verb = format!("Remove {name}");
        let hidden = vec![("agency", agency.clone()), ("user", member.user.to_string())];
        let (tone, factor) = if member.mfa_enrolled { (Tone::Ok, "2FA on") } else { (Tone::Waiting, "2FA off") };
        view! {
            <li class="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line px-4 py-3 first:border-0">
                <div class="min-w-0 grow basis-48"><p class="truncate font-medium">{name}</p><p class="truncate text-sm text-fg-2">{member.email}</p></div>
                <span class="text-sm">{role}{member.assigned.map(|count| view! { <span class="text-fg-2">", " {counted(count, "client", "clients")}</span> })}</span>
                <StatusPill tone=tone plain=true>{factor}</StatusPill>
                <span class="text-sm text-fg-2">{member.last_seen_at.map(|at| view! { <Ago at=at/> })}</span>
                {change}
                {touchable.then(|| view! {
                    <Confirm action="/do/remove_member" label="Remove" verb=verb hidden=hidden>"They lose access at once. What they did stays in the audit log."</Confirm>
                })}
            </li>
        }
    });
    view! { <Card title="Members" flush=true><ul>{lines.collect_view()}</ul></Card> }
}

/// A panel that gives a member another role.
#[component]
fn RoleOf(agency: String, member: Member, given: Vec<AgencyRole>) -> impl IntoView {
    let hidden = vec![("agency", agency), ("user", member.user.to_string())];
    let (all, has) = (member.reach == Some(Reach::All), member.role.key());
    let options = choices(&given).into_iter().map(move |choice| {
        let selected = choice.value == has;
        view! { <option value=choice.value selected=selected>{choice.label}</option> }
    });
    view! {
        <Confirm action="/do/set_member_role" label="Change role" verb="Save" operation=ButtonStyle::Primary hidden=hidden>
            <label class="flex flex-col gap-1 text-fg">"Role"
                <select class="control control-select" name="role">{options.collect_view()}</select>
            </label>
            <label class="flex flex-col gap-1 text-fg">"Clients"
                <select class="control control-select" name="reach">
                    <option value="listed" selected=!all>"Only those assigned to them"</option>
                    <option value="all" selected=all>"All"</option>
                </select>
            </label>
            <p>"Owners and admins can open every client. Takes effect immediately."</p>
        </Confirm>
    }
}

#[component]
fn InviteForm(agency: String, given: Vec<AgencyRole>, filled: Filled) -> impl IntoView {
    // An invitation carries a built-in role. A role created by the agency is given once the person has joined.
    let built_in: Vec<AgencyRole> = given.into_iter().filter(|role| matches!(role, AgencyRole::BuiltIn(_))).collect();
    let choices = choices(&built_in);
    view! {
        <Card title="Invite a colleague">
            <Form action="/do/invite_colleague" filled=filled hidden=vec![("agency", agency)]>
                <TextField name="email" label="Email" kind="email" required=true/>
                <Select name="role" label="Role" required=true choices=choices value=Role::AgencyStaff.key() help="Staff work for the clients assigned to them on each client's page, and see every job; admins reach all clients and connections."/>
                <div><Button look=ButtonStyle::Primary>"Send invitation"</Button></div>
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
                <div class="min-w-0 grow"><p class="truncate">{invite.email}</p><p class="text-sm text-fg-2">{invite.role.label()} {if invite.unsent { view! { ", invitation not sent yet" }.into_any() } else { view! { ", invited " <Ago at=invite.created_at/> }.into_any() }}</p></div>
                <div class="flex flex-wrap gap-1">
                    <PostButton action="/do/resend_invite" look=ButtonStyle::Quiet hidden=hidden.clone()>"Resend"</PostButton>
                    <PostButton action="/do/copy_invite_link" look=ButtonStyle::Quiet hidden=hidden.clone()>"Copy link"</PostButton>
                    <PostButton action="/do/revoke_invite" look=ButtonStyle::Quiet hidden=hidden>"Cancel invitation"</PostButton>
                </div>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <Region key="invites" topics="invite.changed:*"><Card title="Invited" flush=true><ul>{lines}</ul></Card></Region>
    }
}
