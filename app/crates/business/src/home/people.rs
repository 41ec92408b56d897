//! The people of the business and those who are invited to it, and the form that invites a colleague.

use chrono_tz::Tz;
use domain::identity::Role;
use domain::language::Language;
use domain::person::Invite;
use kit::{Button, Card, Choice, Filled, Form, PostButton, Region, Select, TextField};
use leptos::prelude::*;
use operations::own_business;
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::normalize;

use super::roles::{Members, Team};
use crate::messages::messages;

/// Invites a colleague to the business by mail.
#[server(prefix = "/do", endpoint = "invite_to_business")]
pub async fn invite_to_business(colleague: String, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let email = normalize::email("colleague", &colleague)?;
    let texts = messages(context.request.language);
    let role = Role::parse(&role).ok_or_else(|| Error::field("role", texts.choose_role))?;
    own_business::invite(&actor, &email, role).await?;
    let told = (texts.invitation_sent)(&email);
    flash_notice(&context, "invite_to_business", told).await
}

/// Takes an invitation to the business back.
#[server(prefix = "/do", endpoint = "withdraw_own_invite")]
pub async fn withdraw_own_invite(invite: Uuid) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    own_business::withdraw(&actor, invite).await?;
    let texts = messages(context.request.language);
    flash_notice(&context, "withdraw_own_invite", texts.invitation_canceled).await
}

/// The card "People".
#[component]
pub(super) fn People(
    language: Language,
    zone: Tz,
    team: Team,
    invites: Vec<Invite>,
    filled: Filled,
    may: bool,
) -> impl IntoView {
    let (hidden, texts) = (vec![("business", team.business.to_string())], messages(language));
    let invited = view! { <Invited language zone invites hidden=hidden.clone()/> };
    let form = may.then(|| view! { <InviteForm language filled hidden/> });
    view! { <Card title=texts.people flush=true><Members language team/>{invited}{form}</Card> }
}

/// The people who are invited and have not accepted yet.
#[component]
fn Invited(language: Language, zone: Tz, invites: Vec<Invite>, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let texts = messages(language);
    let lines = invites.into_iter().map(move |invite| {
        let hidden: Vec<_> = hidden.iter().cloned().chain([("invite", invite.id.to_string())]).collect();
        let state = match invite.unsent {
            true => texts.not_sent_yet.to_owned(),
            false => (texts.invited_on)(&language.date_in(zone, invite.created_at)),
        };
        view! {
            <li class="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
                <span class="min-w-0 grow">{invite.email}<span class="block text-sm text-fg-2">{state}</span></span>
                <PostButton action="/do/withdraw_own_invite" hidden=hidden>{texts.cancel_invitation}</PostButton>
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <Region key="invites" topics="invite.changed:*"><ul>{lines}</ul></Region> }
}

/// The form that invites a colleague.
#[component]
fn InviteForm(language: Language, filled: Filled, hidden: Vec<(&'static str, String)>) -> impl IntoView {
    let texts = messages(language);
    let roles = [Role::TeamMember, Role::BusinessOwner];
    let roles = roles.map(|role| Choice::new(role.key(), language.role(role))).to_vec();
    view! {
        <div class="border-t border-line p-4">
            <h3 class="pb-3 text-sm font-semibold">{texts.invite_colleague}</h3>
            <Form action="/do/invite_to_business" filled=filled hidden=hidden>
                <TextField name="colleague" label=texts.their_email kind="email" required=true/>
                <Select name="role" label=texts.role choices=roles required=true help=texts.role_help/>
                <div><Button>{texts.send_invitation}</Button></div>
            </Form>
        </div>
    }
}
