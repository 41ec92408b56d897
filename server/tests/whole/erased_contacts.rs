//! Who erases a customer, what does the page say of it, and what is left of the customer afterwards?

use domain::identity::Role;
use domain::tools::{ApprovalState, Outcome, Policy, REMOVED_TEXT};
use domain::{ApiTokenId, ToolApprovalId, ToolCallId};
use serde_json::{Value, json};
use store::messaging::files;
use store::tools::approvals::{self, NewApproval};
use store::tools::calls::{self, Ended, NewCall};
use store::tools::chain;

use crate::conversations::Inbox;
use crate::helpers::TestApp;

/// The customer of [`Inbox`], as every table with something of them holds one of these.
const OF_CUSTOMER: [&str; 2] = ["13055550142", "Ana Diaz"];

#[tokio::test]
async fn a_customer_is_erased_by_whoever_may_and_nothing_is_left_but_a_line_without_words() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let (owner, member) = (app.person(Role::BusinessOwner, &tenant).await, app.person(Role::TeamMember, &tenant).await);
    let (owners, members) = (app.sign_in(owner).await, app.sign_in(member).await);
    let inbox = Inbox::new(&app, &tenant, owner).await;
    inbox.picture().await;
    inbox.answer().await;
    inbox.scheduled().await;
    let contact = inbox.contact().await.to_string();
    let page = format!("/b/{}/inbox/{}", tenant.business, inbox.conversation);
    let form = format!("business={}&contact={contact}", tenant.business);

    assert!(!app.browse(&page, Some(&members)).await.body.contains("/do/erase_contact"), "no button for others");
    let shown = app.browse(&page, Some(&owners)).await.body;
    assert!(shown.contains("/do/erase_contact") && shown.contains("Usage totals and log entries stay"), "{shown}");
    app.post("erase_contact", &form, &page, &members).await;
    assert!(app.browse(&page, Some(&owners)).await.body.contains("Ana Diaz"), "nothing happened");
    let done = app.post("erase_contact", &form, &page, &owners).await;
    assert_eq!(done.location, format!("/b/{}/inbox", tenant.business), "{}", done.body);
    let told = app.browse(&done.location, Some(&owners)).await.body;
    assert!(told.contains("Erasing the contact.") && !told.contains("Ana Diaz"), "{told}");
    assert_eq!(app.audited(owner, "contact.erased", "ok").await, 1);

    for _ in 0..3 {
        worker::testing::run_periodic(&app.worker).await.unwrap();
    }
    let left = app.base.contents().await.into_iter().filter(|(table, rows)| {
        // What somebody sent waits in the session for one page.
        let names_it = table.starts_with("audit_") || table == "sessions";
        OF_CUSTOMER.iter().any(|text| rows.contains(text)) || !names_it && rows.contains(&contact)
    });
    assert_eq!(left.map(|(table, _)| table).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(files::used(&mut inbox.tx().await).await.unwrap(), 0, "the file is gone");
}

/// An agent called a tool with these arguments, and the call ended, or runs.
async fn called(inbox: &Inbox, arguments: Value, ends: bool) -> ToolCallId {
    let mut tx = inbox.tx().await;
    let call = NewCall {
        token: store::new_id::<ApiTokenId>(),
        token_name: "Claude",
        tool: "demo_write",
        effect: "write",
        arguments: &arguments,
        hash: &[7; 32],
        policy: Policy::Allow,
        approval: None,
    };
    let id = calls::begin(&mut tx, &call).await.unwrap();
    if ends {
        let ended = Ended { outcome: Outcome::Failed, reason: Some("Ana Diaz has no number."), bytes: None, ms: 1 };
        calls::end(&mut tx, id, ended).await.unwrap();
    }
    tx.commit().await.unwrap();
    id
}

/// An agent asked a person about a call with these arguments.
async fn asked(inbox: &Inbox, byte: u8, arguments: Value, shown: &str) -> ToolApprovalId {
    let mut tx = inbox.tx().await;
    let new = NewApproval {
        token: store::new_id::<ApiTokenId>(),
        token_name: "Claude",
        tool: "demo_write",
        arguments: &arguments,
        hash: &[byte; 32],
        shown,
        now: web::clock::now(),
    };
    let (id, _) = approvals::ask(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

#[tokio::test]
async fn the_log_of_ai_tools_names_an_erased_customer_no_more_and_its_chain_is_whole() {
    let app = TestApp::new().await;
    let tenant = app.tenant().await;
    let owner = app.person(Role::BusinessOwner, &tenant).await;
    let owners = app.sign_in(owner).await;
    let inbox = Inbox::new(&app, &tenant, owner).await;
    let contact = inbox.contact().await.to_string();
    let named = [
        called(&inbox, json!({ "contact": contact, "name": "Ana" }), true).await,
        called(&inbox, json!({ "conversation": inbox.conversation }), true).await,
        called(&inbox, json!({ "to": "+13055550142" }), false).await,
        called(&inbox, json!({ "about": ["ANA DIAZ"] }), true).await,
    ];
    let other = json!({ "contact": "018f0000-0000-7000-8000-000000000000", "name": "Ana Maria" });
    let kept = called(&inbox, other.clone(), false).await;
    let (by_id, by_name, of_other) = (
        asked(&inbox, 1, json!({ "contact": contact }), "Write to a customer").await,
        asked(&inbox, 2, json!({}), "Write to Ana Diaz:\n+ Hello").await,
        asked(&inbox, 3, other.clone(), "Write to Ana Maria").await,
    );

    let form = format!("business={}&contact={contact}", tenant.business);
    app.post("erase_contact", &form, &format!("/b/{}/inbox/{}", tenant.business, inbox.conversation), &owners).await;
    let mut tx = inbox.tx().await;
    for id in [by_id, by_name] {
        let one = approvals::get(&mut tx, id).await.unwrap();
        assert_eq!(
            (one.shown.as_str(), one.state),
            (REMOVED_TEXT, ApprovalState::Expired),
            "nobody approves it any more"
        );
    }
    let line = calls::get(&mut tx, named[0]).await.unwrap();
    assert!(!line.is_removed(), "a log may be long: it is read in the background");
    drop(tx);
    worker::testing::run_periodic(&app.worker).await.unwrap();
    let mut tx = inbox.tx().await;
    for id in named {
        let line = calls::get(&mut tx, id).await.unwrap();
        assert!(line.is_removed() && line.reason.is_empty() && line.tool == "demo_write", "{line:?}");
    }
    assert_eq!(calls::get(&mut tx, kept).await.unwrap().arguments, other, "others stay");
    assert_eq!(approvals::get(&mut tx, of_other).await.unwrap().state, ApprovalState::Waiting);
    for id in [named[2], kept] {
        calls::end(&mut tx, id, Ended { outcome: Outcome::Done, reason: None, bytes: None, ms: 1 }).await.unwrap();
    }
    let look = chain::verify(&mut tx).await.unwrap();
    assert_eq!((look.calls, look.faults), (5, Vec::new()));
    tx.commit().await.unwrap();

    let page = format!("/b/{}/ai-tools/log/{}", tenant.business, named[0]);
    let shown = app.browse(&page, Some(&owners)).await.body;
    assert!(shown.contains("Removed, because the contact was erased.") && !shown.contains(&contact), "{shown}");
    app.base.execute("update tool_calls set tool = 'other' where jsonb_exists(arguments, 'removed_with_contact') and reason is null and seq = 1").await;
    let look = chain::verify(&mut inbox.tx().await).await.unwrap();
    assert_eq!(look.faults.len(), 1, "what is left of a call is still proven: {:?}", look.faults);
}
