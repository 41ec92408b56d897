//! Who runs the platform? Inviting a super admin or somebody of support, and giving or taking these roles.

use std::time::Duration;

use domain::UserId;
use domain::identity::Role;
use leptos::prelude::*;
use store::identity::AuthUser;
use store::tenant::PlatformTx;

use crate::error::{Error, Result};
use crate::flash_notice::flash_notice;
use crate::guard::server_context;
use crate::identity::token::Secret;
use crate::identity::{mails, typed};
use crate::ui::{Button, Card, Choice, Filled, Form, Look, Select, TextField};

/// The roles of the platform, the most careful one first.
const GIVEN: [Role; 2] = [Role::Support, Role::SuperAdmin];

/// How long an invitation works.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Adds somebody who runs the platform, and mails them the link that sets their password.
#[server(prefix = "/do", endpoint = "invite_to_platform")]
pub async fn invite_to_platform(email: String, role: String) -> Result<()> {
    let context = server_context()?;
    context.platform("invite_to_platform").await?.commit().await?;
    context.recent()?;
    let email = typed::email("email", &email)?;
    let role = given(&role)?.ok_or_else(|| Error::field("role", "Choose a role."))?;
    let known = store::identity::auth_user(&context.state.db, &email).await?;
    let mut tx = context.platform("invite_to_platform").await?;
    let mail = mails::platform_may_send(&mut tx, &email).await?;
    let user = match known {
        Some(known) => invited(&mut tx, &known, role).await?,
        None => match store::identity::add(&mut tx, &email, "", Some(role)).await {
            Err(store::Error::Taken(_)) => return Err(known_already()),
            added => added?,
        },
    };
    let secret = Secret::new();
    store::invites::first_password(&mut tx, secret.hash(), user, INVITATION).await?;
    tx.commit().await?;
    mails::platform(&context.state, mail, &email, role.label(), &secret).await?;
    flash_notice(&context, "invite_to_platform", format!("{email} is invited as {}.", role.label())).await
}

/// Who was invited before, as the same, and has not set a password yet: they get another link.
async fn invited(tx: &mut PlatformTx, known: &AuthUser, role: Role) -> Result<UserId> {
    let waits = known.password_hash.is_none() && !known.disabled;
    if waits && store::identity::get(tx, known.id).await?.platform == Some(role) {
        return Ok(known.id);
    }
    Err(known_already())
}

fn known_already() -> Error {
    let text = "Somebody with this address can sign in already. Give the role in their line of the list.";
    Error::field("email", text)
}

/// Gives a role of the platform, or takes it away.
#[server(prefix = "/do", endpoint = "set_platform_role")]
pub async fn set_platform_role(user: UserId, role: String) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("set_platform_role").await?;
    context.recent()?;
    let role = given(&role)?;
    if context.caller()?.user == user {
        return Err(Error::Conflict("You can't change your own role. Ask another super admin.".to_owned()));
    }
    // With the role end the sessions, whose limits it had set: one transaction.
    store::identity::set_platform_role(&mut tx, user, role).await?;
    tx.commit().await?;
    store::sessions::remove_ended(&context.state.db, user).await?;
    let said = match role {
        Some(role) => format!("They are {} of the platform now, and sign in anew.", role.label()),
        None => "They no longer have a role of the platform.".to_owned(),
    };
    flash_notice(&context, "set_platform_role", said).await
}

/// The role with this word; none when it is empty.
fn given(word: &str) -> Result<Option<Role>> {
    match word {
        "" => Ok(None),
        word => {
            let role = Role::parse(word).filter(|role| GIVEN.contains(role));
            role.map(Some).ok_or_else(|| Error::field("role", "There is no such role of the platform."))
        }
    }
}

/// The roles that somebody with this one can be given instead, each with the words of its button.
pub(super) fn changes(role: Option<Role>) -> impl Iterator<Item = (String, &'static str)> {
    [
        (Some(Role::SuperAdmin), "Make super admin"),
        (Some(Role::Support), "Make support"),
        (None, "Take the platform role away"),
    ]
    .into_iter()
    .filter(move |(other, _)| *other != role)
    .map(|(other, words)| (other.map(Role::key).unwrap_or_default().to_owned(), words))
}

/// The form that invites them.
#[component]
pub(super) fn Invite(filled: Filled) -> impl IntoView {
    let choices = GIVEN.map(|role| Choice::new(role.key(), role.label())).to_vec();
    view! {
        <Card title="Invite to the platform">
            <Form action="/do/invite_to_platform" filled=filled>
                <TextField name="email" label="Email" kind="email" help="They get a link that sets their password." required=true/>
                <Select name="role" label="Role" required=true choices=choices value=Role::Support.key() help="Support reads everything and changes nothing; super admins run the platform."/>
                <div><Button look=Look::Primary>"Send invitation"</Button></div>
            </Form>
        </Card>
    }
}
