//! Who works for one client: its owner and team on the client's side, and the colleagues it is assigned to on ours.

use std::time::Duration;

use domain::identity::{AgencyRole, Reach, Role};
use domain::permission::Action;
use domain::person::{Colleague, Member};
use domain::place::AgencyPlace;
use domain::{BusinessId, UserId};
use leptos::prelude::*;
use store::invites::NewInvite;
use store::tenant::TenantTx;

use crate::error::{Error, Result};
use crate::guard::{Cx, Here, client_scope, here};
use crate::identity::letters;
use crate::identity::token::Secret;
use crate::page::filled;
use crate::tell::tell;
use crate::ui::{Button, Card, Choice, Filled, Form, PostButton, Select, TextField};

/// How long an invitation works.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Gives a client to a colleague who works for the clients assigned to them.
#[server(prefix = "/do", endpoint = "assign_client")]
pub async fn assign_client(agency: String, business: BusinessId, user: UserId) -> Result<()> {
    let here = here()?;
    let cx = here.agency("assign_client", &agency).await?;
    here.recent()?;
    let mut tx = of_client(&here, cx, business).await?;
    match store::memberships::assign(&mut tx, user).await {
        Err(store::Error::NotFound) => {
            return Err(Error::field(
                "user",
                "Choose somebody who works for assigned clients and is not on the client's own team.",
            ));
        }
        done => done?,
    }
    tx.commit().await?;
    tell(&here, "assign_client", "They see this client from their next click on.").await
}

/// Takes a client from a colleague.
#[server(prefix = "/do", endpoint = "unassign_client")]
pub async fn unassign_client(agency: String, business: BusinessId, user: UserId) -> Result<()> {
    let here = here()?;
    let cx = here.agency("unassign_client", &agency).await?;
    let mut tx = of_client(&here, cx, business).await?;
    store::memberships::unassign(&mut tx, user).await?;
    tx.commit().await?;
    tell(&here, "unassign_client", "They no longer see this client.").await
}

/// Invites the owner of a client's business by mail.
#[server(prefix = "/do", endpoint = "invite_owner")]
pub async fn invite_owner(agency: String, business: BusinessId, email: String) -> Result<()> {
    let here = here()?;
    let cx = here.agency("invite_owner", &agency).await?;
    here.recent()?;
    let email = email.trim().to_lowercase();
    if !domain::provisioning::is_email(&email) {
        return Err(Error::field("email", "Give an address like ana@example.com."));
    }
    let role = Role::BusinessOwner;
    if !cx.place.may_give(&AgencyRole::BuiltIn(role)) {
        return Err(Error::Conflict("Your role can't make somebody an owner. Ask an admin of your agency.".to_owned()));
    }
    let mut tx = of_client(&here, cx, business).await?;
    let name = store::businesses::find_ref(&mut tx, &business.to_string()).await?.ok_or(Error::NotFound)?.name;
    let secret = Secret::new();
    let invite = NewInvite { hash: secret.hash(), email: &email, role, reach: Reach::Listed, valid: INVITATION };
    store::invites::invite(&mut tx, &invite).await?;
    tx.commit().await?;
    letters::invitation(&here.state, &email, &name, role.label(), &secret).await?;
    tell(&here, "invite_owner", format!("{email} is invited to own {name}. The link works for 72 hours.")).await
}

/// A transaction in a client that the caller reaches.
async fn of_client(here: &Here, mut cx: Cx, business: BusinessId) -> Result<TenantTx> {
    let (place, user) = (cx.place.clone(), cx.caller.user);
    // Under the agency's own rules: the id of another agency's client is nothing here.
    let known = store::businesses::find_ref(&mut cx.tx, &business.to_string()).await?;
    cx.commit().await?;
    if known.is_none() || !place.reaches(business) {
        return Err(Error::NotFound);
    }
    Ok(TenantTx::begin(&here.state.db, client_scope(Some(user), &place, business)).await?)
}

/// What the card shows.
pub(super) struct Facts {
    agency: String,
    business: BusinessId,
    email: String,
    team: Vec<Member>,
    colleagues: Vec<Colleague>,
    may_assign: bool,
    may_invite: bool,
    invite: Filled,
    assign: Filled,
}

/// Reads it, in a transaction of the client.
pub(super) async fn load(here: &Here, tx: &mut TenantTx, place: &AgencyPlace, email: Option<String>) -> Result<Facts> {
    let business = tx.business().ok_or(Error::NotFound)?;
    Ok(Facts {
        agency: place.slug.clone(),
        business,
        email: email.unwrap_or_default(),
        team: store::memberships::of_business(tx).await?,
        colleagues: store::memberships::colleagues(tx).await?,
        may_assign: place.allows(Action::TeamManage),
        may_invite: place.allows(Action::Provision) && place.may_give(&AgencyRole::BuiltIn(Role::BusinessOwner)),
        invite: filled(&here.visit, "invite_owner"),
        assign: filled(&here.visit, "assign_client"),
    })
}

/// The card.
#[component]
pub(super) fn People(facts: Facts) -> impl IntoView {
    let Facts { agency, business, email, team, colleagues, may_assign, may_invite, invite, assign } = facts;
    let hidden = vec![("agency", agency), ("business", business.to_string())];
    let owned = team.iter().any(|member| member.role.is(Role::BusinessOwner));
    let lines = team.into_iter().map(|member| {
        let role = member.role.label().to_owned();
        view! { <li class="flex flex-wrap justify-between gap-x-3">{called(&member.name, &member.email)}<span class="text-sm text-fg-2">{role}</span></li> }
    });
    let none = (!owned).then(|| view! { <p class="text-fg-2">"Nobody owns this business here yet."</p> });
    let invite = (may_invite && !owned).then(|| {
        let hidden = hidden.clone();
        view! {
            <Form action="/do/invite_owner" filled=invite hidden=hidden>
                <TextField name="email" label="Owner's email" kind="email" value=email required=true/>
                <div><Button>"Invite the owner"</Button></div>
            </Form>
        }
    });
    view! {
        <Card title="People">
            <div class="flex flex-col gap-3">
                <h3 class="text-sm font-semibold">"The client's own"</h3>
                <ul class="flex flex-col gap-2">{lines.collect_view()}</ul>
                {none}
                {invite}
                <h3 class="border-t border-line pt-3 text-sm font-semibold">"Yours"</h3>
                <Colleagues colleagues hidden may=may_assign filled=assign/>
            </div>
        </Card>
    }
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
                {may.then(|| view! { <PostButton action="/do/unassign_client" hidden=hidden>"Take away"</PostButton> })}
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
                <Select name="user" label="Assign a colleague" choices=choices empty="Choose somebody" required=true/>
                <div><Button>"Assign"</Button></div>
            </Form>
        }
    });
    view! {
        <p class="text-sm text-fg-2">"Owners and admins reach every client; everybody else the clients assigned to them."</p>
        <ul class="flex flex-col gap-2">{lines}</ul>
        {assign}
    }
}

fn called(name: &str, email: &str) -> impl IntoView + use<> {
    let (first, second) =
        if name.is_empty() { (email.to_owned(), None) } else { (name.to_owned(), Some(email.to_owned())) };
    view! { <span class="min-w-0 grow"><span class="font-medium">{first}</span>{second.map(|email| view! { <span class="block truncate text-sm text-fg-2">{email}</span> })}</span> }
}
