//! What cannot be read ends with people, never in silence.

use domain::messaging::{AiMode, Owner};

use super::desk::{Desk, QUESTION};

/// What nobody can read any more.
const BROKEN: [&str; 2] = [
    "insert into ai_agents (sub_account_id, version, published) select id, 1, '{\"links\": 5}' from sub_accounts",
    "update channels set ai_hours = '{\"mon\": 5}'",
];

#[tokio::test]
async fn a_customer_whose_assistant_cannot_be_read_waits_for_people() {
    for broken in BROKEN {
        let desk = Desk::new(AiMode::Auto).await;
        desk.harness.db.execute(broken).await;
        let ada = desk.hears("16505550101", QUESTION).await;
        desk.finish(&desk.harness.worker).await;
        assert_eq!(desk.line(ada).await.owner, Owner::WaitingHuman, "{broken}");
        assert_eq!(desk.notes(ada).await.len(), 1, "{broken}");
    }
}
