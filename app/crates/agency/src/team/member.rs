//! What is asked before a member's role is changed or a member is removed: the card beside the table.

use domain::UserId;
use domain::identity::{AgencyRole, Reach};
use domain::person::Member;
use kit::{Address, Button, ButtonLink, ButtonStyle, Card, Choice, Filled, Form, Select};
use leptos::prelude::*;

use super::choices;

/// What the address of the page asks to do with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Change the role.
    Role(UserId),
    /// Remove the member.
    Removal(UserId),
}

impl Asked {
    /// Reads the address: `?role=<member>` or `?remove=<member>`.
    pub(super) fn read(at: &Address) -> Option<Self> {
        let member = |name: &str| at.get(name).parse::<UserId>().ok();
        member("role").map(Self::Role).or_else(|| member("remove").map(Self::Removal))
    }

    /// The member.
    pub(super) const fn user(self) -> UserId {
        match self {
            Self::Role(user) | Self::Removal(user) => user,
        }
    }
}

/// What a member is called.
pub(super) fn called(member: &Member) -> String {
    if member.name.is_empty() { member.email.clone() } else { member.name.clone() }
}

/// The card that gives a member another role.
#[component]
pub(super) fn ChangeRole(
    agency: String,
    /// Address of the team page.
    page: String,
    member: Member,
    /// The roles that the caller may give.
    given: Vec<AgencyRole>,
    filled: Filled,
) -> impl IntoView {
    let hidden = vec![("agency", agency), ("user", member.user.to_string())];
    let reach = if member.reach == Some(Reach::All) { "all" } else { "listed" };
    let reaches = vec![Choice::new("listed", "Only those assigned to them"), Choice::new("all", "All clients")];
    view! {
        <div id="act">
            <Card title=format!("Change role of {}", called(&member))>
                <Form action="/do/set_member_role" filled=filled hidden=hidden>
                    <Select name="role" label="Role" required=true choices=choices(&given) value=member.role.key()/>
                    <Select name="reach" label="Clients" required=true choices=reaches value=reach help="Owners and admins can open every client."/>
                    <p class="text-sm text-fg-2">"Takes effect immediately."</p>
                    <div class="flex flex-wrap gap-2">
                        <Button look=ButtonStyle::Primary>"Save"</Button>
                        <ButtonLink href=page look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}

/// The card that removes a member.
#[component]
pub(super) fn RemoveMember(
    agency: String,
    /// Address of the team page.
    page: String,
    member: Member,
    filled: Filled,
) -> impl IntoView {
    let hidden = vec![("agency", agency), ("user", member.user.to_string())];
    let name = called(&member);
    view! {
        <div id="act">
            <Card title=format!("Remove {name}?")>
                <Form action="/do/remove_member" filled=filled hidden=hidden>
                    <p class="text-sm text-fg-2">"They lose access immediately. What they did stays in the audit log."</p>
                    <div class="flex flex-wrap gap-2">
                        <Button look=ButtonStyle::Danger>{format!("Remove {name}")}</Button>
                        <ButtonLink href=page look=ButtonStyle::Quiet>"Cancel"</ButtonLink>
                    </div>
                </Form>
            </Card>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_says_what_is_asked_about_whom() {
        let id = uuid::Uuid::from_u128(7);
        let asked = |query: &str| Asked::read(&Address::new("/a/harbor/team", query));
        assert_eq!(asked(&format!("role={id}")), Some(Asked::Role(UserId(id))));
        assert_eq!(asked(&format!("remove={id}")), Some(Asked::Removal(UserId(id))));
        assert_eq!((asked("role=me"), asked("")), (None, None));
    }
}
