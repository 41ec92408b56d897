//! The team of an agency: its members, their roles, and its invitations.

mod member;
mod table;

use domain::UserId;
use domain::access::AgencyAccess;
use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::Right;
use kit::frame::{Crumb, Shell};
use kit::title::PageTitle;
use kit::{Address, Button, ButtonLink, ButtonStyle, Card, Choice, Filled, Form, PageHeader, Select, TextField};
use leptos::prelude::*;
use operations::people::RoleChoice;
use operations::{invitations, people};
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::invite_link::{InviteLink, show_link, shown_link};
use web::normalize;
use web::page::{filled, load_page};
use web::page_frame::frame;

use self::member::{Asked, ChangeRole, RemoveMember};
use self::table::MembersTable;

/// Invites a colleague by mail.
#[server(prefix = "/do", endpoint = "invite_colleague")]
pub async fn invite_colleague(email: String, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let email = normalize::email("email", &email)?;
    let role = Role::parse(&role).ok_or_else(no_role)?;
    invitations::invite_colleague(&actor, &email, role).await?;
    flash_notice(&context, "invite_colleague", format!("Invitation sent to {email}. The link works for 7 days.")).await
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
    back_to_team(&context)?;
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
    back_to_team(&context)?;
    flash_notice(&context, "set_member_role", format!("Role changed to {}. Takes effect immediately.", role.label()))
        .await
}

/// Leads back to the team page, without the card that asked.
fn back_to_team(context: &ServerContext) -> Result<()> {
    leptos_axum::redirect(&format!("/a/{}/team", context.access()?.slug));
    Ok(())
}

fn no_role() -> Error {
    Error::field("role", "Choose a role.")
}

/// The team page. Beside the table stands the form of an invitation, or the card of what the address asks to change.
#[component]
pub fn Team() -> impl IntoView {
    let context = server_context();
    let at = Address::current();
    load_page(async move {
        let context = context?;
        let mut tenant = context.page().await?;
        let members = store::memberships::of_agency(&mut tenant.tx).await?;
        let may = tenant.access.allows(Right::TeamManage);
        let invites = if may { store::invites::list(&mut tenant.tx).await? } else { Vec::new() };
        let own = if may { store::roles::list(&mut tenant.tx).await? } else { Vec::new() };
        let (place, me) = (tenant.access.clone(), tenant.caller.user);
        tenant.commit().await?;
        let link = shown_link(&context, "copy_invite_link").await?;
        let given = roles_to_give(&place, own.into_iter().map(|row| row.role));
        let (agency, page) = (place.slug.clone(), format!("/a/{}/team", place.slug));
        let touchable = |user: UserId| members.iter().any(|one| one.user == user && may_touch(&place, me, one));
        let asked = Asked::read(&at).filter(|asked| may && touchable(asked.user()));
        let named = |user: UserId| members.iter().find(|one| one.user == user).cloned();
        let (page_of_roles, filled) = (format!("{page}/roles"), |operation| filled(&context.request, operation));
        let aside = match asked.and_then(|asked| Some((asked, named(asked.user())?))) {
            Some((Asked::Role(_), member)) => {
                view! { <ChangeRole agency=agency.clone() page=page.clone() member given=given.clone() filled=filled("set_member_role")/> }.into_any()
            }
            Some((Asked::Removal(_), member)) => {
                view! { <RemoveMember agency=agency.clone() page=page.clone() member filled=filled("remove_member")/> }.into_any()
            }
            None if may => {
                view! { <InviteForm agency=agency.clone() given=given.clone() filled=filled("invite_colleague")/> }.into_any()
            }
            None => ().into_any(),
        };
        let touchable: Vec<UserId> =
            members.iter().map(|one| one.user).filter(|user| may && touchable(*user)).collect();
        let frame = frame(&context, vec![Crumb::current("Team")]);
        Ok(view! {
            <PageTitle text="Team"/>
            <Shell frame=frame>
                <PageHeader title="Team">{may.then(|| view! { <ButtonLink href=page_of_roles>"Roles"</ButtonLink> })}</PageHeader>
                {link.map(|link| view! { <div class="pb-4"><InviteLink link/></div> })}
                <div class=if may { "grid grid-cols-1 items-start gap-4 xl:grid-cols-[minmax(0,3fr)_minmax(0,1fr)]" } else { "" }>
                    <MembersTable agency page members invites touchable/>
                    {aside}
                </div>
            </Shell>
        })
    })
}

/// Whether the caller may change this member's role or remove them.
fn may_touch(place: &AgencyAccess, me: UserId, member: &domain::person::Member) -> bool {
    member.user != me && place.may_change_member(member)
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
fn InviteForm(agency: String, given: Vec<AgencyRole>, filled: Filled) -> impl IntoView {
    // An invitation carries a built-in role. A role created by the agency is given once the person has joined.
    let built_in: Vec<AgencyRole> = given.into_iter().filter(|role| matches!(role, AgencyRole::BuiltIn(_))).collect();
    let choices = choices(&built_in);
    view! {
        <Card title="Invite a colleague">
            <Form action="/do/invite_colleague" filled=filled hidden=vec![("agency", agency)]>
                <TextField name="email" label="Email" kind="email" required=true/>
                <Select name="role" label="Role" required=true choices=choices value=Role::AgencyStaff.key() help="Staff see every job and work with the clients assigned to them. Admins have access to all clients and connections."/>
                <div><Button look=ButtonStyle::Primary>"Send invitation"</Button></div>
            </Form>
        </Card>
    }
}
