//! Tests of the kinds of to-dos and of what an order leaves.

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
