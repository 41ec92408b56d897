//! The actions that a super admin may take on a person, as a menu.

use domain::person::Person;
use kit::{Menu, MenuPost};
use leptos::prelude::*;

use super::platform::role_changes;

/// An action: the server function, one more field, the words, and whether it cannot be undone.
type Act = (&'static str, Option<(&'static str, String)>, &'static str, bool);

/// The actions of the menu. On their own account a super admin may only end the sessions.
fn acts(person: &Person, own: bool) -> Vec<Act> {
    let mut acts = vec![("end_sessions_of", None, "Sign out everywhere", false)];
    if own {
        return acts;
    }
    let roles = role_changes(person.platform);
    acts.extend(roles.map(|(role, words)| ("set_platform_role", Some(("role", role)), words, false)));
    if person.mfa_enrolled {
        acts.push(("reset_second_factor", None, "Reset two-factor authentication", true));
    }
    let off = person.disabled_at.is_some();
    let words = if off { "Unblock" } else { "Block" };
    acts.push(("set_person_disabled", Some(("disabled", (!off).to_string())), words, !off));
    acts
}

/// The menu with the actions on a person.
#[component]
pub(super) fn Acts(
    /// The person.
    person: Person,
    /// True if it is the viewer's own account.
    own: bool,
    /// True if the menu shows three dots.
    #[prop(optional)]
    dots: bool,
) -> impl IntoView {
    let user = person.id.to_string();
    let entries = acts(&person, own).into_iter().map(|(operation, more, words, danger)| {
        let hidden = [("user", user.clone())].into_iter().chain(more).collect::<Vec<_>>();
        view! { <MenuPost action=format!("/do/{operation}") hidden=hidden danger=danger>{words}</MenuPost> }
    });
    let entries = entries.collect_view();
    let label = if dots { format!("Actions for {}", name_of(&person)) } else { "Actions".to_owned() };
    view! { <Menu label=label dots=dots>{entries}</Menu> }
}

/// The name of a person, or their address.
pub(super) fn name_of(person: &Person) -> &str {
    if person.name.is_empty() { &person.email } else { &person.name }
}
