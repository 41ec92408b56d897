//! Invites the people who run the platform (super admins and support), and changes their platform role.

use domain::UserId;
use domain::identity::Role;
use kit::{Button, ButtonStyle, Card, Choice, Filled, Form, Select, TextField};
use leptos::prelude::*;
use operations::platform::staff;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::normalize;

/// Adds a person with a platform role and mails them a link to set their password. A person who was invited before
/// with the same role and has not set a password yet gets a new link.
#[server(prefix = "/do", endpoint = "invite_to_platform")]
pub async fn invite_to_platform(email: String, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let email = normalize::email("email", &email)?;
    let role = parse_platform_role(&role)?.ok_or_else(|| Error::field("role", "Choose a role."))?;
    staff::invite(&actor, &email, role).await?;
    flash_notice(&context, "invite_to_platform", format!("{email} is invited as {}.", role.label())).await
}

/// Gives a person a platform role, or takes it away when `role` is empty.
#[server(prefix = "/do", endpoint = "set_platform_role")]
pub async fn set_platform_role(user: UserId, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let role = parse_platform_role(&role)?;
    staff::change_role(&actor, user, role).await?;
    let told = match role {
        Some(role) => format!("They're now {} of the platform and need to sign in again.", role.label()),
        None => "They no longer have a platform role.".to_owned(),
    };
    flash_notice(&context, "set_platform_role", told).await
}

/// The platform role with this key; `None` when the key is empty.
fn parse_platform_role(key: &str) -> Result<Option<Role>> {
    if key.is_empty() { Ok(None) } else { Ok(Some(staff::parse_role(key)?)) }
}

/// The role changes offered for a person with this role: each new role's key (empty for none) and its button's
/// text.
pub(super) fn role_changes(role: Option<Role>) -> impl Iterator<Item = (String, &'static str)> {
    [
        (Some(Role::SuperAdmin), "Make super admin"),
        (Some(Role::Support), "Make support"),
        (None, "Remove platform role"),
    ]
    .into_iter()
    .filter(move |(other, _)| *other != role)
    .map(|(other, words)| (other.map(Role::key).unwrap_or_default().to_owned(), words))
}

/// The form for an invitation to the platform.
#[component]
pub(super) fn Invite(filled: Filled) -> impl IntoView {
    let choices = staff::ROLES.map(|role| Choice::new(role.key(), role.label())).to_vec();
    view! {
        <Card title="Invite to the platform">
            <Form action="/do/invite_to_platform" filled=filled>
                <TextField name="email" label="Email" kind="email" help="They'll get a link to set their password." required=true/>
                <Select name="role" label="Role" required=true choices=choices value=Role::Support.key() help="Support can see everything and change nothing. Super admins run the platform."/>
                <div><Button look=ButtonStyle::Primary>"Send invitation"</Button></div>
            </Form>
        </Card>
    }
}
