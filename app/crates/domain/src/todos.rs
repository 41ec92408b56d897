//! What is left to a person after a job: the kinds of to-dos, where in HighLevel each one is done, and what an order
//! leaves when everything went well. The plan of a new client and the last step of its job read the same list.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::provisioning::{NewJob, Step, TodoItem};
use crate::{BusinessId, JobId, TodoId, UserId};

/// The most to-dos that one operation changes.
pub const MOST: usize = 200;

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
    /// Their name.
    pub assigned_to_name: Option<String>,
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
mod tests {
    use super::*;
    use crate::SnapshotId;
    use crate::provisioning::NewUser;

    #[test]
    fn every_kind_is_found_under_its_key_and_stored_under_it() {
        for kind in TodoKind::ALL {
            assert_eq!(TodoKind::parse(kind.key()), kind);
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.key());
        }
        assert_eq!(TodoKind::parse("of a newer program"), TodoKind::Other);
        let read: TodoKind = serde_json::from_str("\"of_a_newer_program\"").unwrap();
        assert_eq!(read, TodoKind::Other);
    }

    #[test]
    fn an_item_of_an_older_program_is_read_and_keyed_by_its_text() {
        let item: TodoItem = serde_json::from_str(r#"{ "what": "Look at it", "why": "Because" }"#).unwrap();
        assert_eq!((item.kind, item.key().as_str()), (TodoKind::Other, "other:Look at it"));
        let one = TodoItem::new(TodoKind::AddUser, "Add a@b.test", "").about("a@b.test");
        let other = TodoItem::new(TodoKind::AddUser, "Add c@b.test", "").about("c@b.test");
        assert_ne!(one.key(), other.key());
        assert!(TodoItem::new(TodoKind::Other, "x".repeat(900), "").key().chars().count() <= 200);
    }

    #[test]
    fn an_order_leaves_what_it_asked_for() {
        let kinds = |order: &NewJob| afterwards(order).into_iter().map(|item| item.kind).collect::<Vec<_>>();
        let bare = NewJob { invite_owner: false, ..NewJob::default() };
        assert_eq!(kinds(&bare), [TodoKind::InviteOwner]);
        let full = NewJob {
            invite_owner: true,
            users: vec![NewUser::default()],
            snapshot_id: Some(SnapshotId::from(uuid::Uuid::nil())),
            ..NewJob::default()
        };
        assert_eq!(kinds(&full), [TodoKind::OwnerAccepts, TodoKind::SetPasswords, TodoKind::PublishWorkflows]);
    }

    #[test]
    fn every_step_that_may_be_skipped_leaves_a_to_do() {
        for step in Step::ALL {
            assert_eq!(of_skipped(step, None).is_some(), step.skip_consequence().is_some(), "{step:?}");
        }
        let both = [Step::ValidateSnapshot, Step::WaitSnapshot].map(|step| of_skipped(step, None).unwrap().key());
        assert_eq!(both[0], both[1], "two skipped steps of one snapshot are one to-do");
    }

    #[test]
    fn links_lead_into_the_location_and_nowhere_else() {
        let hostile = "../../evil?x=";
        for kind in TodoKind::ALL {
            let path = kind.highlevel_path(hostile).unwrap_or_default();
            assert!(!path.contains("..") && !path.contains('?'), "{path}");
            assert_eq!(kind.highlevel_path(""), None);
        }
        assert_eq!(
            TodoKind::PublishWorkflows.highlevel_path("Loc1").as_deref(),
            Some("/v2/location/Loc1/automation/workflows")
        );
    }
}
