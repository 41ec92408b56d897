//! The members of the business with their roles, and the form that gives a colleague another one.

use domain::identity::{AgencyRole, Role};
use domain::language::Language;
use domain::person::Member;
use domain::{BusinessId, UserId};
use kit::{Button, Filled, Form};
use leptos::prelude::*;
use operations::own_business;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

use crate::messages::messages;

/// Gives a colleague another role in the business.
#[server(prefix = "/do", endpoint = "set_colleague_role")]
pub async fn set_colleague_role(user: UserId, role: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let language = context.request.language;
    let texts = messages(language);
    let role = Role::parse(&role).ok_or_else(|| Error::Conflict(texts.choose_role.to_owned()))?;
    own_business::change_role(&actor, user, role).await?;
    flash_notice(&context, "set_colleague_role", (texts.role_changed)(language.role(role))).await
}

/// Who works in the business, and what the caller may change about it.
pub(super) struct Team {
    pub business: BusinessId,
    pub members: Vec<Member>,
    /// The caller, who does not change their own role.
    pub me: UserId,
    /// The roles that the caller may give.
    pub gives: Vec<Role>,
    /// What came back of the form for a role.
    pub filled: Filled,
}

/// A line for each member.
#[component]
pub(super) fn Members(language: Language, team: Team) -> impl IntoView {
    let Team { business, members, me, gives, filled } = team;
    let lines = members.into_iter().map(|member| {
        let (user, now) = (member.user.to_string(), member.role);
        let name = if member.name.is_empty() { member.email } else { member.name };
        let role = if member.user != me && gives.iter().any(|role| now.is(*role)) {
            // Only the form that was sent shows what came back.
            let own = filled.values.get("user") == Some(&user);
            let filled = if own { filled.clone() } else { Filled::default() };
            let hidden = vec![("business", business.to_string()), ("user", user)];
            view! { <ChangeRole language name=name.clone() now gives=gives.clone() hidden filled/> }.into_any()
        } else {
            view! { <span class="text-sm text-fg-2">{role_name(language, &now)}</span> }.into_any()
        };
        view! {
            <li class="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3 first:border-0">
                <span class="min-w-0 grow truncate">{name}</span>{role}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! { <ul>{lines}</ul> }
}

/// The form that gives a member another role.
#[component]
fn ChangeRole(
    language: Language,
    /// What the member is called.
    name: String,
    now: AgencyRole,
    gives: Vec<Role>,
    hidden: Vec<(&'static str, String)>,
    filled: Filled,
) -> impl IntoView {
    let texts = messages(language);
    let chosen = filled.values.get("role").cloned().unwrap_or_else(|| now.key());
    let options = gives.into_iter().map(|role| {
        view! { <option value=role.key() selected={role.key() == chosen}>{language.role(role)}</option> }
    });
    let options = options.collect_view();
    let label = (texts.role_of)(&name);
    view! {
        <Form action="/do/set_colleague_role" filled=filled hidden=hidden class="flex flex-wrap items-center gap-2">
            <span class="w-44 max-sm:w-full">
                <select class="control control-select" name="role" aria-label=label>{options}</select>
            </span>
            <Button>{texts.change_role}</Button>
        </Form>
    }
}

/// The name of a member's role. An agency's own roles have the name that it gave them.
fn role_name(language: Language, role: &AgencyRole) -> String {
    match role {
        AgencyRole::BuiltIn(role) => language.role(*role).to_owned(),
        AgencyRole::Custom(own) => own.name.clone(),
    }
}
