//! The people of one business: its own owner and team, and the agency's members it is assigned to.

use domain::access::AgencyAccess;
use domain::identity::{AgencyRole, Role};
use domain::permission::Right;
use domain::person::{Colleague, Invite, Member};
use domain::{BusinessId, UserId};
use kit::{Ago, Button, ButtonStyle, Card, Choice, Confirm, Filled, Form, PostButton, Select, TextField};
use leptos::prelude::*;
use operations::{invitations, people};
use store::tenant::TenantTx;
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::invite_link::{InviteLink, shown_link};
use web::normalize;
use web::page::filled;

/// Assigns a business to an agency member who reaches only assigned businesses.
#[server(prefix = "/do", endpoint = "assign_client")]
pub async fn assign_client(business: BusinessId, user: UserId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    people::assign(&actor, business, user).await?;
    flash_notice(&context, "assign_client", "They can see this client right away.").await
}

/// Ends the assignment of a business to an agency member.
#[server(prefix = "/do", endpoint = "unassign_client")]
pub async fn unassign_client(business: BusinessId, user: UserId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    people::unassign(&actor, business, user).await?;
    flash_notice(&context, "unassign_client", "They no longer see this client.").await
}

/// Invites the owner of a business by mail.
#[server(prefix = "/do", endpoint = "invite_owner")]
pub async fn invite_owner(business: BusinessId, email: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let email = normalize::email("email", &email)?;
    let name = invitations::invite_owner(&actor, business, &email).await?;
    flash_notice(&context, "invite_owner", format!("{email} is invited to own {name}. The link works for 7 days."))
        .await
}

/// Removes a person from a business's own team.
#[server(prefix = "/do", endpoint = "remove_client_member")]
pub async fn remove_client_member(business: BusinessId, user: UserId) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    people::remove_from_business(&actor, business, user).await?;
    flash_notice(&context, "remove_client_member", "They no longer have access to this client.").await
}

/// Withdraws an invitation to a business.
#[server(prefix = "/do", endpoint = "withdraw_client_invite")]
pub async fn withdraw_client_invite(business: BusinessId, invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    invitations::withdraw_from_business(&actor, business, invite).await?;
    flash_notice(&context, "withdraw_client_invite", "The invitation no longer works.").await
}

/// What the card shows.
pub(super) struct Facts {
    agency: String,
    business: BusinessId,
    email: String,
    team: Vec<Member>,
    invites: Vec<Invite>,
    colleagues: Vec<Colleague>,
    link: Option<String>,
    may_assign: bool,
    may_invite: bool,
    invite: Filled,
    assign: Filled,
}

impl Facts {
    /// Adds the link that was just made. A secret is opened while no transaction holds a connection.
    pub(super) async fn with_link(self, context: &ServerContext) -> Result<Self> {
        Ok(Self { link: shown_link(context, "copy_client_invite_link").await?, ..self })
    }
}

/// Reads what the card shows, in a transaction of the business.
pub(super) async fn load(
    context: &ServerContext,
    tx: &mut TenantTx,
    place: &AgencyAccess,
    email: Option<String>,
) -> Result<Facts> {
    let business = tx.business().ok_or(Error::NotFound)?;
    Ok(Facts {
        agency: place.slug.clone(),
        business,
        email: email.unwrap_or_default(),
        team: store::memberships::of_business(tx).await?,
        invites: store::invites::list(tx).await?,
        colleagues: store::memberships::colleagues(tx).await?,
        link: None,
        may_assign: place.allows(Right::TeamManage),
        may_invite: place.allows(Right::Provision) && place.may_give(&AgencyRole::BuiltIn(Role::BusinessOwner)),
        invite: filled(&context.request, "invite_owner"),
        assign: filled(&context.request, "assign_client"),
    })
}

/// The card "People" on the page of a business.
#[component]
pub(super) fn People(facts: Facts) -> impl IntoView {
    let Facts { agency, business, email, team, invites, colleagues, link, may_assign, may_invite, invite, assign } =
        facts;
    let hidden = vec![("agency", agency), ("business", business.to_string())];
    let owned = team.iter().any(|member| member.role.is(Role::BusinessOwner));
    let invited = invites.iter().any(|invite| invite.role == Role::BusinessOwner);
    let lines = team_and_invites(team, invites, &hidden, may_assign, may_invite);
    let none = (!owned).then(|| {
        let text = if invited { "The owner hasn't accepted yet." } else { "This client has no owner here yet." };
        view! { <p class="text-fg-2">{text}</p> }
    });
    let invite = (may_invite && !owned && !invited).then(|| {
        let hidden = hidden.clone();
        view! {
            <Form action="/do/invite_owner" filled=invite hidden=hidden>
                <TextField name="email" label="Owner's email" kind="email" value=email required=true/>
                <div><Button>"Invite the owner"</Button></div>
            </Form>
        }
    });
    view! {
        {link.map(|link| view! { <InviteLink link/> })}
        <div id="people" class="scroll-mt-16">
            <Card title="People">
                <div class="flex flex-col gap-3">
                    <h3 class="text-sm font-semibold">"Client's users"</h3>
                    <ul class="flex flex-col gap-2 empty:hidden">{lines}</ul>
                    {none}
                    {invite}
                    <h3 class="border-t border-line pt-3 text-sm font-semibold">"Your team"</h3>
                    <Colleagues colleagues hidden may=may_assign filled=assign/>
                </div>
            </Card>
        </div>
    }
}

/// The business's own team, then the people who are invited to it.
fn team_and_invites(
    team: Vec<Member>,
    invites: Vec<Invite>,
    hidden: &[(&'static str, String)],
    may_remove: bool,
    may_withdraw: bool,
) -> impl IntoView + use<> {
    let with = |name: &'static str, value: String| hidden.iter().cloned().chain([(name, value)]).collect::<Vec<_>>();
    let people = team.into_iter().map(|member| {
        let (role, hidden) = (member.role.label().to_owned(), with("user", member.user.to_string()));
        let verb = format!("Remove {}", if member.name.is_empty() { &member.email } else { &member.name });
        view! {
            <li class="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
                {called(&member.name, &member.email)}<span class="text-sm text-fg-2">{role}</span>
                {may_remove.then(|| view! { <Confirm action="/do/remove_client_member" label="Remove" verb=verb hidden=hidden>"They lose access to this client immediately. What they did stays in the audit log."</Confirm> })}
            </li>
        }
    });
    let people = people.collect_view();
    let invited = invites.into_iter().map(|invite| {
        let hidden = with("invite", invite.id.to_string());
        let state = if invite.unsent {
            view! { "Invitation not sent yet" }.into_any()
        } else {
            view! { "Invited " <Ago at=invite.created_at/> }.into_any()
        };
        view! {
            <li class="flex flex-wrap items-center justify-between gap-x-3">
                <span class="min-w-0 grow">{invite.email}<span class="block text-sm text-fg-2">{state}</span></span>
                {may_withdraw.then(|| view! {
                    <div class="flex flex-wrap gap-1">
                        <PostButton action="/do/resend_client_invite" look=ButtonStyle::Quiet hidden=hidden.clone()>"Resend"</PostButton>
                        <PostButton action="/do/copy_client_invite_link" look=ButtonStyle::Quiet hidden=hidden.clone()>"Copy link"</PostButton>
                        <PostButton action="/do/withdraw_client_invite" look=ButtonStyle::Quiet hidden=hidden>"Cancel invitation"</PostButton>
                    </div>
                })}
            </li>
        }
    });
    (people, invited.collect_view())
}

#[component]
fn Colleagues(
    colleagues: Vec<Colleague>,
    hidden: Vec<(&'static str, String)>,
    may: bool,
    filled: Filled,
) -> impl IntoView {
    let (with, without): (Vec<_>, Vec<_>) = colleagues.into_iter().partition(|colleague| colleague.assigned);
    let form = hidden.clone();
    let lines = with.into_iter().map(move |colleague| {
        let hidden: Vec<_> = hidden.iter().cloned().chain([("user", colleague.user.to_string())]).collect();
        view! {
            <li class="flex flex-wrap items-center justify-between gap-x-3">
                {called(&colleague.name, &colleague.email)}
                {may.then(|| view! { <PostButton action="/do/unassign_client" hidden=hidden>"Unassign"</PostButton> })}
            </li>
        }
    });
    let lines = lines.collect_view();
    let choices: Vec<_> = without
        .iter()
        .map(|one| Choice::new(one.user.to_string(), if one.name.is_empty() { &one.email } else { &one.name }))
        .collect();
    let assign = (may && !choices.is_empty()).then(|| {
        view! {
            <Form action="/do/assign_client" filled=filled hidden=form>
                <Select name="user" label="Assign a teammate" choices=choices empty="Select a teammate" required=true/>
                <div><Button>"Assign"</Button></div>
            </Form>
        }
    });
    view! {
        <p class="text-sm text-fg-2">"Owners and admins can open every client. Others only see clients assigned to them."</p>
        <ul class="flex flex-col gap-2 empty:hidden">{lines}</ul>
        {assign}
    }
}

fn called(name: &str, email: &str) -> impl IntoView + use<> {
    let (first, second) =
        if name.is_empty() { (email.to_owned(), None) } else { (name.to_owned(), Some(email.to_owned())) };
    view! { <span class="min-w-0 grow"><span class="font-medium">{first}</span>{second.map(|email| view! { <span class="block truncate text-sm text-fg-2">{email}</span> })}</span> }
}
