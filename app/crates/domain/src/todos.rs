//! What is left to a person after a job: the kinds of to-dos, where in HighLevel each one is done, and what an order
//! leaves when everything went well. The plan of a new client and the last step of its job read the same list.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::provisioning::{NewJob, Step, TodoItem};
use crate::{BusinessId, JobId, TodoId, UserId};

/// The most to-dos that one operation changes.
pub const MOST: usize = 200;

/// What stands where the name of whoever does a to-do would: the people of the client do it.
pub const OWNER: &str = "The owner";

/// The kind of a to-do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum TodoKind {
    /// The owner accepts the invitation. It is done when they do.
    OwnerAccepts,
    /// Nobody was invited to the business yet.
    InviteOwner,
    /// The client's people set their passwords in HighLevel.
    SetPasswords,
    /// The snapshot's workflows are drafts until somebody publishes them.
    PublishWorkflows,
    /// The step that waits for the snapshot was skipped, so nobody knows whether it was loaded.
    LoadSnapshot,
    /// Custom values and tags were skipped.
    FillValues,
    /// A person could not be added to the location.
    AddUser,
    /// A person in HighLevel differs from the order.
    CheckUser,
    /// Nobody compared the location with the order.
    CheckClient,
    /// A parked location, which only a person can delete. It is done when HighLevel does not know it any more.
    DeleteLocation,
    /// A location that HighLevel does not show us any more, which somebody may have to delete.
    CheckDeleted,
    /// What a job may have left in HighLevel or here.
    CleanUp,
    /// A person to remove in HighLevel.
    RemoveUser,
    /// Anything else.
    #[default]
    #[serde(other)]
    Other,
}

impl TodoKind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::OwnerAccepts,
        Self::InviteOwner,
        Self::SetPasswords,
        Self::PublishWorkflows,
        Self::LoadSnapshot,
        Self::FillValues,
        Self::AddUser,
        Self::CheckUser,
        Self::CheckClient,
        Self::DeleteLocation,
        Self::CheckDeleted,
        Self::CleanUp,
        Self::RemoveUser,
        Self::Other,
    ];

    /// The value in `todos.kind`.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::OwnerAccepts => "owner_accepts",
            Self::InviteOwner => "invite_owner",
            Self::SetPasswords => "set_passwords",
            Self::PublishWorkflows => "publish_workflows",
            Self::LoadSnapshot => "load_snapshot",
            Self::FillValues => "fill_values",
            Self::AddUser => "add_user",
            Self::CheckUser => "check_user",
            Self::CheckClient => "check_client",
            Self::DeleteLocation => "delete_location",
            Self::CheckDeleted => "check_deleted",
            Self::CleanUp => "clean_up",
            Self::RemoveUser => "remove_user",
            Self::Other => "other",
        }
    }

    /// The kind with this key. A kind that only a newer program knows counts as `Other`.
    #[must_use]
    pub fn parse(key: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.key() == key).unwrap_or_default()
    }

    /// Whether HighLevel can say that it was done: the location does not exist any more.
    #[must_use]
    pub const fn is_checked_in_highlevel(self) -> bool {
        matches!(self, Self::DeleteLocation)
    }

    /// Whether the object of such an item is a location.
    #[must_use]
    pub const fn is_about_location(self) -> bool {
        matches!(self, Self::DeleteLocation | Self::CheckDeleted)
    }

    /// The path of the page in HighLevel's web application on which a person does it; `None` if it is not done there.
    #[must_use]
    pub fn highlevel_path(self, location: &str) -> Option<String> {
        let id: String = location.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
        let inside = |page: &str| Some(format!("/v2/location/{id}/{page}"));
        match self {
            _ if id.is_empty() => None,
            Self::OwnerAccepts | Self::InviteOwner => None,
            Self::PublishWorkflows => inside("automation/workflows"),
            Self::SetPasswords | Self::AddUser | Self::CheckUser | Self::RemoveUser => inside("settings/staff"),
            Self::FillValues => inside("settings/custom_values"),
            Self::DeleteLocation | Self::LoadSnapshot => Some(format!("/accounts/detail/{id}")),
            Self::CheckClient | Self::CheckDeleted | Self::CleanUp | Self::Other => inside("dashboard"),
        }
    }
}

impl TodoItem {
    /// A to-do of a kind.
    #[must_use]
    pub fn new(kind: TodoKind, what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { kind, about: None, what: what.into(), why: why.into() }
    }

    /// The same about one object of several: a person, a location.
    #[must_use]
    pub fn about(mut self, object: impl Into<String>) -> Self {
        self.about = Some(object.into());
        self
    }

    /// What makes it one of its kind within its job: a step that runs twice makes one to-do.
    #[must_use]
    pub fn key(&self) -> String {
        let whole = match &self.about {
            Some(object) => format!("{}:{object}", self.kind.key()),
            None if self.kind == TodoKind::Other => format!("other:{}", self.what),
            None => self.kind.key().to_owned(),
        };
        whole.chars().take(200).collect()
    }
}

/// What is left once the owner was invited.
#[must_use]
pub fn owner_accepts() -> TodoItem {
    TodoItem::new(
        TodoKind::OwnerAccepts,
        "Make sure the owner accepts the invitation",
        "They get an email with a link. This checks itself off when they accept.",
    )
}

/// What an order leaves to a person when its job went well.
#[must_use]
pub fn afterwards(order: &NewJob) -> Vec<TodoItem> {
    let owner = match order.invite_owner {
        true => owner_accepts(),
        false => TodoItem::new(TodoKind::InviteOwner, "Invite the owner", "Nobody was invited to the business here."),
    };
    let passwords = (!order.users.is_empty()).then(|| {
        TodoItem::new(
            TodoKind::SetPasswords,
            "Ask the client's people to set a password",
            "HighLevel emails them a link to set one.",
        )
    });
    let workflows = order.snapshot_id.is_some().then(|| {
        TodoItem::new(TodoKind::PublishWorkflows, "Publish the snapshot's workflows", "HighLevel loads them as drafts.")
    });
    [Some(owner), passwords, workflows].into_iter().flatten().collect()
}

/// What a step leaves to a person when it was skipped; `None` for a step without consequence.
#[must_use]
pub fn of_skipped(step: Step, snapshot: Option<&str>) -> Option<TodoItem> {
    let named = snapshot.map_or_else(|| "The snapshot".to_owned(), |name| format!("“{name}”"));
    let (kind, what, why) = match step {
        Step::ValidateSnapshot | Step::WaitSnapshot => (
            TodoKind::LoadSnapshot,
            "Load the snapshot",
            format!(
                "{named} was not loaded when this step was skipped. Load it in HighLevel, then publish its workflows."
            ),
        ),
        Step::FillValues => (
            TodoKind::FillValues,
            "Add the custom values and tags",
            "This step was skipped, so those that are missing have to be added in HighLevel.".to_owned(),
        ),
        Step::CreateUsers => (
            TodoKind::AddUser,
            "Add the client's users",
            "This step was skipped, so users who are missing have to be added in HighLevel.".to_owned(),
        ),
        Step::Verify => (
            TodoKind::CheckClient,
            "Check the client in HighLevel",
            "This step was skipped, so nobody has compared HighLevel with what you ordered.".to_owned(),
        ),
        _ => return None,
    };
    Some(TodoItem::new(kind, what, why))
}

/// A to-do as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Todo {
    /// Its id.
    pub id: TodoId,
    /// Its kind.
    pub kind: TodoKind,
    /// What has to be done.
    pub what: String,
    /// Why, or where.
    pub why: String,
    /// The client; `None` if the job made none or undid it.
    pub business: Option<BusinessId>,
    /// The client's name.
    pub client_name: String,
    /// The job that left it.
    pub job: Option<JobId>,
    /// The number of that job.
    pub job_number: Option<i64>,
    /// HighLevel's id of the location that it is about.
    pub location_id: Option<String>,
    /// Who is to do it.
    pub assigned_to: Option<UserId>,
    /// Their name, or "The owner".
    pub assigned_to_name: Option<String>,
    /// Whether the people of the client are to do it: it is on their own page, and they check it off there.
    #[serde(default)]
    pub for_owner: bool,
    /// When it was done; `None` while it is open.
    pub done_at: Option<DateTime<Utc>>,
    /// Who ticked it; `None` if it was checked automatically.
    pub done_by: Option<UserId>,
    /// Their name.
    pub done_by_name: Option<String>,
    /// Whether it was ticked because we could see that it was done.
    pub checked: bool,
    /// When it was left.
    pub created_at: DateTime<Utc>,
}

/// Who is to do a to-do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// Nobody in particular.
    Nobody,
    /// Somebody of the agency.
    Person(UserId),
    /// The client's owner, or another of its people.
    Owner,
}

impl Assignee {
    /// The person, if it is one of the agency.
    #[must_use]
    pub const fn person(self) -> Option<UserId> {
        match self {
            Self::Person(user) => Some(user),
            Self::Nobody | Self::Owner => None,
        }
    }
}

impl From<Option<UserId>> for Assignee {
    fn from(user: Option<UserId>) -> Self {
        user.map_or(Self::Nobody, Self::Person)
    }
}

/// A to-do as the people of a business see it on their own page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTodo {
    /// Its id.
    pub id: TodoId,
    /// Its kind.
    pub kind: TodoKind,
    /// What has to be done.
    pub what: String,
    /// Why, or where.
    pub why: String,
    /// HighLevel's id of the location that it is about.
    pub location_id: Option<String>,
    /// When it was done; `None` while it is open.
    pub done_at: Option<DateTime<Utc>>,
    /// Who of the business ticked it. `None` if its agency did.
    pub done_by_name: Option<String>,
}

impl Todo {
    /// The page in HighLevel on which it is done, under the address of the web application.
    #[must_use]
    pub fn highlevel_page(&self, root: &str) -> Option<String> {
        let path = self.kind.highlevel_path(self.location_id.as_deref()?)?;
        Some(format!("{root}{path}"))
    }
}

/// What becomes of a to-do: all of it that can be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangeTodo {
    /// Whether it is done.
    pub done: bool,
    /// Who is to do it; without it nobody in particular.
    #[serde(default)]
    pub assigned_to: Option<UserId>,
    /// Whether the people of the client are to do it, instead of somebody of the agency.
    #[serde(default)]
    pub for_owner: bool,
}

impl ChangeTodo {
    /// Who is to do it.
    #[must_use]
    pub fn assignee(&self) -> Assignee {
        if self.for_owner { Assignee::Owner } else { self.assigned_to.into() }
    }
}

/// The numbers of to-dos in the views of the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TodoCounts {
    /// Open ones.
    pub open: i64,
    /// Open ones that are assigned to the person who looks.
    pub mine: i64,
    /// Open ones that are assigned to nobody.
    pub unassigned: i64,
    /// Done ones.
    pub done: i64,
}

/// "2 left for you", for the state of a job and the titles of cards.
#[must_use]
pub fn left(open: i64) -> String {
    format!("{open} left for you")
}

#[cfg(test)]
#[path = "todos_tests.rs"]
mod tests;
