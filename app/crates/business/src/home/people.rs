//! The people of the business, and the form that invites a colleague.

use domain::BusinessId;
use domain::identity::Role;
use domain::person::{Invite, Member};
use kit::{Ago, Button, Card, Choice, Filled, Form, PostButton, Region, Select, TextField};
use leptos::prelude::*;
use operations::own_business;
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::normalize;

/// Invites a colleague to the business by mail.
#[server(prefix = "/do", endpoint = "invite_to_business")]
pub async fn invite_to_business(colleague: String, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let email = normalize::email("colleague", &colleague)?;
    let role = Role::parse(&role).ok_or_else(|| Error::field("role", "Choose a role."))?;
    own_business::invite(&actor, &email, role).await?;
    let told = format!("Invitation sent to {email}. The link works for 7 days.");
    flash_notice(&context, "invite_to_business", told).await
}

/// Takes an invitation to the business back.
#[server(prefix = "/do", endpoint = "withdraw_own_invite")]
pub async fn withdraw_own_invite(invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    own_business::withdraw(&actor, invite).await?;
    flash_notice(&context, "withdraw_own_invite", "The invitation no longer works.").await
}

/// The card "People".
#[component]
pub(super) fn People(
    id: BusinessId,
    members: Vec<Member>,
    invites: Vec<Invite>,
    filled: Filled,
    may: bool,
) -> impl IntoView {
    let hidden = vec![("business", id.to_string())];
    let people = members.into_iter().map(|member| {
        let name = if member.name.is_empty() { member.email.clone() } else { member.name };
        view! {
            <li class="flex items-center gap-3 border-t border-line px-4 py-3 first:border-0">
                <span class="min-w-0 grow truncate">{name}</span><span class="text-sm text-fg-2">{member.role.label().to_owned()}</span>
            </li>
        }
    });
    let people = people.collect_view();
    let invited = view! { <Invited invites hidden=hidden.clone()/> };
    let form = may.then(|| view! { <InviteForm filled hidden/> });
    view! { <Card title="People" flush=true><ul>{people}</ul>{invited}{form}</Card> }
}

/// The people who are invited and have not accepted yet.
#[component]
fn Invited(invites: Vec<Invite>, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let lines = invites.into_iter().map(move |invite| {
        let hidden: Vec<_> = hidden.iter().cloned().chain([("invite", invite.id.to_string())]).collect();
        let state = match invite.unsent {
            true => view! { "Invitation not sent yet" }.into_any(),
            false => view! { "Invited " <Ago at=invite.created_at/> }.into_any(),
        };
        view! {
            <li class="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
                <span class="min-w-0 grow">{invite.email}<span class="block text-sm text-fg-2">{state}</span></span>
                <PostButton action="/do/withdraw_own_invite" hidden=hidden>"Cancel invitation"</PostButton>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Region key="invites" topics="invite.changed:*"><ul>{lines}</ul></Region> }
}

/// The form that invites a colleague.
#[component]
fn InviteForm(filled: Filled, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let roles = [Role::TeamMember, Role::BusinessOwner].map(|role| Choice::new(role.key(), role.label())).to_vec();
    view! {
        <div class="border-t border-line p-4">
            <h3 class="pb-3 text-sm font-semibold">"Invite a colleague"</h3>
            <Form action="/do/invite_to_business" filled=filled hidden=hidden>
                <TextField name="colleague" label="Their email" kind="email" required=true/>
                <Select name="role" label="Role" choices=roles required=true help="Owners can edit these details and invite people."/>
                <div><Button>"Send invitation"</Button></div>
            </Form>
        </div>
    }
}
