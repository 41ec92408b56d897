//! Invites the people who run the platform (super admins and support), and changes their platform role.

use std::time::Duration;

use domain::UserId;
use domain::identity::Role;
use kit::{Button, ButtonStyle, Card, Choice, Filled, Form, Select, TextField};
use leptos::prelude::*;
use store::identity::AuthUser;
use store::tenant::PlatformTx;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::token::Secret;
use web::{mails, normalize};

/// The platform roles, the least powerful first.
const PLATFORM_ROLES: [Role; 2] = [Role::Support, Role::SuperAdmin];

/// Lifetime of the link in an invitation.
const INVITATION: Duration = Duration::from_secs(72 * 3600);

/// Adds a person with a platform role and mails them a link to set their password. A person who was invited before
/// with the same role and has not set a password yet gets a new link.
#[server(prefix = "/do", endpoint = "invite_to_platform")]
pub async fn invite_to_platform(email: String, role: String) -> Result<()> {
    let context = server_context()?;
    context.platform("invite_to_platform").await?.commit().await?;
    context.recent()?;
    let email = normalize::email("email", &email)?;
    let role = parse_platform_role(&role)?.ok_or_else(|| Error::field("role", "Choose a role."))?;
    let known = store::identity::auth_user(&context.state.db, &email).await?;
    let mut tx = context.platform("invite_to_platform").await?;
    let mail = mails::platform_may_send(&mut tx, &email).await?;
    let user = match known {
        Some(known) => reinvite_allowed(&mut tx, &known, role).await?,
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

/// Allows a second invitation if the person was invited before with the same role and has not set a password yet.
async fn reinvite_allowed(tx: &mut PlatformTx, known: &AuthUser, role: Role) -> Result<UserId> {
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

/// Gives a person a platform role, or takes it away when `role` is empty.
#[server(prefix = "/do", endpoint = "set_platform_role")]
pub async fn set_platform_role(user: UserId, role: String) -> Result<()> {
    let context = server_context()?;
    let mut tx = context.platform("set_platform_role").await?;
    context.recent()?;
    let role = parse_platform_role(&role)?;
    if context.caller()?.user == user {
        return Err(Error::Conflict("You can't change your own role. Ask another super admin.".to_owned()));
    }
    // The role had set the limits of the person's sessions, so they end in the same transaction.
    store::identity::set_platform_role(&mut tx, user, role).await?;
    tx.commit().await?;
    store::sessions::remove_ended(&context.state.db, user).await?;
    let said = match role {
        Some(role) => format!("They are {} of the platform now, and sign in anew.", role.label()),
        None => "They no longer have a role of the platform.".to_owned(),
    };
    flash_notice(&context, "set_platform_role", said).await
}

/// The platform role with this key; `None` when the key is empty.
fn parse_platform_role(word: &str) -> Result<Option<Role>> {
    match word {
        "" => Ok(None),
        word => {
            let role = Role::parse(word).filter(|role| PLATFORM_ROLES.contains(role));
            role.map(Some).ok_or_else(|| Error::field("role", "There is no such role of the platform."))
        }
    }
}

/// The role changes offered for a person with this role: each new role's key (empty for none) and its button's
/// text.
pub(super) fn role_changes(role: Option<Role>) -> impl Iterator<Item = (String, &'static str)> {
    [
        (Some(Role::SuperAdmin), "Make super admin"),
        (Some(Role::Support), "Make support"),
        (None, "Take the platform role away"),
    ]
    .into_iter()
    .filter(move |(other, _)| *other != role)
    .map(|(other, words)| (other.map(Role::key).unwrap_or_default().to_owned(), words))
}

/// The form for an invitation to the platform.
#[component]
pub(super) fn Invite(filled: Filled) -> impl IntoView {
    let choices = PLATFORM_ROLES.map(|role| Choice::new(role.key(), role.label())).to_vec();
    view! {
        <Card title="Invite to the platform">
            <Form action="/do/invite_to_platform" filled=filled>
                <TextField name="email" label="Email" kind="email" help="They get a link that sets their password." required=true/>
                <Select name="role" label="Role" required=true choices=choices value=Role::Support.key() help="Support reads everything and changes nothing; super admins run the platform."/>
                <div><Button look=ButtonStyle::Primary>"Send invitation"</Button></div>
            </Form>
        </Card>
    }
}
