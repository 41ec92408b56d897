//! Does the log lose what names a contact that is erased, and keep what programs said of others?

use chrono::Utc;
use domain::ToolCallId;
use domain::tools::{ApprovalState, Outcome, Policy, REMOVED_TEXT};
use serde_json::{Value, json};
use store::messaging::erasing::Named;
use store::tools::approvals::{self, Decision};
use store::tools::calls::{self, Ended, NewCall};
use store::tools::{chain, erased};
use uuid::Uuid;

use super::World;

const CONTACT: &str = "018f0000-0000-7000-8000-0000000000aa";

impl World {
    /// A call with these arguments, which ended. The hash of what was called begins with this byte.
    async fn ran(&self, byte: u8, arguments: Value) -> ToolCallId {
        let mut tx = self.tx().await;
        let new = NewCall {
            token: self.token,
            token_name: "Claude",
            tool: "contacts_delete",
            effect: "write",
            arguments: &arguments,
            hash: &[byte; 32],
            policy: Policy::Allow,
            approval: None,
        };
        let id = calls::begin(&mut tx, &new).await.unwrap();
        let ended = Ended { outcome: Outcome::Done, reason: None, bytes: Some(2), ms: 3 };
        calls::end(&mut tx, id, ended).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Erases the contact, who has this name.
    async fn forgets(&self, name: &str) {
        let mut tx = self.tx().await;
        let named = Named { ids: vec![CONTACT.to_owned()], names: vec![name.to_owned()], ..Named::default() };
        erased::forget(&mut tx, &named, None).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// How many of these calls have lost their arguments.
    async fn removed(&self, ids: &[ToolCallId]) -> usize {
        let mut tx = self.tx().await;
        let mut removed = 0;
        for id in ids {
            removed += usize::from(calls::get(&mut tx, *id).await.unwrap().is_removed());
        }
        removed
    }
}

#[tokio::test]
async fn a_contact_who_has_a_word_for_a_name_takes_no_call_of_others_along() {
    let world = World::new().await;
    let mut others = Vec::new();
    for at in 0..3 {
        others.push(world.ran(at, json!({ "name": "Prices", "content": "Open from nine.", "status": "open" })).await);
    }
    let (waits, _) = world.ask(9, Utc::now()).await;
    let own = world.ran(10, json!({ "contact": CONTACT })).await;
    for name in ["content", "name", "open", "Al", "Delete a"] {
        world.forgets(name).await;
        assert_eq!(world.removed(&others).await, 0, "{name}");
    }
    assert_eq!(world.removed(&[own]).await, 1);
    let known = approvals::get(&mut world.tx().await, waits).await.unwrap();
    assert!(known.state == ApprovalState::Waiting && known.shown.contains("Ana Lee"), "{known:?}");
}

#[tokio::test]
async fn nothing_is_left_of_a_name_in_the_text_of_a_message_whatever_the_log_is_long() {
    let world = World::new().await;
    let named = world.ran(1, json!({ "text": "Tell  ANA LEE that it is ready: 'Lee, Ana'." })).await;
    // More calls may name the contact than are read at once.
    world
        .test
        .execute(
            "insert into tool_calls (sub_account_id, token_id, tool, effect, arguments, arguments_hash, policy)
             select sub_account_id, token_id, tool, effect, '{\"text\": \"The lee side\"}', arguments_hash, policy from tool_calls, generate_series(1, 450)",
        )
        .await;
    let last = world.ran(2, json!({ "to": { "name": "Ana Lee" } })).await;
    let (waits, _) = world.ask(9, Utc::now()).await;
    world.forgets("Ana Lee").await;
    assert_eq!(world.removed(&[named, last]).await, 2);
    let removed = "select count(*) from tool_calls where jsonb_exists(arguments, 'removed_with_contact')";
    assert_eq!(world.number(removed).await, 2, "a lee side is nobody");
    let known = approvals::get(&mut world.tx().await, waits).await.unwrap();
    assert_eq!((known.state, known.shown.as_str()), (ApprovalState::Expired, REMOVED_TEXT));
}

#[tokio::test]
async fn a_long_log_is_read_in_pieces_each_of_which_begins_behind_the_last_one() {
    let world = World::new().await;
    let first = world.ran(1, json!({ "contact": CONTACT })).await;
    world
        .test
        .execute(
            "insert into tool_calls (sub_account_id, token_id, tool, effect, arguments, arguments_hash, policy)
             select sub_account_id, token_id, tool, effect, '{\"text\": \"The lee side\"}', arguments_hash, policy from tool_calls, generate_series(1, 900)",
        )
        .await;
    let last = world.ran(2, json!({ "contact": CONTACT })).await;
    let named = Named { ids: vec![CONTACT.to_owned()], ..Named::default() };
    let (mut pieces, mut next) = (0, Some(Uuid::nil()));
    while let Some(after) = next {
        let mut tx = world.tx().await;
        next = erased::forget_piece(&mut tx, &named, after, None).await.unwrap();
        tx.commit().await.unwrap();
        pieces += 1;
        assert!(next.is_none_or(|end| end > after), "no piece is read twice");
    }
    assert!(pieces > 2, "{pieces}");
    assert_eq!(world.removed(&[first, last]).await, 2);
    let removed = "select count(*) from tool_calls where jsonb_exists(arguments, 'removed_with_contact')";
    assert_eq!(world.number(removed).await, 2);
}

#[tokio::test]
async fn what_people_read_of_a_call_goes_with_it_though_only_its_arguments_named_the_contact() {
    let world = World::new().await;
    let (rejected, _) = world.ask(1, Utc::now()).await;
    let mut tx = world.tx().await;
    let no = Decision { by: world.people[0], approved: false, reason: "Not now.", now: Utc::now() };
    assert!(approvals::decide(&mut tx, rejected, no).await.unwrap().is_some());
    tx.commit().await.unwrap();
    let noted = world.ran(1, json!({ "contact": CONTACT })).await;
    world.forgets("Al").await;
    let mut tx = world.tx().await;
    let known = approvals::get(&mut tx, rejected).await.unwrap();
    assert_eq!((known.state, known.shown.as_str()), (ApprovalState::Rejected, REMOVED_TEXT));
    let look = chain::verify(&mut tx).await.unwrap();
    assert_eq!((look.calls, look.faults), (1, Vec::new()));
    drop(tx);
    assert_eq!(world.removed(&[noted]).await, 1);
}
